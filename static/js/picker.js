// A dialog that searches: the arrow keys walk what was found, Enter takes it or the first.
document.addEventListener("keydown", (event) => {
  const picker = event.target.closest?.("[data-picker]");
  if (!picker || event.isComposing || event.keyCode === 229) return;
  // What takes: a link, or the button of a form beside a link that only looks.
  const links = [...picker.querySelectorAll(".picks a:not([data-look]), .picks form button")];
  const isSearch = event.target.matches("input[type=search]");
  if (event.key === "Enter" && isSearch) links[0]?.click();
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const at = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    (at < 0 ? picker.querySelector("input[type=search]") : links[Math.min(at, links.length - 1)])?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
