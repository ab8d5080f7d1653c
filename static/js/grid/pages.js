// More rows as one scrolls, by the key of the last one; what is far away goes and comes back.
import { rowsIn } from "./parts.js";
import { active, grid, heads } from "./cells.js";

const KEPT = 10;
let seen = null;
let loading = false;

const bodies = () => [...document.querySelectorAll("[data-grid] tbody[data-rows]")];
const dataRows = (body) => [...body.rows].filter((row) => row.dataset.id);

export function setUpPages() {
  const frame = grid();
  const [first] = bodies();
  first.dataset.key = new URLSearchParams(window.location.search).get("before") ?? "";
  first.dataset.count = String(dataRows(first).length);
  number();
  const pager = document.querySelector("[data-pager]");
  if (pager && !first.dataset.key) pager.remove();
  seen?.disconnect();
  seen = new IntersectionObserver(look, { root: frame, rootMargin: "1200px 0px" });
  seen.observe(first);
  frame.addEventListener("scroll", near, { passive: true });
  if (frame.querySelector("[data-sum]")) sumUp();
  near();
}

// How many people wait is counted behind the page: it takes longer than the rest of it.
let sums = null;
async function sumUp() {
  const frame = grid();
  const answer = await fetch(`${frame.dataset.sumsUrl}${frame.dataset.query}`);
  if (!answer.ok) return;
  sums = await answer.json();
  fillSums();
}

function fillSums() {
  if (!sums) return;
  for (const cell of document.querySelectorAll("[data-grid] [data-sum]")) {
    const group = cell.closest("tfoot") ? "[]" : cell.parentElement.dataset.group;
    cell.textContent = sums[group]?.[cell.dataset.sum] ?? "";
  }
}

// Rows are numbered as the whole table has them, however few of them are here.
function number() {
  const table = grid().querySelector("table");
  table.setAttribute("aria-rowcount", String(Number(grid().dataset.total) + 1));
  table.setAttribute("aria-colcount", String(heads().length));
  let at = 2;
  for (const body of bodies()) {
    for (const row of dataRows(body)) {
      row.setAttribute("aria-rowindex", String(at));
      at += 1;
    }
    if (body.dataset.gone) at += Number(body.dataset.count);
  }
  fillSums();
}

function near() {
  const frame = grid();
  if (!frame || frame.scrollHeight - frame.scrollTop - frame.clientHeight > 1500) return;
  more();
}

export async function more() {
  const frame = grid();
  if (loading || !frame?.dataset.older) return false;
  loading = true;
  const key = frame.dataset.older;
  try {
    const found = await rowsBehind(key);
    const body = document.createElement("tbody");
    body.dataset.rows = "";
    body.dataset.key = key;
    body.replaceChildren(...rowsIn(found.rows));
    body.dataset.count = String(dataRows(body).length);
    bodies().at(-1).after(body);
    frame.dataset.older = found.older;
    seen.observe(body);
    number();
    return true;
  } finally {
    loading = false;
  }
}

async function rowsBehind(key) {
  const frame = grid();
  const mark = frame.dataset.query.length > 1 ? "&" : "";
  const answer = await fetch(`${frame.dataset.rowsUrl}${frame.dataset.query}${mark}${key ? `before=${encodeURIComponent(key)}` : ""}`);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function look(entries) {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting && target.dataset.gone) bringBack(target);
    else if (!isIntersecting && !target.dataset.gone && bodies().length > KEPT) letGo(target);
  }
}

function letGo(body) {
  if (body.contains(active()) || body.querySelector("[aria-busy], [data-edit], [data-bad], [aria-selected]")) return;
  const height = body.offsetHeight;
  const row = document.createElement("tr");
  const cell = document.createElement("td");
  cell.colSpan = heads().length;
  row.append(cell);
  body.replaceChildren(row);
  cell.style.blockSize = `${height}px`;
  body.dataset.gone = "yes";
}

async function bringBack(body) {
  delete body.dataset.gone;
  const found = await rowsBehind(body.dataset.key);
  body.replaceChildren(...rowsIn(found.rows));
  number();
}
