// Who else looks at a ticket or writes there: in its header and in the rows of the list.
import { word } from "./words.js";
import { announce } from "./announce.js";

const MOST = 3;
const EDITING = ".compose textarea, .contract :is(input, select, textarea), dialog[open] form";
let writers = "";
let last = [];

// Where the reader of this page is, as the poll says it: `ticket:12` or `ticket:12 editing`.
export function place() {
  const at = document.querySelector("[data-at]")?.dataset.at ?? "";
  return at && document.activeElement?.closest?.(EDITING) ? `${at} editing` : at;
}

const wide = (text) => /^[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]/u.test(text);

function initials(name) {
  const words = name.split(/\s+/u).filter(Boolean);
  if (!words.length) return "?";
  if (wide(words[0])) return [...words[0]][0];
  return words.slice(0, 2).map((part) => [...part][0]).join("").toUpperCase();
}

function disc([, name, isEditing]) {
  const node = document.createElement("span");
  const said = word(isEditing ? "editing" : "viewing", { name });
  node.className = "avatar";
  node.dataset.live = isEditing ? "editing" : "viewing";
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", said);
  node.title = said;
  node.textContent = initials(name);
  return node;
}

function discs(people) {
  const nodes = people.slice(0, MOST).map(disc);
  if (people.length > MOST) {
    const more = document.createElement("span");
    more.className = "small mute";
    more.title = people.slice(MOST).map(([, name]) => name).join(", ");
    more.textContent = `+${people.length - MOST}`;
    nodes.push(more);
  }
  return nodes;
}

function showInHeader() {
  const shown = document.querySelector("[data-at]")?.dataset.at;
  const there = last.filter(([key]) => key === shown);
  const place = document.querySelector("[data-here]");
  if (!place) return;
  place.replaceChildren(...discs(there));
  place.hidden = !there.length;
  const said = there.filter(([, , isEditing]) => isEditing).map(([, name]) => word("editing", { name })).join(" ");
  if (said && said !== writers) announce(said);
  writers = said;
}

export function showHere(here = last) {
  last = here;
  for (const old of document.querySelectorAll(".row .avatar[data-live]")) old.remove();
  for (const [key, ...rest] of last) {
    const who = document.querySelector(`#row-${CSS.escape(key.split(":")[1])} > .who`);
    who?.prepend(disc([key, ...rest]));
  }
  showInHeader();
}

// A page that is drawn anew shows who is there at once, not with the next change.
document.addEventListener("htmx:afterSwap", () => showHere());
