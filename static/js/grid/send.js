// Saving cells: shown at once, sent in order, taken back where the server refuses.
import { rowsIn } from "./parts.js";
import { announce } from "../announce.js";
import { showToast } from "../toast.js";
import { cellOf, fieldOf, grid, refOf, rowOf, say, textOf } from "./cells.js";

const undos = [];
let queue = Promise.resolve();
const waiting = new Set();

const token = () => document.querySelector("[data-grid-form] input[name=csrfmiddlewaretoken]")?.value ?? "";

async function post(url, values = {}) {
  const answer = await fetch(`${url}${grid()?.dataset.query ?? ""}`, {
    method: "POST", headers: { "X-CSRFToken": token() }, body: new URLSearchParams(values),
  });
  if (answer.redirected || !answer.headers.get("Content-Type")?.includes("json")) throw new Error(String(answer.status));
  return answer.json();
}

export const ask = (cells) => post(grid().dataset.cellsUrl, {
  cells: JSON.stringify(cells.map((one) => [one.id, one.field, one.text, one.version])), preview: "yes",
});

export const change = (cell, text) => ({
  id: Number(cell.parentElement.dataset.id), field: fieldOf(cell), text,
  version: Number(cell.parentElement.dataset.v),
});

// changes: {id, field, text, version}. Cells show what is to be at once; the answer decides.
export function save(changes, { quiet = false } = {}) {
  for (const one of changes) {
    const cell = cellOf(one.id, one.field);
    if (!cell) continue;
    clearProblem(cell);
    one.before = cell.cloneNode(true);
    cell.textContent = one.text;
    cell.setAttribute("aria-busy", "true");
    waiting.add(one);
  }
  const sending = queue.then(() => deliver(changes, quiet));
  queue = sending.catch(() => {});
  return sending;
}

async function deliver(changes, quiet) {
  let answer;
  try {
    const cells = changes.map((one) => [one.id, one.field, one.text, one.version]);
    answer = await post(grid().dataset.cellsUrl, { cells: JSON.stringify(cells) });
  } catch {
    for (const one of changes) restore(one);
    showToast(say("away"), { tone: "seal", action: { label: say("retry"), run: () => save(changes, { quiet }) } });
    return null;
  }
  for (const one of changes) restore(one, { keep: true });
  if (answer.problems) {
    for (const one of changes) restore(one);
    showToast(answer.problems.map((one) => `${one.message} ${one.remedy}`).join(" "), { tone: "seal" });
    return answer;
  }
  take(answer, changes);
  if (!quiet) report(answer);
  return answer;
}

function restore(one, { keep = false } = {}) {
  waiting.delete(one);
  const cell = cellOf(one.id, one.field);
  if (!cell) return;
  cell.removeAttribute("aria-busy");
  if (!keep && one.before) cell.replaceChildren(...one.before.childNodes);
}

// The rows as the server has them; a cell that is being edited or sent keeps what it shows.
function take(answer, changes = []) {
  for (const [id, html] of Object.entries(answer.rows ?? {})) {
    const old = rowOf(id);
    if (!old) continue;
    patch(old, rowsIn(html)[0]);
  }
  if (answer.undo) undos.push(answer.undo);
  for (const said of answer.cells) if (said.problem) refuse(said, changes.find((one) => one.id === said.id && one.field === said.field));
}

function patch(old, fresh) {
  for (const one of waiting) if (one.id === Number(fresh.dataset.id) && one.version === Number(old.dataset.v)) one.version = Number(fresh.dataset.v);
  old.dataset.v = fresh.dataset.v;
  old.dataset.may = fresh.dataset.may;
  [...fresh.cells].forEach((cell, at) => {
    const place = old.cells[at];
    if (place.matches("[data-edit], [aria-busy]")) return;
    place.replaceChildren(...cell.childNodes);
    for (const name of ["data-k", "data-cut"]) {
      if (cell.hasAttribute(name)) place.setAttribute(name, cell.getAttribute(name));
      else place.removeAttribute(name);
    }
  });
}

