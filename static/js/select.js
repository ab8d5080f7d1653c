// Selecting tickets of the list (x, shift-click, ⇧J ⇧K, ⇧A) and acting on all of them at once.
//
// While something is selected, the keys of the bulk bar open its dialogs instead of the ticket's,
// and Escape lets go. The selection outlives a redrawn list and another page of the same place.
/* global htmx */
import { isComposing, isField, on } from "./keys.js";
import { rows } from "./rows.js";

const chosen = new Map(); // number → version that was read
let whole = false; // everything of the place, on all of its pages
let anchor = null; // where a range began
let cursor = null; // the row the keys stand on
let place = null;

const bar = () => document.querySelector("[data-bulk]");
const keyOf = (row) => row.id.replace("row-", "");
const find = (key) => rows().find((row) => keyOf(row) === key);
const fill = (text, values) => Object.entries(values).reduce((t, [k, v]) => t.replaceAll(`{${k}}`, v), text);

export const isSelecting = () => whole || chosen.size > 0;

function set(row, isOn) {
  if (isOn) chosen.set(keyOf(row), row.dataset.version ?? "");
  else chosen.delete(keyOf(row));
  if (!isOn) whole = false;
}

function draw() {
  const at = bar();
  if (!at) return;
  for (const row of rows()) {
    const isOn = whole || chosen.has(keyOf(row));
    const box = row.querySelector(".check") ?? addBox(row, at);
    box.checked = isOn;
    row.toggleAttribute("data-selected", isOn);
    row.toggleAttribute("data-cursor", keyOf(row) === cursor && isSelecting());
  }
  at.closest(".tickets")?.toggleAttribute("data-selecting", isSelecting());
  at.hidden = !isSelecting();
  at.querySelector("[data-bulk-count]").textContent = whole
    ? fill(at.dataset.all, { place: at.dataset.place })
    : fill(at.dataset.one, { n: chosen.size });
  at.querySelector("[data-bulk-whole]").hidden = whole || !rows().every((row) => chosen.has(keyOf(row)));
  for (const button of at.querySelectorAll("[data-needs-selection]")) button.disabled = whole;
}

function addBox(row, at) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.className = "check";
  box.tabIndex = -1; // by key it is x; fifty stops would be in everybody's way
  box.setAttribute("aria-label", fill(at.dataset.mark, { ref: `OPS-${keyOf(row)}` }));
  (row.cells?.[0] ?? row).prepend(box);
  return box;
}

export function clear() {
  chosen.clear();
  whole = false;
  anchor = cursor = null;
  draw();
}

function current() {
  return (cursor && find(cursor)) || rows().find((row) => row.hasAttribute("aria-current")) || rows()[0];
}

function toggle(row) {
  anchor = cursor = keyOf(row);
  if (whole) takePage();
  set(row, !chosen.has(keyOf(row)));
  draw();
}

function takePage() {
  whole = false;
  for (const row of rows()) set(row, true);
}

function range(to) {
  const all = rows();
  const from = all.findIndex((row) => keyOf(row) === anchor);
  const until = all.indexOf(to);
  const [first, last] = from < 0 ? [until, until] : [Math.min(from, until), Math.max(from, until)];
  for (const row of all.slice(first, last + 1)) set(row, true);
  anchor ??= keyOf(to);
  cursor = keyOf(to);
  draw();
}

function extend(step) {
  const row = current();
  if (!row) return "pass";
  if (!isSelecting() || !chosen.has(keyOf(row))) {
    anchor = keyOf(row);
    range(row);
    return undefined;
  }
  const next = rows()[rows().indexOf(row) + step];
  if (!next) return undefined;
  next.scrollIntoView({ block: "nearest" });
  range(next);
  return undefined;
}

on("select", () => {
  const row = current();
  if (!row || !bar()) return "pass";
  toggle(row);
  return undefined;
});
on("select-down", () => extend(1));
on("select-up", () => extend(-1));
on("select-all", () => {
  if (!bar() || !rows().length) return "pass";
  if (rows().every((row) => chosen.has(keyOf(row)))) whole = true;
  takeAll();
  return undefined;
});

function takeAll() {
  for (const row of rows()) set(row, true);
  cursor ??= keyOf(rows()[0]);
  draw();
}

// The dialogs are the server's; the selection travels in the address of the first asking and as a
// hidden field from then on.
function open(button) {
  const url = new URL(button.dataset.actUrl, location.href);
  if (whole && !("needsSelection" in button.dataset)) url.searchParams.set("whole", "on");
  else url.searchParams.set("tickets", [...chosen].map(([key, version]) => (version ? `${key}.${version}` : key)).join(","));
  htmx.ajax("GET", url.pathname + url.search, {
    source: button, target: "#act", select: "#act-form", swap: "innerHTML",
  });
}

document.addEventListener("click", (event) => {
  const at = bar();
  if (!at) return;
  const button = event.target.closest("[data-bulk] [data-act-url]");
  if (button) {
    button.closest("details")?.removeAttribute("open");
    open(button);
    return;
  }
  if (event.target.closest("[data-bulk-clear]")) clear();
  else if (event.target.closest("[data-bulk-whole]")) {
    whole = true;
    draw();
  }
});

// A box takes the click before the link that fills the row; shift-click anywhere takes a range.
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-rows] > .row");
  if (!row || !bar()) return;
  const isBox = event.target.matches(".check");
  if (!isBox && !event.shiftKey) return;
  event.stopPropagation();
  if (!isBox) event.preventDefault();
  if (event.shiftKey) {
    getSelection()?.removeAllRanges();
    anchor ??= keyOf(rows().find((one) => one.hasAttribute("aria-current")) ?? row);
    range(row);
  } else toggle(row);
}, true);

// Before keys.js: these letters mean the selection now.
document.addEventListener("keydown", (event) => {
  if (!isSelecting() || !bar() || isComposing(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (isField(event.target) || document.querySelector("dialog[open]")) return;
  if (event.code === "Escape") {
    if (document.querySelector("details[data-menu][open]")) return;
    clear();
  } else {
    const button = bar().querySelector(`[data-bulk-code="${event.code}"]`);
    if (!button || button.disabled) return;
    open(button);
  }
  event.preventDefault();
  event.stopPropagation();
}, true);

// Moving on with j and k takes the keys of the selection along: x j x selects two.
document.addEventListener("desk:moved", (event) => {
  cursor = isSelecting() ? keyOf(event.detail) : null;
  draw();
});

// What was done is selected no more; another place begins anew.
document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful } = event.detail;
  if (successful && requestConfig?.verb === "post" && requestConfig.path.includes("/desk/bulk/")) clear();
});
document.addEventListener("htmx:afterSettle", () => {
  const now = bar()?.dataset.place ?? null;
  if (now !== place && now !== null) {
    place = now;
    clear();
  } else draw();
});

place = bar()?.dataset.place ?? null;
draw();
