// The palette: one field over everything. What belongs to the open ticket is found on the page;
// everything else the server finds, after a short pause, never in the middle of a composition.
import { isComposing, on } from "./keys.js";

const PAUSE = 120;
const palette = document.getElementById("palette");
const field = palette?.querySelector("input");
const found = palette?.querySelector("[role=listbox]");
let timer;
let request;
let composing = false;
// Enter that came before the answer to what was typed: it takes the first of it.
let isWaited = false;

const options = () => [...found.querySelectorAll("[role=option]")];
const selected = () => found.querySelector("[aria-selected=true]");

function select(option) {
  selected()?.setAttribute("aria-selected", "false");
  if (!option) {
    field.removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

// The acts of the ticket that is open are on the page already, with their keys.
function actsHere() {
  const acts = new Map();
  for (const node of document.querySelectorAll("main[data-ticket] :is([data-code], [data-climb], .menu li :is(a, button))")) {
    const copy = node.cloneNode(true);
    for (const part of copy.querySelectorAll("svg, .vh, kbd, .caps")) part.remove();
    const label = copy.textContent.trim();
    if (label && !node.disabled && !acts.has(label)) acts.set(label, node);
  }
  return acts;
}

function groupHere(words) {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const fitting = [...actsHere()].filter(([label]) => wanted.every((word) => label.toLocaleLowerCase().includes(word)));
  if (!fitting.length) return null;
  const group = document.createElement("section");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", palette.dataset.here);
  const head = Object.assign(document.createElement("h3"), { textContent: palette.dataset.here });
  head.setAttribute("role", "presentation");
  group.append(head);
  for (const [at, [label, node]] of fitting.slice(0, wanted.length ? 8 : 6).entries()) {
    const option = Object.assign(document.createElement("button"), { type: "button", className: "pick", id: `option-here-${at}`, tabIndex: -1 });
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.append(Object.assign(document.createElement("span"), { textContent: label }));
    const caps = node.querySelector(".caps");
    if (caps) option.append(caps.cloneNode(true));
    option.addEventListener("click", () => {
      palette.close();
      node.click();
    });
    group.append(option);
  }
  return group;
}

function show(words, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const here = groupHere(words);
  if (here) for (const empty of page.querySelectorAll(".none")) empty.remove();
  found.replaceChildren(...(here ? [here] : []), ...page.body.childNodes);
  for (const next of found.querySelectorAll("input[name=next]")) next.value = location.pathname + location.search;
  select(options()[0]);
  if (isWaited) selected()?.click();
  isWaited = false;
}

async function ask() {
  const words = field.value.trim();
  clearTimeout(timer);
  timer = 0;
  request?.abort();
  request = new AbortController();
  const mine = request;
  palette.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`${palette.dataset.url}?part=found&q=${encodeURIComponent(words)}`, { signal: mine.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    if (mine === request) show(words, html);
  } catch (error) {
    if (error.name === "AbortError" || mine !== request) return;
    found.replaceChildren(Object.assign(document.createElement("p"), { className: "mute none", textContent: palette.dataset.away }));
  } finally {
    if (mine === request) {
      request = null;
      palette.removeAttribute("aria-busy");
    }
  }
}

function soon() {
  clearTimeout(timer);
  isWaited = false;
  timer = composing ? 0 : setTimeout(ask, PAUSE);
}

function move(step) {
  const all = options();
  if (!all.length) return;
  select(all.at((all.indexOf(selected()) + step) % all.length));
}

if (palette) {
  on("palette", () => {
    if (palette.open) {
      palette.close();
      return;
    }
    if (document.querySelector("dialog:modal")) return;
    palette.showModal();
    field.select();
    ask();
  });
  field.addEventListener("input", (event) => {
    composing = event.isComposing;
    soon();
  });
  field.addEventListener("compositionstart", () => { composing = true; });
  field.addEventListener("compositionend", () => {
    composing = false;
    soon();
  });
  field.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") {
      if (timer) ask();
      isWaited = Boolean(request);
      if (!isWaited) selected()?.click();
      // A search field would take Escape for itself and only be emptied.
    } else if (event.key === "Escape") palette.close();
    else return;
    event.preventDefault();
  });
  found.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== selected()) select(option);
  });
  palette.addEventListener("close", () => {
    request?.abort();
    clearTimeout(timer);
    isWaited = false;
  });
  // The field of the top bar opens it by pointer; by keyboard, and without scripts, it is a form.
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("[data-opens-palette]") || palette.open) return;
    event.preventDefault();
    palette.showModal();
    ask();
  });
}
