// File inputs: paste and drop, a list with sizes, and leaving one out again. The plain input works alone.
import { word } from "./words.js";
import { showToast } from "./toast.js";

const MB = 1024 * 1024;
const size = (bytes) => (bytes < MB ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / MB).toFixed(1)} MB`);
// Of several, the one of the page itself: what is pasted belongs to no field of its own.
const inputOf = (root) => root?.querySelector("input[type=file][name=files]") ?? root?.querySelector("input[type=file]");
// A file dropped anywhere on a ticket goes to its composer.
const rootOf = (node) => node.closest?.("[data-drop], [data-composer]")
  ?? node.closest?.("form[data-submit-draft]")?.querySelector("[data-drop]:has([name=files])")
  ?? node.closest?.("main.ticket, main:has(form[data-draft-url])")?.querySelector("form[data-draft-url]");
// A form that keeps drafts takes its files up itself.
const takesUp = (root) => root?.matches?.("form[data-draft-url], form[data-submit-draft] [data-drop]");

function put(input, files) {
  const limit = Number(input.dataset.maxBytes || 0);
  const chosen = new DataTransfer();
  for (const file of files) {
    if (limit && file.size > limit) {
      showToast(word("tooLarge", { name: file.name, limit: size(limit) }), { tone: "seal" });
    } else if (input.multiple || !chosen.items.length) chosen.items.add(file);
  }
  input.files = chosen.files;
  list(input);
}

function add(input, files) {
  const root = rootOf(input);
  if (takesUp(root)) {
    root.dispatchEvent(new CustomEvent("files", { detail: [...files], bubbles: true }));
    input.value = "";
    return;
  }
  put(input, input.multiple ? [...input.files, ...files] : [...files].slice(0, 1));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function list(input) {
  const place = rootOf(input)?.querySelector("[data-files]");
  if (!place) return;
  place.replaceChildren(...[...input.files].map((file, index) => {
    const row = document.createElement("li");
    row.className = "file";
    const name = Object.assign(document.createElement("span"), { className: "clip", textContent: file.name });
    const weight = Object.assign(document.createElement("span"), { className: "mute", textContent: size(file.size) });
    const remove = Object.assign(document.createElement("button"), {
      type: "button", className: "file-remove", textContent: "×", ariaLabel: word("remove", { name: file.name }),
    });
    remove.addEventListener("click", () => {
      put(input, [...input.files].filter((_, other) => other !== index));
      input.focus();
    });
    row.append(name, weight, remove);
    return row;
  }));
  place.hidden = !input.files.length;
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("input[type=file]")) return;
  if (takesUp(rootOf(event.target))) add(event.target, [...event.target.files]);
  else put(event.target, [...event.target.files]);
});

document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const form = event.target.closest?.("form") ?? document.querySelector("form[data-submit-draft]");
  const input = inputOf(form);
  if (!files.length || !input) return;
  event.preventDefault();
  add(input, files);
});

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const root = rootOf(event.target);
    const input = inputOf(root);
    if (!input || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    root.toggleAttribute("data-over", name === "dragover");
    if (name === "drop") add(input, [...event.dataTransfer.files]);
  });
}

// With scripts the words of the control are the page's own, not the browser's.
export function enhanceFiles(root = document) {
  for (const field of root.querySelectorAll("[data-drop]")) {
    for (const part of field.querySelectorAll("[data-drop-hint], [data-choose]")) part.hidden = false;
    inputOf(field)?.classList.add("vh");
  }
}
enhanceFiles();
