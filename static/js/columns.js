// The columns of the table are put in order by two buttons each; without scripts they keep theirs.
function setUp() {
  for (const list of document.querySelectorAll("[data-sortable]")) {
    for (const movers of list.querySelectorAll("[data-movers]")) movers.hidden = false;
  }
}
setUp();
document.addEventListener("htmx:afterSwap", setUp);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sortable] [data-move-by]");
  if (!button) return;
  const item = button.closest("li");
  if (button.dataset.moveBy === "-1") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  button.focus();
});
