// Open pages hear what changed: one poll a browser, every two seconds while somebody looks at one of
// its pages (core/polling.py). Pages agree on who asks by a lock, and share the answer.
import "./beside.js";
import { refresh } from "./refresh.js";
import { place, showHere } from "./presence.js";

const QUICK = 2000;
const SLOW = 15_000;
const LONGEST = 60_000;
const FORGET = 90_000;
const MOST_PASSES = 12;

const own = Math.random().toString(36).slice(2);
const channel = "BroadcastChannel" in window ? new BroadcastChannel("opsdesk-live") : null;
const marks = () => [...document.querySelectorAll("[data-pass]")];
const others = new Map();
let event = ""; // set while Redis is away: the newest event the database was asked for
let tag = "";
let failures = 0;
let leads = false;
let isOut = false;
let timer = 0;

const me = () => ({
  id: own, heard: Date.now(), visible: !document.hidden, place: document.hidden ? "" : place(),
  passes: marks().map((mark) => `${mark.dataset.pass} ${mark.dataset.passNumber}`),
});
const say = (what) => channel?.postMessage(what);
const pages = () => [me(), ...others.values()];

function delay() {
  if (failures) return Math.min(LONGEST, QUICK * 2 ** failures) * (0.8 + Math.random() * 0.4);
  if (event) return SLOW;
  return pages().some((page) => page.visible) ? QUICK : SLOW;
}

function soon(after = delay()) {
  clearTimeout(timer);
  if (leads && !isOut) timer = setTimeout(ask, after);
}

async function ask() {
  for (const [id, page] of others) if (Date.now() - page.heard > FORGET) others.delete(id);
  const asked = pages().filter((page) => page.passes.length).sort((a, b) => b.visible - a.visible);
  const passes = asked.flatMap((page) => page.passes).slice(0, MOST_PASSES);
  if (!passes.length) return soon(SLOW);
  const headers = { "X-Live": passes.join(","), "X-Live-At": asked.find((page) => page.place)?.place ?? "" };
  if (event) headers["X-Live-Event"] = event;
  if (tag) headers["If-None-Match"] = tag;
  try {
    const answer = await fetch("/live/", { headers, cache: "no-store", signal: AbortSignal.timeout?.(10_000) });
    if (answer.status === 200) {
      tag = answer.headers.get("ETag") ?? "";
      const news = await answer.json();
      hear(news);
      say({ news });
    } else if (answer.status === 401) isOut = true;
    else if (answer.status === 403) {
      // The passes are too old: every page is asked for again, and brings a new one if it may.
      if (!(await renew())) failures += 1;
      say({ renew: true });
      return soon();
    } else if (answer.status !== 304) throw new Error(String(answer.status));
    failures = 0;
  } catch {
    failures = Math.min(failures + 1, 5);
  }
  return soon();
}

const renew = () => refresh({ ticket: true, list: true });

// What one answer means to this page. Another page's keys may be among them.
function hear({ number, changed, here, event: newest }) {
  event = newest ? String(newest) : "";
  if (number) for (const mark of marks()) mark.dataset.passNumber = String(Math.max(number, Number(mark.dataset.passNumber)));
  const shown = document.querySelector("[data-at]")?.dataset.at;
  const isDesk = Boolean(document.querySelector("#stage"));
  const ofTicket = (key) => key === shown || key.startsWith("cause:") || (!isDesk && key.startsWith("ticket:"));
  const ofList = (key) => key.startsWith("queue:") || key.startsWith("inbox:") || document.getElementById(key.replace("ticket:", "row-"));
  const ofInbox = (key) => !isDesk && key.startsWith("inbox:");
  refresh({ ticket: changed.some((key) => ofTicket(key) || ofInbox(key)), list: isDesk && changed.some(ofList) });
  showHere(here);
}

channel?.addEventListener("message", ({ data }) => {
  if (data.page) {
    others.set(data.page.id, data.page);
    if (leads && data.page.visible) soon(150);
  } else if (data.gone) others.delete(data.gone);
  else if (data.news) hear(data.news);
  else if (data.renew) renew();
  else if (data.who) say({ page: me() });
});

// Leading passes to the page that is looked at: a hidden one is slowed down by the browser.
async function lead(steal = false) {
  if (!navigator.locks) {
    leads = true;
    return soon(0);
  }
  try {
    await navigator.locks.request("opsdesk-live", steal ? { steal: true } : {}, () => {
      leads = true;
      say({ who: own });
      soon(0);
      return new Promise(() => {});
    });
  } catch {
    // Another page took over; this one waits for its turn.
    leads = false;
    clearTimeout(timer);
    lead();
  }
  return undefined;
}

let telling = 0;
function tell() {
  clearTimeout(telling);
  telling = setTimeout(() => {
    say({ page: me() });
    soon(0);
  }, 150);
}

if (marks().length || document.querySelector("#stage")) {
  lead(!document.hidden);
  tell();
  setInterval(() => say({ page: me() }), SLOW);
  for (const name of ["focusin", "focusout", "htmx:afterSettle", "visibilitychange"]) {
    let was = "";
    document.addEventListener(name, () => {
      const now = JSON.stringify({ ...me(), heard: 0 });
      if (now !== was) tell();
      was = now;
    });
  }
  document.addEventListener("visibilitychange", () => !document.hidden && !leads && lead(true));
  window.addEventListener("pageshow", (page) => page.persisted && renew());
  window.addEventListener("pagehide", () => say({ gone: own }));
}
