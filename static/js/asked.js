// Fields that are asked only while another holds certain values; the server decides in the end.
function holds(form, part) {
  const name = part.dataset.whenField;
  const other = form.querySelector(`[name="${CSS.escape(name)}"]`);
  if (!other || other.closest("[data-not-asked]")) return false;
  const files = form.querySelector(`[data-waiting="${CSS.escape(name.replace("custom.", ""))}"]`);
  const value = other.type === "file" ? (other.files.length || files?.childElementCount ? "x" : "") : other.value.trim();
  const wanted = part.dataset.whenValues.split("\n").filter(Boolean);
  return wanted.length ? wanted.includes(value) : Boolean(value);
}

export function showAsked() {
  const parts = [...document.querySelectorAll("form [data-when-field]")];
  // A field may depend on one that depends on another: as often as there are fields is enough.
  for (let round = 0; round < parts.length; round += 1) {
    let moved = false;
    for (const part of parts) {
      const box = part.matches("fieldset") ? part : part.closest(".field");
      const isAsked = holds(part.closest("form"), part);
      if (box.hidden === isAsked) {
        box.hidden = !isAsked;
        box.toggleAttribute("data-not-asked", !isAsked);
        moved = true;
      }
    }
    if (!moved) return;
  }
}

for (const name of ["input", "change", "htmx:afterSwap", "htmx:afterSettle"]) document.addEventListener(name, showAsked);
showAsked();
