// The submit form: what is typed is kept on the server, files go up at once and wait there, and
// what a condition does not ask is hidden. Without this file it is a plain form.
import "./ask.js";
import { showAsked } from "./asked.js";
import { list as chips } from "./several.js";
import { enhanceWaiting, uploadTo } from "./waiting.js";

const PAUSE = 800;
const LASTING = 60_000;
const form = document.querySelector("form[data-submit-draft]");
const said = form?.querySelector("[data-draft-said]");
const state = { timer: 0, busy: false, again: false, saved: "", sending: false, stale: null };

const key = () => `submit:${form.dataset.person}`;
const LEFT_OUT = new Set(["csrfmiddlewaretoken", "form_key", "draft", "redraw", "leave_out", "leave_out_context"]);

function values() {
  const data = new FormData();
  for (const [name, value] of new FormData(form)) if (!LEFT_OUT.has(name) && typeof value === "string") data.append(name, value);
  return data;
}
const written = () => new URLSearchParams(values()).toString();

function remember(text) {
  // A device may refuse to store anything: then the text stands in the page alone.
  try {
    if (text) localStorage.setItem(key(), text);
    else localStorage.removeItem(key());
  } catch { /* kept in the page */ }
}

function tell(what, words = "") {
  said.textContent = words || form.dataset[what];
  said.toggleAttribute("data-warn", ["saidAway", "saidOut"].includes(what) || Boolean(words));
}

export function later() {
  clearTimeout(state.timer);
  state.timer = setTimeout(save, PAUSE);
}

// A draft answers with its number; the address names it, so that a reload finds the same one.
export function took(answer) {
  form.elements.draft.value = answer.draft || "";
  form.dataset.revision = answer.revision;
  if (answer.draft && !location.search.includes("draft=")) history.replaceState(history.state, "", answer.url);
}

async function save(isLeaving = false) {
  clearTimeout(state.timer);
  const text = written();
  if (text === state.saved || state.sending || state.stale) return;
  if (state.busy) {
    state.again = true;
    return;
  }
  state.busy = true;
  tell("saidSaving");
  const data = values();
  for (const name of ["csrfmiddlewaretoken", "draft"]) data.set(name, form.elements[name].value);
  data.set("revision", form.dataset.revision);
  try {
    const answer = await fetch(form.dataset.draftSave, {
      method: "POST", redirect: "manual", body: data, keepalive: isLeaving === true && text.length < LASTING,
    });
    await answered(text, answer);
  } catch {
    remember(text);
    tell("saidAway");
  } finally {
    state.busy = false;
    if (state.again) {
      state.again = false;
      later();
    }
  }
}

async function answered(text, answer) {
  if (answer.type === "opaqueredirect" || answer.status === 403) {
    remember(text);
    tell("saidOut");
  } else if (answer.ok) {
    const kept = await answer.json();
    state.saved = text;
    remember("");
    took(kept);
    if (kept.draft) tell("saidSaved");
    else said.textContent = "";
    if (written() !== text) later();
  } else if (answer.status === 409 || answer.status === 404) ask(answer.status === 409 ? await answer.json() : null);
  else tell("", ((await answer.json()).problems ?? []).join(" "));
}

// Two windows: the newer text won, this one says so and offers both.
function ask(newer) {
  state.stale = newer ?? {};
  const place = form.querySelector("[data-stale-draft]");
  const words = Object.assign(document.createElement("p"), { textContent: form.dataset[newer ? "saidStale" : "saidGone"] });
  const button = (label, run) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: label });
    made.addEventListener("click", run);
    return made;
  };
  const keep = button(form.dataset.saidKeep, () => {
    if (newer) took(newer);
    else took({ draft: 0, revision: 0 });
    state.stale = null;
    place.hidden = true;
    save();
  });
  const take = newer ? [button(form.dataset.saidTake, () => location.assign(newer.url))] : [];
  place.replaceChildren(words, ...take, keep);
  place.hidden = false;
}

// What a server that was away never got is here again, where the form is still empty.
function restore() {
  let text = "";
  try {
    text = localStorage.getItem(key()) ?? "";
  } catch { /* nothing was kept */ }
  if (!text || form.elements.description.value.trim()) return;
  for (const [name, value] of new URLSearchParams(text)) {
    const control = form.elements[name];
    if (control && "value" in control && control.type !== "file") control.value = value;
  }
  later();
}

// ---- start --------------------------------------------------------------------------------------

function start() {
  state.saved = written();
  restore();
  showAsked();
  chips(form);
  uploadTo(form, { took, changed: showAsked });
  form.addEventListener("input", () => {
    showAsked();
    later();
  });
  form.addEventListener("change", () => {
    showAsked();
    later();
  });
  form.addEventListener("submit", () => {
    clearTimeout(state.timer);
    state.sending = true;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!form.contains(event.target) && event.target.id !== "depends") return;
    enhanceWaiting();
    showAsked();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) state.sending = false;
  });
  window.addEventListener("pagehide", () => save(true));
  window.addEventListener("online", () => save());
  document.addEventListener("visibilitychange", () => document.hidden && save(true));
}

if (form) start();
