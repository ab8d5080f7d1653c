// The inbox by keyboard: j and k go from notice to notice, Enter opens, e marks read or unread.
import { on } from "./keys.js";

const rows = () => [...document.querySelectorAll(".notices > li")];
const current = () => rows().findIndex((row) => row.contains(document.activeElement));
let last = -1;

function go(step) {
  const all = rows();
  if (!all.length) return;
  const at = current();
  const from = at < 0 ? Math.min(last, all.length - 1) : at;
  last = from < 0 ? 0 : Math.max(0, Math.min(all.length - 1, from + step));
  all[last].querySelector(".notice").focus();
}

on("notice-next", () => go(1));
on("notice-previous", () => go(-1));
on("notice-open", () => {
  const row = rows()[current()];
  row?.querySelector(".notice")?.click();
});
on("notice-read", () => {
  const row = rows()[current()];
  row?.querySelector(".notice-mark button")?.click();
});
