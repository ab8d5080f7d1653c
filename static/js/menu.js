// Menus are <details>: this adds Escape, a click outside, one open at a time, and the arrow keys.
const menus = () => document.querySelectorAll("details[data-menu][open]");
const entries = (menu) => [...menu.querySelectorAll("ul :is(a, button, input)")];

document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details[data-menu]") || !event.target.open) return;
  for (const menu of menus()) if (menu !== event.target) menu.open = false;
}, true);

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const menu = event.target.closest?.("details[data-menu]");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  menu.open = true;
  const list = entries(menu);
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = list.indexOf(document.activeElement);
  list.at(at < 0 ? (step > 0 ? 0 : -1) : (at + step) % list.length)?.focus();
});
