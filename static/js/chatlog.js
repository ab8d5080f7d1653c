// A pasted chat log: names while one types, and the lines for the group copied with one press.
import "./people.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Without https, or where the browser was told no, the old way still copies what is selected.
    field.select();
    if (!document.execCommand("copy")) return;
  }
  document.getElementById(`${button.dataset.copy}-said`).textContent = button.dataset.copied;
});

// After a paste, whose words are not known is asked first; else Enter on the button is all that is
// left to do. Whoever types into the log is left alone.
let pasted = false;
document.addEventListener("paste", (event) => {
  pasted = event.target.id === "id_log";
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "read" || !pasted) return;
  pasted = false;
  const read = document.getElementById("read");
  const next = read.querySelector("[aria-invalid], [data-empty]") ?? read.querySelector("footer button");
  next?.focus();
});
