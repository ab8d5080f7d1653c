// Rows of the contract, filled in place, and where the focus goes on afterwards.
import { on } from "./keys.js";

const CONTROL = "select, textarea, input:not([type=hidden])";

// A choice in a contract row is saved as it is made, when it is all the row asks. The arrow keys
// pass over choices on their way: what they reach is saved by Enter or by leaving the field.
const soleChoice = (node) => {
  const form = node.matches?.("select") && node.closest("[data-fill]");
  return form && form.querySelectorAll(CONTROL).length === 1 ? form : null;
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

// The first open row, of those named if there are any: its control, its link, else the row itself.
export function focusOpenRow(names = []) {
  const contract = document.querySelector("main .contract");
  if (!contract) return false;
  contract.open = true;
  const open = [...contract.querySelectorAll("li[data-open]")];
  const row = open.find((item) => names.includes(item.dataset.row)) ?? (names.length ? null : open[0]);
  if (!row) return false;
  row.scrollIntoView({ block: "nearest" });
  (row.querySelector(`${CONTROL}, a, button`) ?? row).focus({ preventScroll: true });
  return true;
}

on("fill", () => (focusOpenRow() ? undefined : "pass"));

// Whoever works by keyboard goes on where they were: in the next open row, else in the ticket.
let wasFilling = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  const at = event.detail.requestConfig?.elt ?? document.activeElement;
  wasFilling = Boolean(at?.closest?.("[data-fill], .contract"));
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "stage") return;
  if (document.activeElement !== document.body || document.querySelector("dialog:modal")) return;
  const row = wasFilling && document.querySelector(`[data-fill] :is(${CONTROL})`);
  (row || document.querySelector("main[data-ticket]"))?.focus({ preventScroll: true });
});
