// The desk: dialogs, writing, keys. Every act works without this; it only saves time.
import "./people.js";
import "./rows.js";
import "./fill.js";
import { on } from "./keys.js";

document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  if (target.id !== "act" || !target.childElementCount) return;
  if (!target.open) target.showModal();
  target.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
});

function write(isNote) {
  const composer = document.querySelector(".compose [data-composer]");
  if (!composer) return "pass";
  const choice = composer.querySelector(`input[name=note][value="${isNote ? "on" : ""}"]`);
  if (choice) {
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  }
  composer.querySelector("textarea").focus();
  return undefined;
}

on("reply", () => write(false));
on("note", () => write(true));
on("undo", () => {
  const undo = [...document.querySelectorAll("#toasts [data-undo]")].at(-1);
  undo?.click();
  return undo ? undefined : "pass";
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-reply]")) return;
  event.preventDefault();
  write(false);
});
