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

// Whose words are not known is asked first; else Enter on the button is all that is left to do.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "read") return;
  const open = document.querySelector("#read [aria-invalid], .chat-cards [data-empty]");
  const next = open ?? document.querySelector("#read footer button");
  if (document.activeElement?.id === "id_log" && event.detail.requestConfig?.triggeringEvent?.inputType === "insertText") return;
  next?.focus();
});
