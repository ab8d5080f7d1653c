// Fetches what changed and puts it into the page without disturbing who works there (merge.js).
import { mergeEntries, mergeList, mergePart } from "./merge.js";
import { announce } from "./announce.js";
import { showToast } from "./toast.js";
import { word } from "./words.js";

let running = false;
let isLost = false;
let wanted = { ticket: false, list: false };
const stage = () => document.getElementById("stage");
const shownTicket = () => document.querySelector("main[data-ticket]");

async function page(address, more = {}) {
  // Said to be fetched: a toast that waits is for the reader's own next page (core/toasts.py).
  const headers = { "X-Requested-With": "fetch", ...more };
  const answer = await fetch(address, { headers, cache: "no-store" });
  if ([403, 404].includes(answer.status)) throw new LostError();
  if (!answer.ok) throw new Error(String(answer.status));
  const asked = new URL(address, location.href).pathname;
  // Sent elsewhere: signed out, or no longer somebody who reads this.
  if (new URL(answer.url).pathname !== asked) throw new LostError();
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

class LostError extends Error {}

// Draws anew what `ticket` and `list` say, as soon as the page is looked at. True when it worked.
export async function refresh({ ticket = false, list = false }) {
  wanted = { ticket: wanted.ticket || ticket, list: wanted.list || list };
  if (running || isLost || document.hidden || !(wanted.ticket || wanted.list)) return true;
  running = true;
  const now = wanted;
  wanted = { ticket: false, list: false };
  try {
    if (stage()) {
      if (now.ticket && shownTicket()) await refreshTicket();
      if (now.list && stage().querySelector(".tickets")) await refreshList();
    } else await refreshOwn();
    return true;
  } catch (error) {
    if (error instanceof LostError) lose();
    else wanted = { ticket: wanted.ticket || now.ticket, list: wanted.list || now.list };
    return false;
  } finally {
    running = false;
  }
}

function lose() {
  isLost = true;
  for (const mark of document.querySelectorAll("[data-pass]")) mark.remove();
  showToast(word("lost"), { tone: "seal" });
}

const isBusy = () => htmxBusy > 0;
let htmxBusy = 0;
document.addEventListener("htmx:beforeRequest", () => { htmxBusy += 1; });
document.addEventListener("htmx:afterRequest", () => { htmxBusy = Math.max(0, htmxBusy - 1); });

async function refreshTicket() {
  const main = shownTicket();
  const pk = main.dataset.ticket;
  const fresh = await page(`/desk/${pk}/${location.search}`, { "HX-Request": "true", "HX-Target": "main" });
  // Meanwhile an act of our own drew the page, or the reader went on.
  if (!main.isConnected || isBusy()) return;
  const next = fresh.querySelector("main[data-ticket]");
  if (!next) return;
  swapMark(main, next);
  const arrived = mergeParts(main, next, ["header", ".flow"]);
  mergeComposer(main, next, arrived);
  tellOf(arrived);
  if (arrived.some((entry) => entry.dataset.kind === "event")) refreshBeside();
}

function mergeParts(old, next, selectors) {
  const arrived = [];
  for (const selector of selectors) {
    const before = old.querySelector(`:scope > ${selector}`);
    const after = next.querySelector(`:scope > ${selector}`);
    if (before && after) arrived.push(...mergePart(before, after));
  }
  return arrived;
}

// The text stays what it is; only what the form says about the ticket follows.
function mergeComposer(main, next, arrived) {
  const before = main.querySelector(":scope > .compose");
  const after = next.querySelector(":scope > .compose");
  if (!before && after) return void main.append(window.htmx ? process(after) : after);
  if (!before || !after) return;
  const version = before.querySelector("input[name=version]");
  if (version) version.value = after.querySelector("input[name=version]")?.value ?? version.value;
  const seen = after.querySelector("input[name=seen_comment]")?.value;
  const last = arrived.filter((entry) => entry.matches("article:not([data-kind=note])")).at(-1);
  if (!last || !seen) return;
  sayArrived(before, last);
  whenSeen(last, () => {
    const field = before.querySelector("input[name=seen_comment]");
    if (field && Number(field.value) < Number(seen)) field.value = seen;
  });
}

// Somebody wrote while this reader is writing: said at the composer, before theirs is sent.
function sayArrived(compose, entry) {
  if (!compose.querySelector("textarea")?.value.trim()) return;
  compose.querySelector(".arrived")?.remove();
  const line = document.createElement("p");
  const name = entry.querySelector("header b")?.textContent ?? "";
  const link = Object.assign(document.createElement("button"), {
    type: "button", className: "btn", textContent: word("look"),
  });
  line.className = "arrived";
  line.append(word("arrived", { name }), " ", link);
  link.addEventListener("click", () => {
    entry.scrollIntoView({ block: "center" });
    line.remove();
  });
  compose.prepend(line);
}

// Read is what stood in view for a second in a page that was looked at.
function whenSeen(entry, then) {
  let timer = 0;
  const watch = new IntersectionObserver(([{ isIntersecting }]) => {
    clearTimeout(timer);
    if (!isIntersecting || document.hidden) return;
    timer = setTimeout(() => {
      watch.disconnect();
      then();
    }, 1000);
  }, { threshold: 0.6 });
  watch.observe(entry);
}

function process(node) {
  window.htmx.process(node);
  return node;
}

function tellOf(arrived) {
  for (const entry of arrived.slice(-3)) {
    const name = entry.querySelector("header b")?.textContent;
    const words = entry.querySelector(".said")?.textContent.trim().slice(0, 120) ?? "";
    announce(name ? word("wrote", { name, words }) : entry.textContent.trim());
  }
}

function refreshBeside() {
  const beside = document.getElementById("related");
  const address = beside?.dataset.related;
  if (address && !beside.contains(document.activeElement)) {
    window.htmx.ajax("GET", address, { target: "#related", swap: "innerHTML show:none" });
  }
}

async function refreshList() {
  const fresh = await page(`/desk/${location.search}`);
  if (isBusy() || !stage()?.querySelector(".tickets")) return;
  swapMark(stage(), fresh.getElementById("stage"));
  swapBell(fresh);
  const old = document.querySelector("[data-rows]");
  const next = fresh.querySelector("[data-rows]");
  // From none to some or back, the frame of the list changes too; the reader's next act draws it.
  if (!old && next) document.querySelector(".tickets .nothing")?.replaceWith(process(document.importNode(next, true)));
  else if (old && mergeList(old, next)) announce(word("listChanged"));
  mergeQueues(fresh);
  document.dispatchEvent(new CustomEvent("live:list"));
}

function mergeQueues(fresh) {
  const old = document.querySelector(".queues");
  const next = fresh.querySelector(".queues");
  if (!old || !next) return;
  const links = (nav) => [...nav.querySelectorAll("a")];
  const names = (nav) => links(nav).map((link) => link.getAttribute("href")).join();
  if (names(old) !== names(next)) {
    if (!old.contains(document.activeElement)) old.replaceWith(process(document.importNode(next, true)));
    return;
  }
  links(old).forEach((link, index) => {
    const count = links(next)[index].querySelector(".count");
    const shown = link.querySelector(".count");
    if (!count) shown?.remove();
    else if (!shown) link.append(document.importNode(count, true));
    else if (shown.textContent !== count.textContent) shown.textContent = count.textContent;
  });
}

// A requester's own ticket: the whole page is small.
async function refreshOwn() {
  const fresh = await page(location.pathname + location.search);
  const main = document.getElementById("main");
  const next = fresh.getElementById("main");
  swapMark(main, next);
  swapBell(fresh);
  const entries = main.querySelector("[data-entries]");
  const arrived = entries ? mergeEntries(entries, next.querySelector("[data-entries]")) : [];
  const version = next.querySelector("input[name=version]")?.value;
  for (const part of [".verdict", "aside"]) {
    const before = main.querySelector(part);
    const after = next.querySelector(part);
    if (before && after) mergePart(before, after);
  }
  for (const field of main.querySelectorAll("[data-composer] input[name=version]")) field.value = version ?? field.value;
  tellOf(arrived);
}

function swapMark(old, next) {
  const before = old?.querySelector(":scope > [data-pass]");
  const after = next?.querySelector(":scope > [data-pass]");
  if (before && after) before.replaceWith(document.importNode(after, true));
}

function swapBell(fresh) {
  const before = document.querySelector(".bell");
  const after = fresh.querySelector(".bell");
  if (before && after && before !== document.activeElement) before.replaceWith(document.importNode(after, true));
}

document.addEventListener("visibilitychange", () => document.hidden || refresh({}));
