// Columns that stay in sight, and the names of values on a phone: rules of a sheet of the page's own,
// because where a column stands depends on how wide the ones before it came out.
import { grid, heads } from "./cells.js";

const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
const quotedText = (text) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

export function layOut() {
  const frame = grid();
  if (!frame) return;
  const all = heads();
  let left = 0;
  const rules = [];
  all.forEach((head, at) => {
    const label = head.textContent.trim();
    // A number and a title need no name before them.
    if (!["ref", "title"].includes(head.dataset.f)) rules.push(`@media (width < 48rem) { .grid tbody tr[data-id] > :nth-child(${at + 1})::before { content: ${quotedText(label)}; } }`);
    if (at >= Number(frame.dataset.frozen)) return;
    const last = at === Number(frame.dataset.frozen) - 1 ? "box-shadow: 1px 0 0 var(--line-2);" : "";
    rules.push(`@media (width >= 48rem) { .grid :is(thead tr, tr[data-id]) > :nth-child(${at + 1}) { position: sticky; inset-inline-start: ${left}px; z-index: 2; ${last} } .grid thead tr > :nth-child(${at + 1}) { z-index: 5; } }`);
    left += head.getBoundingClientRect().width;
  });
  sheet.replaceSync(rules.join("\n"));
}
