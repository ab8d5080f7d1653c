// Relative times stay true while a page is open, in the words the server uses.
import { word } from "./words.js";

const language = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "always" });
const MINUTE = 60_000;

function refresh() {
  const now = Date.now();
  for (const node of document.querySelectorAll("time[data-when]")) {
    const minutes = Math.trunc((new Date(node.dateTime) - now) / MINUTE);
    // Beyond an hour the words are a day and a time of the viewer's zone, which the server wrote.
    if (Math.abs(minutes) >= 60) continue;
    node.textContent = minutes === 0 ? word("justNow") : relative.format(minutes, "minute");
  }
}

setInterval(() => document.hidden || refresh(), MINUTE / 2);
