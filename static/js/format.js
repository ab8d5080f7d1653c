// Formatting inside the field, by keys (their place on the keyboard) and by the menu.
const isMac = /Mac|iPhone|iPad/.test(navigator.userAgentData?.platform ?? navigator.platform);
const KEYS = { KeyB: "bold", KeyI: "italic", KeyE: "code" };
const SHIFTED = { KeyU: "link", Digit7: "numbers", Digit8: "list", Digit9: "quote" };
const AROUND = { bold: "**", italic: "*", code: "`" };
const BEFORE = { list: () => "- ", numbers: (at) => `${at + 1}. `, quote: () => "> " };

// Text as if it were typed: the browser's own undo knows it.
export function put(field, text, from = field.selectionStart, to = field.selectionEnd) {
  field.focus();
  field.setSelectionRange(from, to);
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function around(field, mark) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const size = mark.length;
  if (value.slice(from - size, from) === mark && value.slice(to, to + size) === mark) {
    put(field, value.slice(from, to), from - size, to + size);
    field.setSelectionRange(from - size, to - size);
  } else {
    put(field, `${mark}${value.slice(from, to)}${mark}`, from, to);
    field.setSelectionRange(from + size, to + size);
  }
}

function lines(field, mark) {
  const from = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const end = field.value.indexOf("\n", field.selectionEnd);
  const to = end < 0 ? field.value.length : end;
  const all = field.value.slice(from, to).split("\n");
  put(field, all.map((line, at) => mark(at) + line).join("\n"), from, to);
}

function link(field, words) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const chosen = value.slice(from, to);
  const isAddress = /^https?:\/\/\S+$/.test(chosen);
  put(field, isAddress ? `[${words}](${chosen})` : `[${chosen || words}](https://)`, from, to);
  const at = isAddress ? from + 1 : field.selectionEnd - 1;
  field.setSelectionRange(at, isAddress ? at + words.length : at);
}

function format(field, how) {
  if (how in AROUND) around(field, AROUND[how]);
  else if (how in BEFORE) lines(field, BEFORE[how]);
  else link(field, field.form.dataset.saidLink);
}

export function enhanceFormat(form) {
  const field = form.querySelector("textarea");
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || !(isMac ? event.metaKey : event.ctrlKey)) return;
    const how = (event.shiftKey ? SHIFTED : KEYS)[event.code];
    if (!how) return;
    event.preventDefault();
    event.stopPropagation();
    format(field, how);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-format]");
    if (!button) return;
    const menu = button.closest("details");
    if (menu) menu.open = false;
    format(field, button.dataset.format);
  });
}
