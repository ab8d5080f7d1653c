// The widget's frame on a back-office page: it learns from that page who sits there, exchanges the
// page's token for a session and keeps its key in this module alone.
import "./form.js";
import "./requests.js";
import "./when.js";
import "./ask.js";

const { dataset } = document.body;
const origins = JSON.parse(dataset.origins);
const SESSION = 8 * 3600 * 1000 - 60_000;
const NEWS_EVERY = 5 * 60 * 1000;
const view = document.getElementById("view");
let port = null;
let key = "";
let until = 0;
let page = "";
let isOpen = false;
let isDrawn = false;
let renewing = null;
// Nothing is laid out in a frame that is not shown: the card gets this height, then its own.
const FIRST = 160;
let shownBy = 0;
let measured = null;
let putOff = "";

const tell = (said) => port?.postMessage(said);

function refuse(said, remedy) {
  const shown = document.getElementById("refused").content.cloneNode(true);
  shown.querySelector("[data-said]").textContent = said;
  shown.querySelector("[data-remedy]").textContent = remedy;
  view.replaceChildren(shown);
}

function refuseBy(id) {
  const words = document.getElementById(id).dataset;
  refuse(words.said, words.remedy);
}

async function enter(token) {
  if (!token) {
    refuseBy(until ? "over" : "nobody");
    return false;
  }
  let answer;
  try {
    answer = await fetch(dataset.sessionUrl, {
      method: "POST", body: new URLSearchParams({ token, lang: dataset.lang }), credentials: "omit", cache: "no-store",
    });
  } catch {
    refuseBy("away");
    return false;
  }
  if (!answer.ok) {
    const said = await answer.json().catch(() => null);
    if (said?.message) refuse(said.message, said.remedy);
    else refuseBy("away");
    tell({ news: 0, refused: said?.code ?? answer.status });
    return false;
  }
  const said = await answer.json();
  key = said.key;
  until = Date.now() + SESSION;
  view.lang = said.language === "en" ? "en" : "zh-Hans";
  moved(said);
  return true;
}

// An announcement shows by itself in a small card: once for each, unless the frame is open.
async function moved({ news, announced }) {
  tell({ news });
  if (!announced || isOpen || isDrawn || announced === shownBy || putOff === String(announced)) return;
  shownBy = announced;
  // A request of its own element: what the person opens meanwhile does not queue up behind it.
  await window.htmx.ajax("GET", `${dataset.announcedUrl}${announced}/`, { source: document.body, target: view });
  const card = view.querySelector(".peek");
  if (card && !isOpen && putOff !== String(announced)) {
    document.body.toggleAttribute("data-peek", true);
    tell({ peek: FIRST });
    measured = new ResizeObserver(() => {
      const { height } = card.getBoundingClientRect();
      if (height) tell({ peek: Math.ceil(height) + 2 });
    });
    measured.observe(card);
  }
}

// Nothing measures a card that was put away: its height would bring it back.
function endPeek() {
  measured?.disconnect();
  document.body.removeAttribute("data-peek");
}

async function draw() {
  if (!isOpen || isDrawn || !key) return;
  isDrawn = true;
  await window.htmx.ajax("GET", dataset.homeUrl, { source: view, target: view });
}

function follow(data) {
  if (typeof data.page === "string") page = data.page.slice(0, 2000);
  if (typeof data.later === "string" && data.later) putOff = data.later;
  if (["light", "dark", "auto"].includes(data.theme)) {
    if (data.theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = data.theme;
  }
  if (typeof data.open === "boolean") {
    isOpen = data.open;
    if (isOpen) {
      endPeek();
      draw();
    }
  }
  if ("token" in data && renewing) {
    enter(data.token).then(renewing);
    renewing = null;
  }
}

// The first word comes from the page around, whose origin must be one of the product's; everything
// after it over the channel that came along, which nobody else holds.
window.addEventListener("message", async (event) => {
  if (port || event.source !== window.parent || !origins.includes(event.origin)) return;
  if (event.data?.opsdesk !== "hello" || !event.ports[0]) return;
  port = event.ports[0];
  port.onmessage = ({ data }) => follow(data);
  tell({ news: 0 });
  const { token, ...rest } = event.data;
  follow(rest);
  if (await enter(token)) draw();
});

function renew() {
  return new Promise((done) => {
    renewing = done;
    tell({ renew: true });
  });
}

// A session ends after a working day: the page's back end is asked for the next one first.
document.addEventListener("htmx:confirm", (event) => {
  if (!until || Date.now() < until) return;
  event.preventDefault();
  renew().then((entered) => entered && event.detail.issueRequest());
});

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers.Authorization = `Widget ${key}`;
  if (event.detail.path.startsWith(dataset.submitUrl)) event.detail.parameters.page = page;
});

// Ended on the other side: by a secret that was stopped, or a person who left.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 401) refuseBy("over");
  if ([410, 429].includes(xhr.status)) event.detail.shouldSwap = true;
  // Opened while the card was on its way: what the person reads or writes there stays.
  if (isOpen && event.detail.pathInfo.requestPath.startsWith(dataset.announcedUrl)) event.detail.shouldSwap = false;
});

// A browser lets no frame of another site take the focus by itself; after a click in it, it may.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== view || view.querySelector("[data-form-errors]")) return;
  view.querySelector("[data-focus], form textarea")?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open]")) tell({ close: true });
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-widget-close]")) tell({ close: true });
  if (event.target.closest("[data-widget-open]")) {
    isDrawn = true;
    tell({ open: true });
  }
  const later = event.target.closest("[data-widget-later]");
  if (later) {
    putOff = later.dataset.widgetLater;
    endPeek();
    tell({ peek: 0, later: putOff });
  }
});

setInterval(async () => {
  if (document.hidden || !key || Date.now() > until) return;
  const answer = await fetch(dataset.newsUrl, {
    headers: { Authorization: `Widget ${key}` }, credentials: "omit", cache: "no-store",
  }).catch(() => null);
  if (answer?.ok) moved(await answer.json());
}, NEWS_EVERY);
