// The desk: rows, dialogs, keys. Every act works without this; it only saves time.
import "./people.js";
const typing = (node) => node.closest?.("input, textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-rows] > .row")];
const list = () => document.querySelector("[data-rows]");

function markCurrent() {
  const shown = document.querySelector("main[data-ticket]")?.dataset.ticket;
  for (const row of rows()) {
    if (row.id === `row-${shown}`) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

// A list that is drawn anew stays where it was scrolled to.
let scrolled = 0;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "stage") scrolled = list()?.scrollTop ?? 0;
});

document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  if (target.id === "act" && target.childElementCount) {
    if (!target.open) target.showModal();
    target.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
  }
  if (list()) list().scrollTop = scrolled;
  markCurrent();
  if (target.id === "stage") goOn();
});

// A choice in a contract row is saved as it is made, when it is all the row asks. The arrow keys
// pass over choices on their way: what they reach is saved by Enter or by leaving the field.
const soleChoice = (node) => {
  const form = node.matches?.("select") && node.closest("[data-fill]");
  return form && form.querySelectorAll("select, textarea, input:not([type=hidden])").length === 1 ? form : null;
};

function saveChoice(select) {
  delete select.dataset.byKeys;
  if (![...select.options].some((option) => option.selected !== option.defaultSelected)) return;
  select.form.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (!soleChoice(event.target)) return;
  if (event.key !== "Enter") event.target.dataset.byKeys = "yes";
  else if (event.target.dataset.byKeys) {
    event.preventDefault();
    saveChoice(event.target);
  }
});

document.addEventListener("pointerdown", (event) => delete event.target.dataset?.byKeys);
document.addEventListener("change", (event) => {
  if (soleChoice(event.target) && !event.target.dataset.byKeys) saveChoice(event.target);
});
document.addEventListener("focusout", (event) => {
  if (soleChoice(event.target) && event.target.dataset.byKeys) saveChoice(event.target);
});

// Whoever works by keyboard goes on where they were: in the next open row, else in the ticket.
let wasFilling = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  const at = event.detail.requestConfig?.elt ?? document.activeElement;
  wasFilling = Boolean(at?.closest?.("[data-fill], .contract"));
});

function goOn() {
  if (document.activeElement !== document.body || document.querySelector("dialog:modal")) return;
  const row = wasFilling && document.querySelector("[data-fill] select, [data-fill] textarea, [data-fill] input:not([type=hidden])");
  (row || document.querySelector("main[data-ticket]"))?.focus({ preventScroll: true });
}

function move(step) {
  const all = rows();
  const at = all.findIndex((row) => row.hasAttribute("aria-current"));
  const next = all[at < 0 ? 0 : at + step];
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a.title").click();
}

function write(isNote) {
  const composer = document.querySelector(".compose [data-composer]");
  if (!composer) return;
  const choice = composer.querySelector(`input[name=note][value="${isNote ? "on" : ""}"]`);
  if (choice) choice.checked = true;
  composer.querySelector("textarea").focus();
}

const acts = {
  KeyJ: () => move(1),
  KeyK: () => move(-1),
  KeyR: () => write(false),
  KeyN: () => write(true),
  Slash: () => document.querySelector("[data-search]")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (typing(event.target) || document.querySelector("dialog:modal")) return;
  const act = acts[event.code] ?? pressed(event.code);
  if (!act) return;
  event.preventDefault();
  act();
});

function pressed(code) {
  const target = document.querySelector(`[data-code="${code}"]:not([disabled])`);
  return target ? () => target.click() : null;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-reply]")) return;
  event.preventDefault();
  write(false);
});

markCurrent();
document.querySelector(".row[aria-current]")?.scrollIntoView({ block: "nearest" });
