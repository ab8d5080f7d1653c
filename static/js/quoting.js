// Words chosen in a message: "r" or the button that appears beside them answers with a quote.
import { put } from "./format.js";

let offered = null;

function chosen() {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return "";
  const inside = (node) => (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest(".msg .said, .msg > .body");
  const at = inside(selection.anchorNode);
  return at && at === inside(selection.focusNode) && !at.closest("form") ? selection.toString().trim() : "";
}

const composer = () => document.querySelector("form[data-draft-url]");

function quote(words) {
  const field = composer()?.querySelector("textarea");
  if (!field || field.hidden) return;
  const lines = words.split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");
  const before = field.value.trimEnd();
  document.getSelection().removeAllRanges();
  put(field, `${before ? "\n\n" : ""}${lines}\n\n`, before.length, field.value.length);
}

function take() {
  offered?.remove();
  offered = null;
}

document.addEventListener("selectionchange", () => {
  const words = chosen();
  if (!words || !composer()) return take();
  const box = document.getSelection().getRangeAt(0).getBoundingClientRect();
  if (!offered) {
    offered = Object.assign(document.createElement("button"), { type: "button", className: "btn quote-offer", textContent: composer().dataset.saidQuote });
    offered.addEventListener("pointerdown", (event) => event.preventDefault());
    offered.addEventListener("click", () => {
      quote(chosen());
      take();
    });
    document.body.append(offered);
  }
  offered.style.insetBlockStart = `${Math.max(4, box.top - 40)}px`;
  offered.style.insetInlineStart = `${Math.max(4, Math.min(box.left, innerWidth - 96))}px`;
  return undefined;
});
document.addEventListener("scroll", take, true);

// Before the key of the reply does its own: it then finds the quote written.
document.addEventListener("keydown", (event) => {
  if (event.code !== "KeyR" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select")) return;
  const words = chosen();
  if (words) setTimeout(() => quote(words), 0);
}, true);
