// The editor of a manual page: its draft is kept by drafts.js, files go up by uploads.js, the keys
// of formatting are those of format.js. Without scripts it is a plain form.
import { draftOf, forget, save, sendsNow, settle, typed } from "./drafts.js";
import { enhanceFormat, put } from "./format.js";
import { uploadAll } from "./uploads.js";

const form = document.querySelector("form.writing[data-draft-url]");
const field = form?.querySelector("textarea");
const PLACEHOLDER = "…";

function tell(what, words = "") {
  const { dataset } = form;
  const said = form.querySelector("[data-draft-said]");
  const texts = { saving: dataset.saidSaving, saved: dataset.saidSaved, away: dataset.saidAway, out: dataset.saidOut, refused: words };
  if (what in texts) {
    said.textContent = texts[what];
    said.toggleAttribute("data-warn", ["away", "out", "refused"].includes(what));
  }
  if (what === "stale" || what === "gone") ask(what);
}

// Two windows of one person: the newer text won, this one says so and offers both.
function ask(what) {
  const draft = draftOf(form, "public");
  const place = form.querySelector("[data-stale-draft]");
  const words = Object.assign(document.createElement("p"), { textContent: form.dataset[what === "stale" ? "saidStale" : "saidGone"] });
  const choices = [[form.dataset.saidTake, true], [form.dataset.saidKeep, false]].slice(what === "stale" ? 0 : 1).map(([label, takes]) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: label });
    button.addEventListener("click", () => {
      settle(draft, takes);
      place.hidden = true;
      if (takes) field.value = draft.text;
      field.focus();
    });
    return button;
  });
  place.replaceChildren(words, ...choices);
  place.hidden = false;
}

// A piece on lines of its own; what is to be written over is selected.
function putBlock(text) {
  const from = field.selectionStart;
  const chosen = field.value.slice(from, field.selectionEnd);
  const before = from && !field.value.slice(0, from).endsWith("\n\n") ? (field.value[from - 1] === "\n" ? "\n" : "\n\n") : "";
  const after = field.value.slice(field.selectionEnd).startsWith("\n") ? "" : "\n";
  const piece = chosen ? text.replace(PLACEHOLDER, () => chosen) : text;
  put(field, `${before}${piece}\n${after}`);
  const at = piece.indexOf(PLACEHOLDER);
  if (at >= 0) field.setSelectionRange(from + before.length + at, from + before.length + at + 1);
}

const closeMenu = (node) => {
  const menu = node.closest("details.menu");
  if (menu) menu.open = false;
};

function enhance() {
  if (form.hasAttribute("data-answered")) forget(form, "public");
  const draft = draftOf(form, "public", tell);
  draft.more = () => ({ title: form.elements.title.value, based_on: form.elements.based_on.value });
  if (field.value !== draft.text) field.value = draft.text;
  form.querySelector("[data-tools]").hidden = false;
  enhanceFormat(form);

  field.addEventListener("input", () => typed(draft, field.value));
  field.addEventListener("focusout", () => save(draft));
  form.elements.title.addEventListener("input", () => {
    draft.saved = null;
    typed(draft, field.value);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name !== "preview") sendsNow(draft, field.value);
  }, true);

  form.addEventListener("files", (event) => {
    const known = new Set(draft.files);
    uploadAll(form, draft, event.detail, () => {
      const added = draft.files.filter((file) => !known.has(file));
      if (added.length) putBlock(added.map((file) => file.markdown).join("\n\n"));
    });
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-block], [data-before], [data-text], [data-link-text]");
    if (!button) return;
    const { block, before, text, linkText } = button.dataset;
    closeMenu(button);
    if (block || text) putBlock(block ?? text);
    else if (linkText) put(field, linkText);
    else putLine(before);
  });
}

// A mark at the beginning of the line the cursor is in; taken away where it stands already.
function putLine(mark) {
  const from = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const has = field.value.startsWith(mark, from);
  put(field, has ? "" : mark, from, has ? from + mark.length : from);
}

// The paper follows the text while one scrolls.
function follow() {
  const paper = document.getElementById("preview");
  field.addEventListener("scroll", () => {
    const room = field.scrollHeight - field.clientHeight;
    if (room > 0) paper.scrollTop = (field.scrollTop / room) * (paper.scrollHeight - paper.clientHeight);
  }, { passive: true });
}

if (form) {
  enhance();
  follow();
  document.querySelector("[data-stale]")?.focus();
}
