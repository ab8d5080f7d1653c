// Keys by their place on the keyboard (event.code), so that they work while an input method is on.
// The table comes with the page (core/keys.py draws it into the list that "?" opens).
//
// on("reply", run)   what a key of the table does; without a handler it clicks [data-code="KeyR"].
// capture(taker)     the next keys go to `taker(event)` first, until it is released. It answers "done",
//                    "type" (the browser's own doing) or "pass" (what the key always does).
const table = new Map();
const handlers = new Map();
let taker = null;

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgentData?.platform ?? navigator.platform);
document.documentElement.toggleAttribute("data-mac", isMac);

for (const row of document.querySelectorAll("#keys [data-act]")) {
  const [first] = row.dataset.codes.split(" ");
  // Of keys that begin alike, the first named opens; the others are choices it offers.
  const known = table.get(first);
  if (known && !known.isLonger) continue;
  const isLonger = row.dataset.codes.split(" ").length > 1;
  table.set(first, { name: row.dataset.act, isLonger, handsFree: "handsFree" in row.dataset });
}

export const on = (name, run) => handlers.set(name, run);
export const isComposing = (event) => event.isComposing || event.keyCode === 229;
export const isField = (node) => Boolean(node?.closest?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]"));
export const isMod = (event) => (isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey) && !event.altKey;

export function capture(next) {
  taker = next;
}
export const release = (whose) => {
  if (!whose || taker === whose) taker = null;
};

const isShown = (node) => node.checkVisibility?.() ?? node.offsetParent !== null;

// What a key clicks: of several with one code the one that is seen, else one folded into a menu.
export function target(code) {
  const all = [...document.querySelectorAll(`[data-code="${code}"]:not([disabled])`)];
  return all.find(isShown) ?? all[0];
}

// What was swapped in a moment ago is seen before htmx knows it; a click would then leave the page.
export function click(node) {
  window.htmx?.process(node.closest("form") ?? node);
  node.click();
}

export function press(code) {
  const found = target(code);
  if (found) click(found);
  return Boolean(found);
}

function nameOf(event) {
  const mod = isMod(event);
  if (!mod && (event.ctrlKey || event.metaKey || event.altKey)) return null;
  const code = `${mod ? "Mod+" : ""}${event.shiftKey ? "Shift+" : ""}${event.code}`;
  return table.get(code);
}

function run(event) {
  if (taker) {
    const answer = taker(event);
    if (answer === "type") return;
    if (answer !== "pass") {
      event.preventDefault?.();
      return;
    }
  }
  const entry = nameOf(event);
  if (!entry) return;
  const inField = isField(event.target) || document.querySelector("dialog:modal");
  if (inField && !entry.handsFree) return;
  // Enter belongs to the link or button that has the focus.
  if (event.code === "Enter" && event.target?.closest?.("a, button, summary, label, input")) return;
  const act = handlers.get(entry.name);
  const code = `${event.shiftKey ? "Shift+" : ""}${event.code}`;
  if (act ? act(event) !== "pass" : press(code)) event.preventDefault?.();
}

// While an answer is on its way, and until htmx knows what came, keys wait: whoever types fast acts
// on what comes, not on what was there. They are dropped when the answer asks for something (a
// dialog, a field).
let underWay = 0;
let settling = 0;
let waiting = [];
const isOurs = (detail) => ["stage", "main", "act"].includes(detail.target?.id);
const isBusy = () => underWay > 0 || settling > 0;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isOurs(event.detail)) underWay += 1;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (!isOurs(event.detail)) return;
  clearTimeout(settling);
  // An empty answer never settles.
  settling = setTimeout(settled, 300);
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (isOurs(event.detail)) settled();
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!isOurs(event.detail)) return;
  underWay = Math.max(0, underWay - 1);
  if (!event.detail.successful) waiting = [];
  if (!isBusy()) setTimeout(goOn, 0);
});

function settled() {
  clearTimeout(settling);
  settling = 0;
  if (!isBusy()) setTimeout(goOn, 0);
}

function goOn() {
  const typed = waiting;
  waiting = [];
  for (const [at, event] of typed.entries()) {
    if (isField(document.activeElement) || document.querySelector("dialog:modal")) return;
    run({ ...event, target: document.activeElement });
    if (isBusy()) {
      waiting = typed.slice(at + 1);
      return;
    }
  }
}

document.addEventListener("keydown", (event) => {
  if (isComposing(event) || event.defaultPrevented || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  const isFree = !isField(event.target) && !document.querySelector("dialog:modal");
  if (isBusy() && isFree && nameOf(event)?.handsFree !== true && (taker || nameOf(event) || /^Digit\d$/.test(event.code))) {
    const { code, key, shiftKey, ctrlKey, metaKey, altKey } = event;
    waiting.push({ code, key, shiftKey, ctrlKey, metaKey, altKey });
    event.preventDefault();
    return;
  }
  run(event);
});

on("keys", () => {
  const list = document.getElementById("keys");
  if (!list || list.open) return "pass";
  list.showModal();
  return undefined;
});
on("search", () => {
  const field = document.querySelector("[data-search]") ?? document.querySelector(".topbar [type=search]");
  field?.focus();
  field?.select();
  return field ? undefined : "pass";
});
// Sending and closing belong to the form and to the browser.
on("send", () => "pass");
on("close", () => "pass");
