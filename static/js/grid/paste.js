// Copy as a spreadsheet reads it, paste a block with a preview of what changes, fill, clear.
import { showToast } from "../toast.js";
import { announce } from "../announce.js";
import { active, cellOf, chosen, chosenCells, fieldOf, grid, heads, mayEdit, refOf, rowOf, rows, say, textOf } from "./cells.js";
import { ask, change, save } from "./send.js";

const PREVIEWED = 200;

// ---- copy ---------------------------------------------------------------------------------------

const quoted = (text) => (/[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

async function whole(cell) {
  const asked = new URLSearchParams({ id: cell.parentElement.dataset.id, field: fieldOf(cell) });
  const answer = await fetch(`${grid().dataset.offerUrl}?${asked}`);
  const found = answer.ok ? await answer.json() : {};
  return found.text ?? textOf(cell);
}

export function copy(event) {
  const block = chosenCells();
  if (!block.length) return;
  event.preventDefault();
  const cells = block.flat();
  const said = () => announce(say("copied", { n: cells.length }));
  if (cells.some((cell) => cell.dataset.cut !== undefined)) {
    // A long text is shown in part: the rest comes from the server first.
    Promise.all(block.map((row) => Promise.all(row.map((cell) => (cell.dataset.cut === undefined ? textOf(cell) : whole(cell))))))
      .then((texts) => navigator.clipboard.writeText(texts.map((row) => row.map(quoted).join("\t")).join("\n"))).then(said);
    return;
  }
  event.clipboardData.setData("text/plain", block.map((row) => row.map((cell) => quoted(textOf(cell))).join("\t")).join("\n"));
  said();
}

// ---- paste --------------------------------------------------------------------------------------

// Rows of tab-separated text; a quoted value may hold tabs, line ends and doubled quotes.
export function parse(text) {
  const table = [[]];
  let value = "";
  let inQuotes = false;
  const end = () => {
    table.at(-1).push(value);
    value = "";
  };
  const plain = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < plain.length; at += 1) {
    const sign = plain[at];
    if (inQuotes) {
      if (sign !== '"') value += sign;
      else if (plain[at + 1] === '"') {
        value += '"';
        at += 1;
      } else inQuotes = false;
    } else if (sign === '"' && !value) inQuotes = true;
    else if (sign === "\t") end();
    else if (sign === "\n") {
      end();
      table.push([]);
    } else value += sign;
  }
  end();
  return table;
}

// Where each value goes: from the first chosen cell on; a block that fits several times repeats.
function placed(values) {
  const block = chosen();
  const [height, width] = [values.length, Math.max(...values.map((row) => row.length))];
  const tall = block.rows.length % height ? height : Math.max(height, block.rows.length);
  const wide = (block.to - block.from + 1) % width ? width : Math.max(width, block.to - block.from + 1);
  const all = rows();
  const top = all.indexOf(block.rows[0]);
  const found = [];
  let outside = 0;
  for (let down = 0; down < tall; down += 1) {
    for (let right = 0; right < wide; right += 1) {
      const text = values[down % height][right % width];
      const cell = all[top + down]?.cells[block.from + right];
      if (text === undefined) continue;
      if (!cell || cell.dataset.edit) outside += 1;
      else found.push(change(cell, text.trim()));
    }
  }
  return { found, outside };
}

export async function paste(event) {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!active()) return;
  event.preventDefault();
  if (!text) {
    announce(say("clipped"));
    return;
  }
  const { found, outside } = placed(parse(text));
  if (found.length === 1 && !outside) {
    save(found);
    return;
  }
  await preview(found, outside);
}

async function preview(changes, outside) {
  let seen;
  try {
    seen = await ask(changes);
  } catch {
    showToast(say("away"), { tone: "seal", action: { label: say("retry"), run: () => preview(changes, outside) } });
    return;
  }
  if (seen.problems) {
    showToast(seen.problems.map((one) => `${one.message} ${one.remedy}`).join(" "), { tone: "seal" });
    return;
  }
  const result = new Map(seen.cells.map((one) => [`${one.id} ${one.field}`, one]));
  const judged = changes.map((one) => ({ one, said: result.get(`${one.id} ${one.field}`) ?? {} }));
  show(judged, outside);
}

const element = (tag, text = "", className = "") => Object.assign(document.createElement(tag), { textContent: text, className });

function lineOf({ one, said }) {
  const line = document.createElement("tr");
  const cell = cellOf(one.id, one.field);
  const head = heads().find((other) => other.dataset.f === one.field);
  const row = rowOf(one.id);
  const name = element("th", row ? refOf(row) : "");
  name.scope = "row";
  const then = element("td", said.problem ? one.text : said.said || one.text || say("empty"));
  line.append(name, element("td", head?.textContent.trim() ?? ""), element("td", cell ? textOf(cell) || say("empty") : ""), then);
  if (said.problem) {
    line.dataset.bad = "";
    then.append(element("small", `${said.problem.message} ${said.problem.remedy}`, "late"));
  }
  return line;
}

function show(judged, outside) {
  const dialog = document.getElementById("grid-paste");
  const refused = judged.filter(({ said }) => said.problem);
  const changed = judged.filter(({ said }) => said.changed);
  const title = element("h2", say("preview"));
  title.id = "grid-paste-title";
  const sum = element("p", say("will", { changed: changed.length, same: judged.length - changed.length - refused.length, refused: refused.length }));
  const parts = [title, sum];
  if (outside) parts.push(element("p", say("outside", { n: outside }), "warn"));
  if (changed.some(({ one }) => one.field === "planned")) parts.push(element("p", say("told"), "warn"));
  const frame = element("div", "", "scroll preview");
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-labelledby", "grid-paste-title");
  const table = element("table", "", "table");
  const head = document.createElement("tr");
  for (const key of ["demand", "field", "before", "after"]) {
    const cell = element("th", say(key));
    cell.scope = "col";
    head.append(cell);
  }
  table.createTHead().append(head);
  table.createTBody().append(...[...refused, ...changed].slice(0, PREVIEWED).map(lineOf));
  frame.append(table);
  const line = element("footer", "", "line");
  const cancel = element("button", say("cancel"), "btn push");
  const apply = element("button", say("apply", { n: changed.length }), "btn");
  apply.dataset.kind = "primary";
  apply.disabled = !changed.length;
  for (const button of [cancel, apply]) button.type = "button";
  cancel.addEventListener("click", () => dialog.close());
  apply.addEventListener("click", () => {
    dialog.close();
    save(changed.map(({ one }) => one));
  });
  line.append(cancel, apply);
  dialog.replaceChildren(...parts, frame, line);
  dialog.addEventListener("close", () => active()?.focus({ preventScroll: true }), { once: true });
  dialog.showModal();
  (apply.disabled ? cancel : apply).focus();
}

// ---- fill and clear -----------------------------------------------------------------------------

export function fillDown() {
  const [first, ...rest] = chosenCells();
  if (!rest.length) {
    announce(say("oneBlock"));
    return;
  }
  save(rest.flatMap((row) => row.map((cell, at) => [cell, first[at]]))
    .filter(([cell, from]) => mayEdit(cell) && textOf(cell) !== textOf(from))
    .map(([cell, from]) => change(cell, textOf(from))));
}

export function clear() {
  const cells = chosenCells().flat().filter((cell) => mayEdit(cell) && textOf(cell));
  if (!cells.length) {
    announce(say("readonly"));
    return;
  }
  save(cells.map((cell) => change(cell, "")));
}
