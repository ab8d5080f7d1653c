// The list of the desk: which row is current, moving along it, and where it was scrolled to.
import { on } from "./keys.js";

export const rows = () => [...document.querySelectorAll("[data-rows] > .row")];
const list = () => document.querySelector("[data-rows]");

export function markCurrent() {
  const shown = document.querySelector("main[data-ticket]")?.dataset.ticket;
  for (const row of rows()) {
    if (row.id === `row-${shown}`) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function move(step) {
  const all = rows();
  const at = all.findIndex((row) => row.hasAttribute("aria-current"));
  const next = all[at < 0 ? 0 : at + step];
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a.title").click();
}

on("next", () => move(1));
on("previous", () => move(-1));
on("open", () => {
  const shown = document.querySelector("main[data-ticket]");
  if (shown) shown.focus({ preventScroll: true });
  else move(1);
});

// A list that is drawn anew stays where it was scrolled to.
let scrolled = 0;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "stage") scrolled = list()?.scrollTop ?? 0;
});
document.addEventListener("htmx:afterSwap", () => {
  if (list()) list().scrollTop = scrolled;
  markCurrent();
});

markCurrent();
document.querySelector(".row[aria-current]")?.scrollIntoView({ block: "nearest" });
