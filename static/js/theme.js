// Light → dark → system at once; the form's POST keeps the choice (without scripts it is the form alone).
const ORDER = ["light", "dark", "system"];
const ICONS = { light: "sun", dark: "moon", system: "monitor" };
const root = document.documentElement;

export function showTheme(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  const theme = button.value;
  const data = new FormData(form);
  data.set("theme", theme);
  showTheme(theme);
  const use = button.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${ICONS[theme]}`));
  button.value = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
  // Not kept when the server is away: the next page simply shows the theme of before.
  fetch(form.action, { method: "POST", body: data, redirect: "manual" }).catch(() => {});
});
