// What may come after a first key: a small strip of choices, each with its key. It takes the next
// key; any key that it does not know closes it and does what it always does.
import { capture, isField, release } from "./keys.js";

const strip = document.createElement("div");
strip.className = "hint";
strip.hidden = true;
strip.setAttribute("role", "group");
strip.setAttribute("aria-live", "polite");
document.body.append(strip);

let open = null;
let before = null;

export function closeHint() {
  if (!open) return;
  const { onClose } = open;
  open = null;
  release(taker);
  const hadFocus = strip.contains(document.activeElement);
  strip.hidden = true;
  strip.replaceChildren();
  if (hadFocus && before?.isConnected) before.focus({ preventScroll: true });
  onClose?.();
}

const element = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

function choose(entry) {
  if (!entry || entry.off) return;
  if (!entry.keep) closeHint();
  entry.run();
}

function buttonOf(entry) {
  const button = element("button", "choice");
  button.type = "button";
  if (entry.cap) button.append(element("kbd", "kbd", entry.cap));
  if (entry.level) button.dataset.level = entry.level;
  button.append(element("span", "", entry.label));
  if (entry.note) button.append(element("small", "mute", entry.note));
  if (entry.off) button.setAttribute("aria-disabled", "true");
  if (entry.current) button.setAttribute("aria-current", "true");
  button.addEventListener("click", () => choose(entry));
  entry.button = button;
  return button;
}

// entries: {code, cap, label, note?, level?, off?, current?, words?, run}; find: label of a field
// that narrows them down by `words`.
export function openHint({ title, entries, find = "", busy = "", onClose = null }) {
  if (!open) before = document.activeElement;
  open = { entries, onClose };
  const head = element("b", "", title);
  head.id = "hint-title";
  strip.setAttribute("aria-labelledby", "hint-title");
  const list = element("div", "choices");
  list.append(...entries.map(buttonOf));
  const parts = [head, list];
  if (busy) parts.push(element("small", "mute", busy));
  if (find) {
    const field = element("input", "input");
    Object.assign(field, { type: "search", placeholder: find, ariaLabel: find, autocomplete: "off" });
    field.addEventListener("input", () => narrow(field.value));
    field.addEventListener("compositionend", () => narrow(field.value));
    open.field = field;
    parts.splice(1, 0, field);
  }
  strip.replaceChildren(...parts);
  strip.hidden = false;
  capture(taker);
}

// Letters leave only the entries that hold them, the first of which Enter takes.
function narrow(text) {
  const wanted = text.trim().toLocaleLowerCase();
  let first = null;
  for (const entry of open?.entries ?? []) {
    const fits = !wanted || (entry.words ?? entry.label).toLocaleLowerCase().includes(wanted);
    entry.button.hidden = !fits;
    entry.button.removeAttribute("data-first");
    if (fits && wanted && !first && !entry.off) first = entry;
  }
  first?.button.setAttribute("data-first", "");
  open.first = first;
}

function inField(event) {
  if (event.code === "Escape") closeHint();
  else if (event.code === "Enter") choose(open.first);
  else if (event.code === "ArrowDown") open.entries.find((entry) => !entry.button.hidden)?.button.focus();
  else return "type";
  return "done";
}

function taker(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return "pass";
  if (open.field && event.target === open.field) return inField(event);
  if (isField(event.target)) return "pass";
  if (event.code === "Escape") {
    closeHint();
    return "done";
  }
  if (event.code === "Tab") return "type";
  // A choice that has the focus is pressed like any button.
  if (["Enter", "Space"].includes(event.code) && strip.contains(event.target)) return "type";
  const entry = open.entries.find((one) => one.codes?.includes(event.code) && !event.shiftKey);
  if (entry) {
    choose(entry);
    return "done";
  }
  if (open.field && (event.code === "Slash" || (event.key?.length === 1 && !event.shiftKey))) {
    open.field.focus();
    return event.code === "Slash" ? "done" : "type";
  }
  closeHint();
  return "pass";
}

document.addEventListener("pointerdown", (event) => {
  if (open && !strip.contains(event.target)) closeHint();
});
document.addEventListener("focusin", (event) => {
  if (open && isField(event.target) && !strip.contains(event.target)) closeHint();
});
