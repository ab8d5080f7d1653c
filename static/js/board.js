// The board: drag a card, or Shift with an arrow key. The server decides; a card it refuses goes back.
const boardOf = (node) => node.closest?.("[data-board]");
const columnOf = (card) => card.closest("[data-column]");
let from = null;

function send(card, column) {
  const board = boardOf(card);
  if (!board || !column || columnOf(card) === column) return;
  from = { card, parent: card.parentElement, next: card.nextElementSibling };
  column.querySelector("ol").prepend(card);
  card.setAttribute("aria-busy", "true");
  window.htmx.ajax("POST", `${board.dataset.base}${card.dataset.card}/place/${board.dataset.address}`, {
    source: board, target: "#stage", select: "#stage", swap: "outerHTML show:none",
    values: {
      by: board.dataset.board, column: column.dataset.column, version: card.dataset.version,
      form_key: crypto.randomUUID?.() ?? "",
    },
  });
}

function putBack() {
  if (!from) return;
  const { card, parent, next } = from;
  from = null;
  card.removeAttribute("aria-busy");
  if (!parent.isConnected) return;
  parent.insertBefore(card, next);
  card.querySelector("a.title").focus();
}

// The verb needs words first: its own form asks for them.
document.addEventListener("board:ask", (event) => {
  window.htmx.ajax("GET", event.detail.url, { target: "#act", select: "#act-form", swap: "innerHTML" });
});

// Done, the board is drawn anew; refused, or its form left, the card is where it was.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "stage") from = null;
  if (event.detail.target.id === "refusal") putBack();
});
document.addEventListener("htmx:responseError", putBack);
document.addEventListener("htmx:sendError", putBack);
document.addEventListener("close", (event) => {
  if (event.target.id === "act" || event.target.id === "refusal") putBack();
}, true);

let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-card]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.querySelector("a.title").href);
});
document.addEventListener("dragover", (event) => {
  const column = dragged && event.target.closest?.("[data-column]");
  for (const other of document.querySelectorAll("[data-column][data-over]")) {
    if (other !== column) other.removeAttribute("data-over");
  }
  if (!column) return;
  event.preventDefault();
  column.setAttribute("data-over", "");
});
document.addEventListener("drop", (event) => {
  const column = dragged && event.target.closest?.("[data-column]");
  if (!column) return;
  event.preventDefault();
  send(dragged, column);
});
document.addEventListener("dragend", () => {
  dragged = null;
  for (const column of document.querySelectorAll("[data-over]")) column.removeAttribute("data-over");
});

const beside = (column, step) => {
  const all = [...document.querySelectorAll("[data-column]")];
  return all[all.indexOf(column) + step];
};
const focusOn = (card) => card?.querySelector("a.title").focus();

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.code];
  if (!step) return;
  event.preventDefault();
  if (event.code === "ArrowLeft" || event.code === "ArrowRight") {
    const column = beside(columnOf(card), step);
    if (event.shiftKey) send(card, column);
    else focusOn(column?.querySelector("[data-card]"));
  } else if (!event.shiftKey) {
    const cards = [...columnOf(card).querySelectorAll("[data-card]")];
    focusOn(cards[cards.indexOf(card) + step]);
  }
});

let asked = null;
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move], [data-to]");
  if (!button) return;
  const dialog = document.getElementById("board-move");
  if (button.matches("[data-move]")) {
    asked = button.closest("[data-card]");
    const here = columnOf(asked).dataset.column;
    for (const to of dialog.querySelectorAll("[data-to]")) to.disabled = to.dataset.to === here;
    dialog.showModal();
    return;
  }
  dialog.close();
  const column = document.querySelector(`[data-column="${CSS.escape(button.dataset.to)}"]`);
  if (asked) send(asked, column);
});
