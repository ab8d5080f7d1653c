// The desk: dialogs, writing, keys. Every act works without this; it only saves time.
import "./asked.js";
import "./people.js";
import "./rows.js";
import "./fill.js";
import "./write.js";
import "./composer.js";
import "./picker.js";
import "./judge.js";
import { on } from "./keys.js";

document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  if (target.id !== "act" || !target.childElementCount) return;
  if (!target.open) target.showModal();
  target.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
});

on("undo", () => {
  const undo = [...document.querySelectorAll("#toasts [data-undo]")].at(-1);
  undo?.click();
  return undo ? undefined : "pass";
});

// What comes after an act is kept as it is chosen, without leaving the page.
document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-after]");
  if (form) fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => {});
});
