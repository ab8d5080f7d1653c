// The composer: each tab holds its own draft; preview; what becomes of a file is in uploads.js,
// "@" in naming.js, the keys of formatting in format.js. Without scripts it is a plain form.
import { draftOf, save, sendsNow, settle, typed, wasRefused } from "./drafts.js";
import { enhanceNaming } from "./naming.js";
import { enhanceFormat } from "./format.js";
import { drawFiles, uploadAll } from "./uploads.js";
import "./quoting.js";

const ready = new WeakSet();
const kindOf = (form) => (form.querySelector("input[name=note]:checked")?.value ? "note" : "public");
const kinds = (form) => (form.querySelector("input[name=note]") ? ["public", "note"] : ["public"]);
const area = (form) => form.querySelector("textarea");

function markRow(form) {
  const row = document.getElementById(`row-${form.dataset.ticket}`);
  const has = kinds(form).some((kind) => draftOf(form, kind).text.trim() || draftOf(form, kind).files.length);
  const mark = row?.querySelector(".draft-mark");
  if (mark && !has) mark.remove();
  else if (row && has && !mark) {
    row.querySelector(".meta")?.prepend(Object.assign(document.createElement("span"), {
      className: "draft-mark", textContent: form.dataset.saidDraft,
    }));
  }
}

function tell(form, kind, what, words = "") {
  const { dataset } = form;
  const said = form.querySelector("[data-draft-said]");
  const texts = { saving: dataset.saidSaving, saved: dataset.saidSaved, away: dataset.saidAway, out: dataset.saidOut, refused: words };
  if (what in texts) {
    said.textContent = texts[what];
    said.toggleAttribute("data-warn", ["away", "out", "refused"].includes(what));
  }
  if (what === "saved") markRow(form);
  if (what === "stale" || what === "gone") ask(form, kind, what);
}

// Two windows: the newer text won, this one says so and offers both.
function ask(form, kind, what) {
  const draft = draftOf(form, kind);
  const place = form.querySelector("[data-stale-draft]");
  const words = Object.assign(document.createElement("p"), { textContent: form.dataset[what === "stale" ? "saidStale" : "saidGone"] });
  const choices = [[form.dataset.saidTake, true], [form.dataset.saidKeep, false]].map(([label, takes]) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: label });
    button.addEventListener("click", () => {
      settle(draft, takes);
      place.hidden = true;
      if (kindOf(form) === kind) show(form);
      area(form).focus();
    });
    return button;
  });
  place.replaceChildren(words, ...choices);
  place.hidden = false;
}

function show(form) {
  const draft = draftOf(form, kindOf(form));
  if (area(form).value !== draft.text) area(form).value = draft.text;
  drawFiles(form, draft);
  for (const radio of form.querySelectorAll("input[name=note]")) {
    const other = draftOf(form, radio.value ? "note" : "public");
    radio.closest("label").toggleAttribute("data-held", Boolean(other.text.trim() || other.files.length) && other !== draft);
  }
  markRow(form);
}

function enhance(form) {
  if (ready.has(form)) return;
  ready.add(form);
  for (const kind of kinds(form)) draftOf(form, kind, (what, words) => tell(form, kind, what, words));
  form.querySelector("[data-writing]").hidden = false;
  enhanceNaming(form, () => kindOf(form));
  enhanceFormat(form);
  show(form);
}

const composerOf = (node) => node.closest?.("form[data-draft-url]");

document.addEventListener("input", (event) => {
  const form = composerOf(event.target);
  if (form && event.target === area(form)) typed(draftOf(form, kindOf(form)), event.target.value);
});

document.addEventListener("focusout", (event) => {
  const form = composerOf(event.target);
  if (form && event.target === area(form)) save(draftOf(form, kindOf(form)));
});

document.addEventListener("change", (event) => {
  const form = composerOf(event.target);
  if (form && event.target.name === "note") {
    for (const kind of kinds(form)) save(draftOf(form, kind));
    closePreview(form);
    show(form);
  }
});

document.addEventListener("files", (event) => {
  const form = event.target;
  if (form.matches?.("form[data-draft-url]")) uploadAll(form, draftOf(form, kindOf(form)), event.detail, () => show(form));
});

document.addEventListener("submit", (event) => {
  const form = composerOf(event.target);
  if (form) sendsNow(draftOf(form, kindOf(form)), area(form).value);
}, true);

document.addEventListener("htmx:afterRequest", (event) => {
  const form = composerOf(event.detail.elt);
  if (form?.isConnected && !event.detail.successful) wasRefused(draftOf(form, kindOf(form)));
});

// ---- preview ------------------------------------------------------------------------------------

function closePreview(form) {
  const place = form.querySelector("[data-preview]");
  if (place.hidden) return;
  place.hidden = true;
  area(form).hidden = false;
  form.querySelector("[data-preview-toggle]").setAttribute("aria-pressed", "false");
}

async function preview(form) {
  const place = form.querySelector("[data-preview]");
  if (!place.hidden) {
    closePreview(form);
    area(form).focus();
    return;
  }
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.set("body", area(form).value);
  const answer = await fetch(form.dataset.previewUrl, { method: "POST", body: data, redirect: "manual" });
  if (!answer.ok) {
    const refused = answer.status === 422 ? (await answer.json()).problems.join(" ") : form.dataset.saidAway;
    tell(form, kindOf(form), "refused", refused);
    return;
  }
  // Cleaned by the server, as every message is.
  const body = document.createElement("div");
  body.className = "body";
  body.append(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
  place.replaceChildren(body);
  place.hidden = false;
  area(form).hidden = true;
  form.querySelector("[data-preview-toggle]").setAttribute("aria-pressed", "true");
}

document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-preview-toggle]");
  if (toggle) preview(composerOf(toggle));
});

// ---- start, and after each swap -----------------------------------------------------------------

let before = null;
let previewed = "";
document.addEventListener("htmx:beforeSwap", () => {
  const open = document.querySelector("[data-preview]:not([hidden])");
  previewed = open ? composerOf(open)?.dataset.ticket ?? "" : "";
  const field = document.activeElement;
  const form = composerOf(field ?? document.body);
  before = form && field === area(form)
    ? { ticket: form.dataset.ticket, kind: kindOf(form), from: field.selectionStart, to: field.selectionEnd } : null;
});

// A swap by another act leaves whoever was writing where they were.
function goOn(form) {
  if (!before || before.ticket !== form.dataset.ticket || document.activeElement !== document.body) return;
  const { kind, from, to } = before;
  before = null;
  if (!draftOf(form, kind).text) return;
  const radio = form.querySelector(`input[name=note][value="${kind === "note" ? "on" : ""}"]`);
  if (radio) radio.checked = true;
  show(form);
  area(form).focus();
  area(form).setSelectionRange(from, to);
}

function start() {
  for (const form of document.querySelectorAll("form[data-draft-url]")) {
    const isNew = !ready.has(form);
    enhance(form);
    if (!isNew) continue;
    if (previewed === form.dataset.ticket) preview(form);
    previewed = "";
    goOn(form);
  }
}

document.addEventListener("htmx:afterSwap", start);
start();
