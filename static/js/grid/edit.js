// Editing one cell in its place, each kind with its own control.
import { isComposing } from "../keys.js";
import { announce } from "../announce.js";
import { activate, away, fieldOf, grid, headOf, mayEdit, say, textOf } from "./cells.js";
import { change, clearProblem, hideProblem, save } from "./send.js";

let open = null;
export const isEditing = () => open !== null;

const offers = async (cell, typed = "") => {
  const asked = new URLSearchParams({ id: cell.parentElement.dataset.id, field: fieldOf(cell), q: typed });
  const answer = await fetch(`${grid().dataset.offerUrl}?${asked}`);
  return answer.headers.get("Content-Type")?.includes("json") ? answer.json() : {};
};

const option = (text) => new Option(text || "—", text);

function selectOf(choices, now) {
  const select = document.createElement("select");
  const known = choices.includes(now) || !now ? choices : [now, ...choices];
  select.append(...known.map(option));
  select.value = now;
  return select;
}

const OPTIONAL = ["source", "priority"];
const CONTROLS = {
  text: () => Object.assign(document.createElement("input"), { type: "text", maxLength: 2000 }),
  number: () => Object.assign(document.createElement("input"), { type: "text", inputMode: "decimal", maxLength: 20 }),
  day: () => Object.assign(document.createElement("input"), { type: "date" }),
  departments: () => Object.assign(document.createElement("input"), { type: "text", maxLength: 500 }),
  long: () => Object.assign(document.createElement("textarea"), { rows: 6 }),
  person: () => {
    const field = Object.assign(document.createElement("input"), { type: "text", maxLength: 120, autocomplete: "off" });
    field.setAttribute("list", "grid-people");
    return field;
  },
};

async function controlOf(cell, now) {
  const head = headOf(cell);
  const { kind } = head.dataset;
  if (kind === "choice") {
    const choices = JSON.parse(head.dataset.choices);
    const free = OPTIONAL.includes(head.dataset.f) || head.dataset.f.startsWith("custom.");
    return selectOf(free ? ["", ...choices] : choices, now);
  }
  if (["module", "release", "product"].includes(kind)) {
    const found = await offers(cell);
    return selectOf(kind === "product" ? found.offers ?? [] : ["", ...(found.offers ?? [])], now);
  }
  return (CONTROLS[kind] ?? CONTROLS.text)();
}

// typed: the edit began with a key, which goes into the empty field.
export async function edit(cell, { typed = false } = {}) {
  if (open) commit();
  if (headOf(cell).dataset.kind === "ref") {
    cell.querySelector("a")?.click();
    return;
  }
  if (headOf(cell).dataset.kind === "status") {
    await moves(cell);
    return;
  }
  if (!mayEdit(cell)) {
    announce(say("readonly"));
    cell.animate?.([{ opacity: 0.4 }, { opacity: 1 }], 200);
    return;
  }
  const tried = cell.dataset.tried;
  const now = tried ?? textOf(cell);
  const version = Number(cell.parentElement.dataset.v);
  hideProblem();
  const made = controlOf(cell, now);
  // Where nothing has to be fetched the field is there before the key is through.
  const control = ["choice", "module", "release", "product"].includes(headOf(cell).dataset.kind) ? await made : (CONTROLS[headOf(cell).dataset.kind] ?? CONTROLS.text)();
  control.className = "input";
  control.setAttribute("aria-label", say("cell", { column: headOf(cell).textContent.trim(), row: cell.parentElement.cells[0].textContent }));
  if (control.tagName !== "SELECT" && !(typed && headOf(cell).dataset.kind !== "day")) control.value = now;
  open = { cell, control, before: [...cell.childNodes], now: textOf(cell), version };
  cell.dataset.edit = headOf(cell).dataset.kind;
  cell.replaceChildren(control);
  control.focus({ preventScroll: true });
  if (!typed) control.select?.();
  if (cell.dataset.cut !== undefined && !typed && tried === undefined) await whole(cell, control);
  if (headOf(cell).dataset.kind === "person") control.addEventListener("input", () => people(cell, control));
  if (control.tagName === "SELECT" && !typed) try { control.showPicker?.(); } catch { /* only after a gesture */ }
}

async function whole(cell, control) {
  control.readOnly = true;
  const found = await offers(cell);
  if (open?.control !== control) return;
  control.value = found.text ?? control.value;
  open.now = control.value;
  control.readOnly = false;
  control.select();
}

let asking;
function people(cell, control) {
  clearTimeout(asking);
  asking = setTimeout(async () => {
    let list = document.getElementById("grid-people");
    if (!list) {
      list = Object.assign(document.createElement("datalist"), { id: "grid-people" });
      document.body.append(list);
    }
    const found = await offers(cell, control.value);
    list.replaceChildren(...(found.offers ?? []).map((name) => new Option(name, name)));
  }, 200);
}

function close() {
  const { cell, before } = open;
  open = null;
  delete cell.dataset.edit;
  cell.replaceChildren(...before);
  return cell;
}

export function cancel() {
  if (!open) return;
  const cell = close();
  activate(cell);
}

export function commit() {
  if (!open) return;
  const { cell, control, now, version } = open;
  if (control.readOnly) {
    cancel();
    return;
  }
  const text = control.value.trim();
  close();
  clearProblem(cell);
  if (text !== now) save([{ ...change(cell, text), version }]);
}

// A status goes by its own acts: some ask for words to the people first.
async function moves(cell) {
  const found = await offers(cell);
  const dialog = document.getElementById("grid-conflict");
  const title = Object.assign(document.createElement("h2"), { textContent: say("moves"), id: "grid-conflict-title" });
  const list = document.createElement("div");
  list.className = "stack";
  for (const move of found.moves ?? []) {
    const link = document.createElement("button");
    Object.assign(link, { type: "button", className: "btn", textContent: `${move.label} → ${move.status}` });
    link.addEventListener("click", () => {
      dialog.close();
      const next = encodeURIComponent(`${window.location.pathname}${window.location.search}`);
      window.htmx.ajax("GET", `${move.url}?next=${next}`, { target: "#act", select: "#act-form", swap: "innerHTML" });
    });
    list.append(link);
  }
  if (!found.moves?.length) list.append(Object.assign(document.createElement("p"), { textContent: say("noMoves") }));
  const done = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: say("close") });
  done.dataset.kind = "quiet";
  done.addEventListener("click", () => dialog.close());
  list.append(done);
  dialog.replaceChildren(title, list);
  dialog.addEventListener("close", () => cell.focus({ preventScroll: true }), { once: true });
  dialog.showModal();
}

// Keys while a cell is edited: Enter saves and goes down, Tab saves and goes on, Escape lets be.
export function keyInEditor(event) {
  if (!open || event.target !== open.control || isComposing(event)) return;
  const { cell, control } = open;
  const isLong = control.tagName === "TEXTAREA";
  if (event.key === "Escape") {
    event.preventDefault();
    cancel();
  } else if (event.key === "Enter" && !(isLong && (event.shiftKey || event.altKey))) {
    event.preventDefault();
    commit();
    activate(away(cell, event.shiftKey ? -1 : 1, 0));
  } else if (event.key === "Tab") {
    event.preventDefault();
    commit();
    activate(away(cell, 0, event.shiftKey ? -1 : 1));
  }
  // What is typed into a cell is no key of the page.
  event.stopPropagation();
}

document.addEventListener("focusout", (event) => {
  if (open && event.target === open.control && !open.cell.contains(event.relatedTarget)) setTimeout(() => {
    if (open && document.activeElement !== open.control && document.hasFocus()) commit();
  }, 0);
});
