// The demand table as quick as a spreadsheet: arrows move, typing edits, blocks are copied and pasted.
import { isComposing, isMod } from "../keys.js";
import { activate, active, away, grid, isCell, rows } from "./cells.js";
import { cancel, edit, isEditing, keyInEditor } from "./edit.js";
import { layOut } from "./frame.js";
import { more, setUpPages } from "./pages.js";
import { clear, copy, fillDown, paste } from "./paste.js";
import { hideProblem, showProblem, undo } from "./send.js";

const PAGE = 20;

function setUp() {
  const frame = grid();
  if (!frame || frame.dataset.ready) return;
  frame.dataset.ready = "yes";
  const first = rows()[0];
  if (first) first.cells[1].tabIndex = 0;
  for (const link of frame.querySelectorAll("tbody a")) link.tabIndex = -1;
  layOut();
  setUpPages();
}
setUp();
document.addEventListener("htmx:afterSettle", setUp);
window.addEventListener("resize", layOut);
document.fonts?.ready.then(layOut);

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

async function move(cell, event) {
  const [down, right] = ARROWS[event.key];
  const far = event.ctrlKey || event.metaKey ? 1e6 : 1;
  const to = away(cell, down * far, right * far);
  activate(to, { extend: event.shiftKey });
  if (down > 0 && to.parentElement === rows().at(-1)) await more();
}

function jump(cell, event) {
  const all = rows();
  const mod = event.ctrlKey || event.metaKey;
  const last = event.key === "End";
  const row = mod ? (last ? all.at(-1) : all[0]) : cell.parentElement;
  activate(last ? row.cells[row.cells.length - 1] : row.cells[0], { extend: event.shiftKey });
  if (mod && last) more();
}

// Leaves the grid after the last cell of a row, so that nobody is caught in it.
function tab(cell, event) {
  const to = away(cell, 0, event.shiftKey ? -1 : 1);
  if (to === cell) return false;
  activate(to);
  return true;
}

function chooseRow(cell) {
  const row = cell.parentElement;
  activate(row.cells[0]);
  activate(row.cells[row.cells.length - 1], { extend: true });
}

function chooseAll() {
  const all = rows();
  activate(all[0].cells[0], { focus: false });
  activate(all.at(-1).cells[all.at(-1).cells.length - 1], { extend: true, focus: false });
  active().focus({ preventScroll: true });
}

const WITH_MOD = {
  KeyD: fillDown, KeyZ: undo, KeyA: chooseAll,
  Enter: () => { window.location.href = active().parentElement.querySelector("a").href; },
};

// Gives whether the key was the grid's.
function act(cell, event) {
  if (event.key in ARROWS && !event.altKey) move(cell, event);
  else if (isMod(event) && !event.shiftKey && event.code in WITH_MOD) WITH_MOD[event.code]();
  else if (event.key === "Home" || event.key === "End") jump(cell, event);
  else if (event.key === "PageDown" || event.key === "PageUp") {
    activate(away(cell, event.key === "PageDown" ? PAGE : -PAGE, 0), { extend: event.shiftKey });
    if (event.key === "PageDown") more();
  } else if (event.key === "Tab") return tab(cell, event);
  else if (event.ctrlKey || event.metaKey || event.altKey) return false;
  else if (event.key === "Enter" || event.key === "F2") edit(cell);
  else if (event.key === "Delete" || event.key === "Backspace") clear();
  else if (event.key === "Escape") {
    hideProblem();
    activate(cell);
  } else if (event.key === " " && event.shiftKey) chooseRow(cell);
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("[data-grid]")) return;
  if (isEditing()) {
    keyInEditor(event);
    return;
  }
  if (!isCell(event.target)) return;
  if (isComposing(event) || event.keyCode === 229) {
    // An input method begins: the word goes into the field that opens here.
    edit(event.target, { typed: true });
    event.stopPropagation();
    return;
  }
  if (act(event.target, event)) {
    event.preventDefault();
    event.stopPropagation();
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    edit(event.target, { typed: true });
    event.stopPropagation();
  }
}, true);

// ---- pointer ------------------------------------------------------------------------------------

let dragging = false;
document.addEventListener("pointerdown", (event) => {
  const cell = event.target.closest?.("[data-grid] tbody tr[data-id] > *");
  if (!cell || event.button || event.target.closest("a, input, select, textarea, button")) return;
  if (isEditing() && cell.dataset.edit) return;
  const again = cell === active() && document.activeElement === cell && event.pointerType !== "mouse";
  if (event.pointerType === "mouse") event.preventDefault();
  if (isEditing()) document.activeElement.blur();
  hideProblem();
  activate(cell, { extend: event.shiftKey });
  if (again) edit(cell);
  dragging = event.pointerType === "mouse";
});
document.addEventListener("pointerover", (event) => {
  const cell = dragging && event.target.closest?.("[data-grid] tbody tr[data-id] > *");
  if (cell && cell !== active()) activate(cell, { extend: true, focus: false });
});
document.addEventListener("pointerup", () => {
  if (dragging) active()?.focus({ preventScroll: true });
  dragging = false;
});
document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest?.("[data-grid] tbody tr[data-id] > *");
  if (cell && !isEditing() && !event.target.closest("a")) edit(cell);
});

document.addEventListener("focusin", (event) => {
  if (!isCell(event.target)) return;
  if (event.target !== active()) activate(event.target, { focus: false });
  if (event.target.dataset.bad) showProblem(event.target);
  else hideProblem();
});

// ---- the clipboard ------------------------------------------------------------------------------

for (const [name, run] of [["copy", copy], ["paste", paste]]) {
  document.addEventListener(name, (event) => {
    if (isCell(document.activeElement) && !isEditing()) run(event);
  });
}

// A row that a dialog's act changed is drawn anew with the whole table: what was chosen is gone.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "stage" && isEditing()) cancel();
});
