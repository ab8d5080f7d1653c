// What was typed and not sent, a text a ticket and kind: kept on the server, and here while the
// server is away. The window whose text is older than the server's is told, never heard.
const PAUSE = 800;
// A request that outlives its page may carry no more (bytes).
const LASTING = 60_000;
const texts = new Map();
// When the page now on its way in was asked for: what was saved after that, it cannot know.
const asked = new WeakMap();
let pageAsked = 0;
document.addEventListener("htmx:beforeSend", (event) => asked.set(event.detail.xhr, performance.now()));
document.addEventListener("htmx:beforeSwap", (event) => {
  pageAsked = asked.get(event.detail.xhr) ?? performance.now();
});

const keyOf = (form, kind) => `${form.dataset.ticket}:${kind}`;
const local = (form, kind) => `draft:${form.dataset.person}:${keyOf(form, kind)}`;
const EMPTY = { body: "", revision: 0, files: [] };

function remember(form, kind, draft) {
  // A device may refuse to store anything: then the text stands in the page alone.
  try {
    if (draft) localStorage.setItem(local(form, kind), JSON.stringify({ text: draft.text, revision: draft.revision }));
    else localStorage.removeItem(local(form, kind));
  } catch { /* kept in the page */ }
}

function remembered(form, kind) {
  try {
    return JSON.parse(localStorage.getItem(local(form, kind)));
  } catch {
    return null;
  }
}

// The form came back from the server with what becomes of its text: an older copy here, which a
// request cut off by sending the form left behind, must not take its place.
export function forget(form, kind) {
  remember(form, kind, null);
}

// The draft of this kind as the page brought it, or as it was typed since in this window.
export function draftOf(form, kind, tell) {
  const key = keyOf(form, kind);
  const kept = texts.get(key);
  if (kept && kept.form === form) return kept;
  const server = JSON.parse(form.dataset.drafts || "{}")[kind] ?? EMPTY;
  const isNewer = kept && (kept.text !== kept.saved || kept.savedAt >= pageAsked);
  const isTyped = isNewer && kept.sent === null;
  const draft = kept ?? { timer: 0, busy: false, again: false, savedAt: -1 };
  Object.assign(draft, { form, kind, tell, files: server.files, sent: null });
  if (!isTyped) Object.assign(draft, { text: server.body, saved: server.body, revision: server.revision });
  const away = remembered(form, kind);
  if (away && !isTyped && away.text !== server.body) Object.assign(draft, { text: away.text, revision: away.revision });
  texts.set(key, draft);
  if (draft.text !== draft.saved) later(draft);
  return draft;
}

export function typed(draft, text) {
  draft.text = text;
  draft.sent = null;
  later(draft);
}

function later(draft) {
  clearTimeout(draft.timer);
  draft.timer = setTimeout(() => save(draft), PAUSE);
}

export function sendsNow(draft, text) {
  clearTimeout(draft.timer);
  draft.text = text;
  draft.sent = text;
}

export function wasRefused(draft) {
  draft.sent = null;
  later(draft);
}

function bodyOf(draft, fields) {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", draft.form.elements.csrfmiddlewaretoken.value);
  data.set("kind", draft.kind);
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

export async function save(draft, isLeaving = false) {
  clearTimeout(draft.timer);
  if (draft.text === draft.saved || draft.sent !== null || draft.stale) return;
  if (draft.busy) {
    draft.again = true;
    return;
  }
  draft.busy = true;
  const text = draft.text;
  draft.tell("saving");
  try {
    const answer = await fetch(draft.form.dataset.draftUrl, {
      method: "POST", redirect: "manual", keepalive: isLeaving && text.length * 3 < LASTING,
      body: bodyOf(draft, { body: text, revision: draft.revision, ...draft.more?.() }),
    });
    await answered(draft, text, answer);
  } catch {
    remember(draft.form, draft.kind, draft);
    draft.tell("away");
  } finally {
    draft.busy = false;
    if (draft.again) {
      draft.again = false;
      later(draft);
    }
  }
}

async function answered(draft, text, answer) {
  if (answer.type === "opaqueredirect" || answer.status === 403) {
    remember(draft.form, draft.kind, draft);
    draft.tell("out");
  } else if (answer.ok) {
    draft.saved = text;
    draft.savedAt = performance.now();
    draft.revision = (await answer.json()).revision;
    remember(draft.form, draft.kind, null);
    draft.tell("saved");
    if (draft.text !== text) later(draft);
  } else if (answer.status === 409) {
    draft.stale = await answer.json();
    draft.tell(draft.stale.revision ? "stale" : "gone");
  } else {
    draft.tell("refused", (await answer.json()).problems?.join(" ") ?? "");
  }
}

// The newer text takes the place of this one, or this one goes over it.
export function settle(draft, takesNewer) {
  const { body, revision, files } = draft.stale;
  draft.stale = null;
  draft.revision = revision;
  draft.saved = body;
  draft.files = files;
  remember(draft.form, draft.kind, null);
  if (takesNewer) draft.text = body;
  else save(draft);
}

export function saveAll(isLeaving = false) {
  for (const draft of texts.values()) if (draft.form.isConnected || isLeaving) save(draft, isLeaving);
}

window.addEventListener("pagehide", () => saveAll(true));
window.addEventListener("online", () => saveAll());
document.addEventListener("visibilitychange", () => document.hidden && saveAll(true));
document.addEventListener("htmx:beforeRequest", () => saveAll());
