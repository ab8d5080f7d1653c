// A form is sent once; a refused one shows its faults first; data-leave asks before typed text is lost.
import { word } from "./words.js";

const sending = new WeakSet();
const dirty = new Set();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.matches("[data-theme-form]")) return;
  if (sending.has(form)) {
    event.preventDefault();
    return;
  }
  dirty.delete(form);
  if (form.matches("[data-hx-post], [hx-post]")) return;
  sending.add(form);
  form.setAttribute("aria-busy", "true");
  const button = event.submitter;
  if (button?.dataset.kind === "primary") button.dataset.sending = word("sending");
});

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) {
    sending.delete(form);
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("[data-sending]")) delete button.dataset.sending;
  }
});

// So may a form that htmx sent and that was refused.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (event.detail.successful || !sending.delete(form)) return;
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("[data-sending]")) delete button.dataset.sending;
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-leave]")) dirty.add(form);
});

window.addEventListener("beforeunload", (event) => {
  for (const form of dirty) if (!form.isConnected) dirty.delete(form);
  if (dirty.size) event.preventDefault();
});

// Ctrl or ⌘ with Enter sends: what is written, or whatever a dialog asks; never while an input
// method is composing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || event.keyCode === 229) return;
  const dialog = event.target.closest("dialog");
  const form = dialog ? event.target.form ?? dialog.querySelector("form") : event.target.matches("textarea") && event.target.form;
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button:not([type=button])"));
});

export function focusErrors(root = document) {
  root.querySelector("[data-form-errors]:not(.kit *)")?.focus();
}
focusErrors();