function refuse(said, sent) {
  const cell = cellOf(said.id, said.field);
  if (!cell) return;
  if (said.conflict && sent) {
    settle(cell, said, sent);
    return;
  }
  cell.dataset.bad = `${said.problem.message} ${said.problem.remedy}`.trim();
  cell.dataset.tried = sent?.text ?? "";
  cell.setAttribute("aria-invalid", "true");
  if (document.activeElement === cell || !document.querySelector(".cell-problem")) showProblem(cell);
}

export function clearProblem(cell) {
  for (const name of ["data-bad", "data-tried", "aria-invalid", "aria-describedby"]) cell.removeAttribute(name);
  if (bubble?.dataset.of === `${cell.parentElement.dataset.id} ${cell.cellIndex}`) hideProblem();
}

let bubble = null;
export function hideProblem() {
  bubble?.remove();
  bubble = null;
}

// What was refused stands under its cell, with the way out of it.
export function showProblem(cell) {
  hideProblem();
  if (!cell.dataset.bad) return;
  bubble = document.createElement("div");
  Object.assign(bubble, { className: "cell-problem", id: "cell-problem", textContent: cell.dataset.bad });
  bubble.setAttribute("role", "alert");
  bubble.dataset.of = `${cell.parentElement.dataset.id} ${cell.cellIndex}`;
  grid().append(bubble);
  const frame = grid().getBoundingClientRect();
  const box = cell.getBoundingClientRect();
  bubble.style.insetBlockStart = `${box.bottom - frame.top + grid().scrollTop + 2}px`;
  bubble.style.insetInlineStart = `${Math.max(4, Math.min(box.left - frame.left, frame.width - bubble.offsetWidth - 12)) + grid().scrollLeft}px`;
  cell.setAttribute("aria-describedby", "cell-problem");
}

function report(answer) {
  const refused = answer.cells.filter((one) => one.problem).length;
  const changed = answer.cells.filter((one) => one.changed).length;
  if (changed > 1) {
    showToast(say("saved", { n: changed }), { action: { label: say("undo"), run: undo } });
  } else if (changed) announce(say("saved", { n: changed }));
  if (refused > 1) showToast(say("refused", { n: refused }), { tone: "seal" });
}

export async function undo() {
  // What is still being sent is what is taken back.
  await queue;
  const url = undos.pop();
  if (!url) {
    announce(say("noUndo"));
    showToast(say("noUndo"));
    return;
  }
  try {
    const answer = await post(url);
    if (answer.problems) throw new Error(answer.problems[0].message);
    take(answer);
    showToast(say("undone"));
  } catch (error) {
    showToast(error.message || say("away"), { tone: "seal" });
  }
}

// ---- both sides of a conflict -------------------------------------------------------------------

const element = (tag, text = "", className = "") => Object.assign(document.createElement(tag), { textContent: text, className });

function settle(cell, said, sent) {
  const dialog = document.getElementById("grid-conflict");
  const title = element("h2", say("conflict"));
  title.id = "grid-conflict-title";
  const list = element("dl", "", "pairs");
  list.append(
    element("dt", say("theirs", said.conflict)), element("dd", textOf(cell) || say("empty")),
    element("dt", say("yours")), element("dd", sent.text || say("empty")),
  );
  const line = element("footer", "", "line");
  const theirs = element("button", say("keepTheirs"), "btn push");
  const mine = element("button", say("takeMine"), "btn");
  mine.dataset.kind = "primary";
  for (const button of [theirs, mine]) button.type = "button";
  theirs.addEventListener("click", () => dialog.close());
  mine.addEventListener("click", () => {
    dialog.close();
    save([{ ...sent, version: Number(cell.parentElement.dataset.v) }]);
  });
  line.append(theirs, mine);
  dialog.replaceChildren(title, element("p", `${refOf(cell.parentElement)} · ${document.querySelector(`[data-grid] th[data-f="${CSS.escape(sent.field)}"]`)?.textContent.trim() ?? ""}`, "mute"), list, line);
  dialog.addEventListener("close", () => cell.focus({ preventScroll: true }), { once: true });
  dialog.showModal();
  theirs.focus();
}
