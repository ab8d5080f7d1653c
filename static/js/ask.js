// The box "What's the trouble?": suggestions ask with the first words only, names fill a list.
import "./people.js";
const MOST = 300;

document.addEventListener("htmx:configRequest", (event) => {
  const { parameters, verb } = event.detail;
  // Only what is asked while one types: a form that is sent keeps every word.
  if (verb === "get" && typeof parameters.description === "string") parameters.description = parameters.description.slice(0, MOST);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  const form = event.target.closest("[data-ask]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

// Words typed before this file came, or that the browser brought back, are asked as well.
document.addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector("[data-ask] textarea");
  if (field?.value.trim()) field.dispatchEvent(new Event("ask"));
});
