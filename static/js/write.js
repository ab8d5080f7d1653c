// The composer of the desk: who reads it, and what is put into it.
import { isComposing, on } from "./keys.js";

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

// Escape leaves the writing (what is written stays), and sending does too: the keys work again.
const leave = () => document.querySelector("main[data-ticket]")?.focus({ preventScroll: true });

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || isComposing(event) || !event.target.closest?.(".compose [data-composer]")) return;
  leave();
});

// Whoever stays on the ticket sees what they sent: it stands at the end of a long page.
const shown = () => document.querySelector("main[data-ticket]")?.dataset.ticket;

let wasSent = false;
let sentOn = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  wasSent = Boolean(event.detail.requestConfig?.elt?.closest?.(".compose")) && event.detail.target?.id === "stage";
  sentOn = shown();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (!wasSent || event.detail.target.id !== "stage" || document.querySelector("dialog:modal")) return;
  leave();
  if (sentOn !== shown()) return;
  [...document.querySelectorAll("[data-entries] article.msg")].at(-1)?.scrollIntoView({ block: "center" });
});
