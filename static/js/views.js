// Lists: the form of a condition follows its field, keys open the filter, the view and the board.
import "./board.js";
import { on } from "./keys.js";

const open = (selector) => () => {
  const link = document.querySelector(selector);
  link?.click();
  return link ? undefined : "pass";
};

on("filter", open("[data-filter-add]"));
on("view", open("[data-view-save], .conditions [data-menu] summary"));
on("board", open("[data-board-switch]"));

// Another field or operator has other values: the server draws them.
document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-condition]");
  if (!form || !["field", "operator"].includes(event.target.name)) return;
  const asked = new URLSearchParams(new FormData(form));
  asked.delete("value");
  if (event.target.name === "field") asked.delete("operator");
  const at = event.target.id;
  window.htmx.ajax("GET", `${form.dataset.again}?${asked}`, {
    // Not the form itself: its present value need not be valid to ask for another field.
    source: form.closest("dialog") ?? document.body, target: "#act-form", select: "#act-form", swap: "outerHTML",
  }).then(() => document.getElementById(at)?.focus());
});
