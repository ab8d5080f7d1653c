// Files of the submit form: each goes up at once, with progress, and waits with the draft.
import { word } from "./words.js";

const MB = 1024 * 1024;
const size = (bytes) => (bytes < MB ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / MB).toFixed(1)} MB`);
let form;
let hooks;
let line = Promise.resolve();

function said(name, values) {
  let text = form.dataset[name];
  for (const [key, value] of Object.entries(values)) text = text.replaceAll(`{${key}}`, value);
  return text;
}

function element(tag, properties, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const keyOf = (input) => (input.name.startsWith("custom.") ? input.name.slice("custom.".length) : "");
const placeOf = (input) => form.querySelector(`[data-waiting="${CSS.escape(keyOf(input))}"]`);

function settle(place) {
  place.hidden = !place.childElementCount;
  hooks.changed();
}

function refuse(place, text) {
  const row = element("li", { className: "file" }, [element("span", { textContent: text })]);
  row.dataset.tone = "seal";
  row.setAttribute("role", "alert");
  const close = element("button", { type: "button", className: "file-remove", textContent: "×", ariaLabel: word("dismiss") });
  close.addEventListener("click", () => {
    row.remove();
    settle(place);
  });
  row.append(close);
  place.append(row);
  settle(place);
}

function kept(place, file) {
  const parts = [];
  if (file.isDrawn) parts.push(element("img", { src: file.url, alt: "", className: "thumb", loading: "lazy" }));
  parts.push(element("a", { href: file.url, target: "_blank", rel: "noopener", className: "clip", textContent: file.name }));
  parts.push(element("span", { className: "mute", textContent: file.size }));
  const remove = element("button", { type: "button", className: "file-remove", textContent: "×", ariaLabel: said("saidRemove", { name: file.name }) });
  remove.dataset.remove = file.remove;
  const row = element("li", { className: "file" }, [...parts, remove]);
  row.dataset.kept = file.id;
  place.append(row);
  settle(place);
}

function upload(input, file) {
  const place = placeOf(input);
  const bar = element("progress", { max: 100, value: 0, ariaLabel: said("saidUploading", { name: file.name }) });
  const request = new XMLHttpRequest();
  const stop = element("button", { type: "button", className: "file-remove", textContent: "×", ariaLabel: said("saidRemove", { name: file.name }) });
  stop.addEventListener("click", () => request.abort());
  const row = element("li", { className: "file" }, [element("span", { className: "clip", textContent: file.name }), bar, stop]);
  place.append(row);
  place.hidden = false;
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.set("draft", form.elements.draft.value);
  data.set("field", keyOf(input));
  data.set("file", file, file.name || "file");
  return new Promise((finish) => {
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
    });
    let isStopped = false;
    request.addEventListener("abort", () => { isStopped = true; });
    request.addEventListener("loadend", () => {
      row.remove();
      const isJson = request.getResponseHeader("Content-Type")?.startsWith("application/json");
      const answer = isJson ? JSON.parse(request.responseText) : null;
      if (request.status === 201) {
        hooks.took(answer);
        kept(place, answer.file);
      } else if (!isStopped) refuse(place, answer?.problems.join(" ") ?? said("saidFailed", { name: file.name }));
      settle(place);
      finish();
    });
    request.open("POST", form.dataset.filesUrl);
    request.send(data);
  });
}

function add(input, files) {
  const most = Number(input.dataset.maxCount || 0);
  const largest = Number(input.dataset.maxBytes || 0);
  const place = placeOf(input);
  let waiting = place.querySelectorAll("[data-kept]").length;
  for (const file of files) {
    if (most && waiting >= most) refuse(place, said("saidMany", { name: file.name, count: most }));
    else if (largest && file.size > largest) refuse(place, said("saidLarge", { name: file.name, limit: size(largest) }));
    else {
      waiting += 1;
      // One after the other: the first file begins the draft, the others join it.
      line = line.then(() => upload(input, file));
    }
  }
  hooks.pending = line;
}

async function leaveOut(button) {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const answer = await fetch(button.dataset.remove, { method: "POST", body: data, redirect: "manual" });
  if (!answer.ok && answer.status !== 404) return;
  const place = button.closest("[data-waiting]");
  button.closest("li").remove();
  settle(place);
  form.elements.description.focus();
}

// Enter in a field presses the first button that sends: with scripts none of these does.
export function enhanceWaiting() {
  for (const button of form.querySelectorAll("[data-remove]")) button.type = "button";
}

export function uploadTo(into, given) {
  form = into;
  hooks = given;
  enhanceWaiting();
  form.addEventListener("files", (event) => {
    const input = event.target.querySelector("input[type=file]");
    if (input) add(input, event.detail);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    event.preventDefault();
    leaveOut(button);
  });
  // Sent while files are on their way: the ticket follows them.
  let isWaiting = false;
  form.addEventListener("submit", (event) => {
    if (isWaiting || !form.querySelector(".file progress")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isWaiting = true;
    form.querySelector("[data-draft-said]").textContent = form.dataset.saidWaits;
    line.then(() => form.requestSubmit(event.submitter));
  }, true);
}
