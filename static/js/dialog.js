// data-opens="id" opens a <dialog>, data-close closes it; a click on the ground closes it too.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (dialog?.showModal) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  if (event.target.closest("[data-close]") || (event.target === dialog && outside(dialog, event))) {
    dialog.close();
  }
});

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right
    || event.clientY < box.top || event.clientY > box.bottom;
}

// The server's answer to a stale write is read before anything else.
export function focusStale(root = document) {
  root.querySelector("[data-stale]:not(.kit *)")?.focus();
}
focusStale();
