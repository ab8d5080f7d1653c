// The grid's cells: which one is active, which are chosen, what they are and what they say.
const words = () => document.getElementById("grid-words")?.dataset ?? {};

export function say(key, values = {}) {
  let text = words()[key] ?? "";
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, value);
  return text;
}

export const grid = () => document.querySelector("[data-grid]");
export const rows = () => [...document.querySelectorAll("[data-grid] tbody tr[data-id]")];
export const rowOf = (id) => document.querySelector(`[data-grid] tbody tr[data-id="${id}"]`);
export const heads = () => [...document.querySelectorAll("[data-grid] thead th")];
export const headOf = (cell) => heads()[cell.cellIndex];
export const isCell = (node) => Boolean(node?.matches?.("[data-grid] tbody tr[data-id] > *"));
export const fieldOf = (cell) => headOf(cell).dataset.f;
export const refOf = (row) => `D-${row.dataset.id}`;

export function cellOf(id, field) {
  const row = rowOf(id);
  const at = heads().findIndex((head) => head.dataset.f === field);
  return row && at >= 0 ? row.cells[at] : null;
}

// Whether this person may set the cell: the row says who they are there, the column who may.
export function mayEdit(cell) {
  const { who } = headOf(cell).dataset;
  return Boolean(who) && Number(cell.parentElement.dataset.may) >= (who === "staff" ? 2 : 1);
}

// What an edit begins with and what is copied.
export const textOf = (cell) => cell.dataset.k ?? (cell.querySelector(":scope > .avatar + span") ?? cell).textContent.trim();

// ---- the active cell ---------------------------------------------------------------------------

let anchor = null;
export const active = () => document.querySelector("[data-grid] tbody [tabindex='0']");

export function activate(cell, { extend = false, focus = true } = {}) {
  if (!cell) return;
  const before = active();
  if (before && before !== cell) before.tabIndex = -1;
  cell.tabIndex = 0;
  if (!mayEdit(cell)) cell.setAttribute("aria-readonly", "true");
  if (!extend || !anchor?.isConnected) anchor = cell;
  mark();
  if (focus) {
    cell.focus({ preventScroll: true });
    reveal(cell);
  }
}

// Into sight, clear of the head, the sums and the columns that stay.
function reveal(cell) {
  const frame = grid();
  const box = cell.getBoundingClientRect();
  const outer = frame.getBoundingClientRect();
  const top = outer.top + (frame.querySelector("thead")?.offsetHeight ?? 0);
  const bottom = outer.bottom - (frame.querySelector("tfoot")?.offsetHeight ?? 0) - 12;
  const stays = heads().slice(0, Number(frame.dataset.frozen));
  const left = stays.length ? stays.at(-1).getBoundingClientRect().right : outer.left;
  if (box.top < top) frame.scrollTop -= top - box.top;
  else if (box.bottom > bottom) frame.scrollTop += box.bottom - bottom;
  if (cell.cellIndex < stays.length) return;
  if (box.left < left) frame.scrollLeft -= left - box.left;
  else if (box.right > outer.right - 12) frame.scrollLeft += box.right - outer.right + 12;
}

// The rectangle between the first and the last chosen cell: its rows and its columns.
export function chosen() {
  const to = active();
  if (!to) return { rows: [], from: 0, to: -1 };
  const all = rows();
  const start = anchor?.isConnected ? anchor : to;
  const [a, b] = [all.indexOf(start.parentElement), all.indexOf(to.parentElement)].sort((x, y) => x - y);
  return {
    rows: all.slice(a, b + 1),
    from: Math.min(start.cellIndex, to.cellIndex), to: Math.max(start.cellIndex, to.cellIndex),
  };
}

export const chosenCells = () => {
  const block = chosen();
  return block.rows.map((row) => [...row.cells].slice(block.from, block.to + 1));
};

export function mark() {
  for (const cell of document.querySelectorAll("[data-grid] [aria-selected]")) cell.removeAttribute("aria-selected");
  const block = chosenCells();
  const several = block.length > 1 || block[0]?.length > 1;
  if (several) for (const row of block) for (const cell of row) cell.setAttribute("aria-selected", "true");
  tell(several ? block : []);
}

// How much is chosen, what it sums up to, and what two demands can be made into.
function tell(block) {
  const place = document.querySelector("[data-selected]");
  if (!place) return;
  place.hidden = !block.length;
  const pager = document.querySelector("[data-pager]");
  if (pager) pager.hidden = Boolean(block.length);
  if (!block.length) return;
  const cells = block.flat();
  const numbers = cells.filter((cell) => cell.matches(".num") && cell.textContent).map((cell) => Number(cell.textContent));
  const parts = [say("selected", { rows: block.length, cells: cells.length })];
  if (numbers.length > 1) parts.push(say("sum", { sum: Math.round(numbers.reduce((a, b) => a + b, 0) * 10) / 10 }));
  const text = document.createElement("span");
  text.className = "small num";
  text.textContent = parts.join(" · ");
  place.replaceChildren(text);
  const [a, b] = block.map((row) => row[0].parentElement);
  if (block.length === 2 && a.dataset.may === "2" && b.dataset.may === "2") {
    const link = document.createElement("a");
    Object.assign(link, { className: "btn", href: `${grid().dataset.base}${b.dataset.id}/merge/?into=${a.dataset.id}` });
    link.textContent = say("merge", { a: refOf(b), b: refOf(a) });
    place.append(link);
  }
}

// A cell so many rows and columns away, as far as the grid goes.
export function away(cell, down, right) {
  const all = rows();
  const row = all[Math.max(0, Math.min(all.length - 1, all.indexOf(cell.parentElement) + down))];
  return row?.cells[Math.max(0, Math.min(row.cells.length - 1, cell.cellIndex + right))];
}
