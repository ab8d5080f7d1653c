// Puts a fresh drawing into the page: what is the same stays, and so does whatever somebody is busy
// with – a field with the focus or with words in it, an open menu.
const FRESH = 8000;
const fields = (node) => [...node.querySelectorAll("input:not([type=hidden]), textarea, select")];
const isDirty = (field) => {
  if (field.matches("select")) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
};
const isBusy = (node) => node.contains(document.activeElement) || fields(node).some(isDirty)
  || node.matches("details[data-menu][open]") || Boolean(node.querySelector("details[data-menu][open]"));

// What a node says, without what differs each time it is drawn.
function said(node) {
  const copy = node.cloneNode(true);
  for (const field of copy.querySelectorAll("input[name=csrfmiddlewaretoken], input[name=form_key], .avatar[data-live], [data-here]")) field.remove();
  for (const time of copy.querySelectorAll("time")) time.textContent = "";
  for (const part of [copy, ...copy.querySelectorAll("[data-fresh], [aria-current]")]) {
    part.removeAttribute("data-fresh");
    part.removeAttribute("aria-current");
  }
  // What was taken out must not leave two texts where the other has one.
  copy.normalize();
  return copy;
}

const isSame = (node, other) => said(node).isEqualNode(said(other));

export function markFresh(node) {
  node.dataset.fresh = "";
  setTimeout(() => node.removeAttribute("data-fresh"), FRESH);
}

function put(old, next) {
  const node = document.importNode(next, true);
  if (old.matches("details")) node.open = old.open;
  for (const fold of node.querySelectorAll("details:not([data-menu])")) {
    const before = [...old.querySelectorAll("details:not([data-menu])")].find((other) => other.className === fold.className);
    if (before) fold.open = before.open;
  }
  if (old.dataset.fresh !== undefined) markFresh(node);
  old.replaceWith(node);
  window.htmx?.process(node);
  return node;
}

// Merges `next` into `old`; gives the entries of conversations that are new.
export function mergePart(old, next) {
  if (old.matches("[data-entries]")) return mergeEntries(old, next);
  if (isSame(old, next)) return [];
  const holds = old.querySelector("[data-entries]");
  if (!isBusy(old) && !holds) {
    put(old, next);
    return [];
  }
  const before = [...old.children];
  const after = [...next.children];
  const matches = before.length === after.length && before.every((node, index) => node.tagName === after[index].tagName);
  if (matches) return before.flatMap((node, index) => mergePart(node, after[index]));
  return holds ? mergeAround(old, next, holds) : [];
}

// Parts came or went beside a conversation: all but what holds it is drawn anew.
function mergeAround(old, next, holds) {
  const keep = [...old.children].find((node) => node.contains(holds));
  const to = [...next.children].find((node) => node.matches("[data-entries]") || node.querySelector("[data-entries]"));
  if (!to || [...old.children].some((node) => node !== keep && isBusy(node))) return to && keep ? mergePart(keep, to) : [];
  for (const node of [...old.children]) if (node !== keep) node.remove();
  let place = "before";
  for (const node of next.children) {
    if (node === to) place = "after";
    else {
      const copy = document.importNode(node, true);
      if (place === "before") keep.before(copy);
      else old.append(copy);
      window.htmx?.process(copy);
    }
  }
  return mergePart(keep, to);
}

// What an entry tells, without the buttons that scripts put there.
function words(entry) {
  const copy = (entry.querySelector(".said") ?? entry).cloneNode(true);
  for (const part of copy.querySelectorAll("button, time")) part.remove();
  return copy.textContent.trim();
}

// A conversation only grows; an entry that reads differently now (undone, erased) is put anew.
export function mergeEntries(old, next) {
  const scroller = old.closest(".flow");
  const atEnd = scroller && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120;
  const known = new Map([...old.children].filter((node) => node.dataset.key).map((node) => [node.dataset.key, node]));
  const arrived = [];
  let last = null;
  for (const entry of next.querySelectorAll(":scope > [data-key]")) {
    const before = known.get(entry.dataset.key);
    known.delete(entry.dataset.key);
    if (!before) {
      const node = document.importNode(entry, true);
      if (last) last.after(node);
      else old.prepend(node);
      window.htmx?.process(node);
      markFresh(node);
      arrived.push(node);
      last = node;
    } else {
      last = words(before) === words(entry) || isBusy(before) ? before : put(before, entry);
    }
  }
  for (const gone of known.values()) if (!isBusy(gone)) gone.remove();
  if (atEnd && arrived.length) arrived.at(-1).scrollIntoView({ block: "nearest" });
  return arrived;
}

// Rows by their id. The row that is open stays until the reader leaves it. True when anything but
// clocks moved.
export function mergeList(old, next) {
  let moved = false;
  const wanted = [...(next?.children ?? [])];
  const ids = new Set(wanted.map((row) => row.id));
  for (const row of [...old.children]) {
    if (ids.has(row.id)) continue;
    if (row.hasAttribute("aria-current") && row.id) row.dataset.left = "";
    else {
      row.remove();
      moved = true;
    }
  }
  let last = null;
  for (const row of wanted) {
    const before = row.id ? document.getElementById(row.id) : null;
    const node = before ? mergeRow(before, row) : document.importNode(row, true);
    if (!before && row.id) markFresh(node);
    moved ||= node !== before && !(before && node.dataset.fresh === undefined);
    const there = last ? last.nextElementSibling : old.firstElementChild;
    if (there !== node) old.insertBefore(node, there);
    if (node !== before) window.htmx?.process(node);
    last = node;
  }
  return moved;
}

function mergeRow(old, row) {
  delete old.dataset.left;
  const plain = (node) => {
    const copy = said(node);
    for (const part of copy.querySelectorAll(".sla, .draft")) part.remove();
    copy.normalize();
    return copy;
  };
  const same = plain(old).isEqualNode(plain(row));
  const clock = (node) => node.querySelector(".sla")?.textContent;
  if (same && clock(old) === clock(row)) return old;
  const hadFocus = old.contains(document.activeElement) && document.activeElement;
  const node = document.importNode(row, true);
  const checked = old.querySelector("input[type=checkbox]")?.checked;
  const box = node.querySelector("input[type=checkbox]");
  if (box) box.checked = Boolean(checked);
  if (old.hasAttribute("aria-current")) node.setAttribute("aria-current", old.getAttribute("aria-current"));
  else node.removeAttribute("aria-current");
  old.replaceWith(node);
  if (hadFocus) node.querySelector(hadFocus.matches("input") ? "input" : "a")?.focus({ preventScroll: true });
  if (!same) markFresh(node);
  return node;
}
