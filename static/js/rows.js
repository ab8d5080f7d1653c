// The list of the desk: which row is current, moving along it, and where it was scrolled to.
import { on } from "./keys.js";

export const rows = () => [...document.querySelectorAll("[data-rows] > .row")];
const list = () => document.querySelector("[data-rows]");

// Where the shown ticket stood last: an act may have taken it out of the list, and the next one
// stands there now.
let stood = 0;

export function markCurrent() {
  const shown = document.querySelector("main[data-ticket]")?.dataset.ticket;
  for (const [at, row] of rows().entries()) {
    if (row.id !== `row-${shown}`) row.removeAttribute("aria-current");
    else {
      row.setAttribute("aria-current", "true");
      stood = at;
    }
  }
}

function move(step) {
  const all = rows();
  const at = all.findIndex((row) => row.hasAttribute("aria-current"));
  const isFirst = at < 0 && !document.querySelector("main[data-ticket]");
  const next = all[at >= 0 ? at + step : isFirst ? 0 : Math.max(0, step > 0 ? stood : stood - 1)];
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  document.dispatchEvent(new CustomEvent("desk:moved", { detail: next }));
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
