// Fields that ask while one types (hx-trigger "input …") wait until an input method has composed:
// the letters of a half-written word are nobody's question. The word itself is asked once it stands.
const asks = (field) => field?.closest?.("[hx-trigger*='input'], [data-asks-on-input]");

document.addEventListener("input", (event) => {
  if (event.isComposing && asks(event.target)) event.stopImmediatePropagation();
}, true);

document.addEventListener("compositionend", (event) => {
  if (asks(event.target)) event.target.dispatchEvent(new Event("input", { bubbles: true }));
});
