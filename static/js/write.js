// The composer of the desk: who reads it, and what is put into it.
import { on } from "./keys.js";

// Ready to write to the requester, or (isNote) to colleagues; `text` is put at the end.
export function write(isNote, text = "") {
  const composer = document.querySelector(".compose [data-composer]");
  if (!composer) return "pass";
  const choice = composer.querySelector(`input[name=note][value="${isNote ? "on" : ""}"]`);
  if (choice && !choice.checked) {
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const field = composer.querySelector("textarea");
  if (text) {
    field.value = field.value.trim() ? `${field.value.trimEnd()}\n\n${text}` : `${text}\n\n`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  return undefined;
}

on("reply", () => write(false));
on("note", () => write(true));

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-reply]")) return;
  event.preventDefault();
  write(false);
});
