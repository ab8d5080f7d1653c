// Judging and routing by keys: c type, l level, a holder, t team, u page, o no page. Each asks for
// a second key in a strip (hint.js) and sends the same form that the page has for the pointer.
import { closeHint, openHint } from "./hint.js";
import { focusOpenRow } from "./fill.js";
import { click, on, press } from "./keys.js";
import { showToast } from "./toast.js";
import { write } from "./write.js";

const words = () => document.getElementById("desk-words")?.dataset ?? {};
const said = (key, values = {}) => Object.entries(values)
  .reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words()[key] ?? "");
const judge = () => document.querySelector("main [data-judge]");
const digit = (n) => ({ cap: String(n), codes: [`Digit${n}`, `Numpad${n}`] });

// Send what the page's hidden form sends; `then` runs on the answer's page, if it is no refusal.
function send(kind, values, then = null) {
  const form = judge();
  const address = form?.dataset[kind];
  if (!address) return false;
  if (then) afterwards(then);
  window.htmx.ajax("POST", address, { source: form, values });
  return true;
}

function afterwards(then) {
  const listen = (event) => {
    // Parts of the page that load by themselves are no answer to this.
    if (!["stage", "act", "refusal"].includes(event.detail.target?.id)) return;
    document.removeEventListener("htmx:afterRequest", listen);
    if (event.detail.successful && event.detail.target.id === "stage") then();
  };
  document.addEventListener("htmx:afterRequest", listen);
}

// ---- c: type, then the module if it is open, then the level ---------------------------------

function classify() {
  const types = judge()?.querySelector("[data-types]");
  if (!types) return "pass";
  openHint({
    title: said("type"),
    entries: [...types.options].map((option, at) => ({
      ...digit(at + 1), label: option.text, current: option.defaultSelected,
      run: () => send("edit", { row: "type", type: option.value }, askModule),
    })),
  });
  return undefined;
}

function askModule() {
  const select = document.querySelector("main .contract [data-row=module][data-open] select");
  if (!select) return askLevel();
  const [unsure, ...modules] = [...select.options].filter((option) => option.value);
  const pick = (option) => () => send("edit", { row: "module", module: option.value }, askLevel);
  openHint({
    title: said("module"),
    find: modules.length > 9 ? said("find") : "",
    entries: [
      ...modules.map((option, at) => ({ ...(at < 9 ? digit(at + 1) : {}), label: option.text, run: pick(option) })),
      { ...digit(0), label: unsure.text, run: pick(unsure) },
    ],
  });
  return undefined;
}

function askLevel() {
  if (document.querySelector("main [data-climb]")) levels();
}

// ---- l: levels ---------------------------------------------------------------------------------

function levels() {
  const present = Number(judge()?.dataset.level);
  if (!present) return "pass";
  const steps = [...document.querySelectorAll("main .rail > li[data-level]")].slice(0, 4);
  openHint({
    title: said("level"),
    entries: steps.map((step) => {
      const level = Number(step.dataset.level);
      return { ...digit(level), label: step.querySelector("b span").textContent, level, ...way(level, present) };
    }),
  });
  return undefined;
}

// How to get to a level: the move of the page, a return, or why there is none.
function way(level, present) {
  if (level === present) return { current: true, note: said("here"), run: () => {} };
  if (level < present) {
    const back = document.querySelector('main [data-climb="down"]');
    if (!back) return { off: true, note: said("noReturn") };
    return { note: said("returns"), run: () => returnTo(back, level) };
  }
  const move = document.querySelector(`main [data-climb="${level}"]`);
  if (!move) return { off: true, note: said("noWork") };
  return { note: move.dataset.lacks ? said("lacks") : "", run: () => click(move) };
}

function returnTo(link, level) {
  const address = new URL(link.href);
  address.searchParams.set("level", level);
  window.htmx.ajax("GET", address.pathname + address.search, { source: link, target: "#act", swap: "innerHTML", select: "#act-form" });
}

// A move whose contract is unmet says what is missing, in place, and leads to the first of it.
document.addEventListener("click", (event) => {
  const move = event.target.closest?.("[data-lacks]");
  const place = move && document.querySelector("main [data-lacks-place]");
  if (!place) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const list = document.createElement("ul");
  for (const line of move.dataset.missing.split("\n")) {
    list.append(Object.assign(document.createElement("li"), { textContent: line }));
  }
  const head = Object.assign(document.createElement("b"), { textContent: said("before", { level: move.dataset.climb }) });
  place.hidden = false;
  place.replaceChildren(head, list);
  focusOpenRow(move.dataset.lacks.split(" "));
}, true);

// ---- a: holder, t: team --------------------------------------------------------------------------

async function choices(address) {
  const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("[data-choice]")].map((item) => ({
    value: item.dataset.choice, kind: item.dataset.kind ?? "", words: item.dataset.words,
    label: item.dataset.label, note: item.textContent.trim(), current: "current" in item.dataset,
  }));
}

function toMe() {
  if (press("KeyA KeyA")) return;
  const { me, holder } = judge().dataset;
  if (holder === me) showToast(said("yours"));
  else send("assign", { assignee: me });
}

let asked = 0;

async function offer(kind, first, run) {
  const address = judge()?.dataset[kind];
  if (!address) return;
  asked += 1;
  const turn = asked;
  let isOpen = true;
  const onClose = () => { isOpen = false; };
  openHint({ title: said(kind), entries: first, find: said("find"), busy: said("loading"), onClose });
  let found;
  try {
    found = await choices(address);
  } catch {
    if (isOpen && turn === asked) openHint({ title: said(kind), entries: first, busy: said("away") });
    return;
  }
  if (!isOpen || turn !== asked) return;
  const entries = found.map((choice, at) => ({ ...(at < 9 ? digit(at + 1) : {}), ...choice, run: () => run(choice) }));
  const typed = document.querySelector(".hint input")?.value;
  openHint({ title: said(kind), entries: [...first, ...entries], find: said("find") });
  const field = document.querySelector(".hint input");
  if (typed !== undefined && typed !== "") {
    field.focus();
    field.value = typed;
    field.dispatchEvent(new Event("input"));
  }
}

function assign() {
  if (!judge()?.dataset.people) return judge()?.dataset.claim ? toMe() : "pass";
  const { me, holder } = judge().dataset;
  const first = [{ cap: "a", codes: ["KeyA", "KeyM"], label: said("me"), current: holder === me, run: toMe }];
  if (holder) first.push({ ...digit(0), label: said("nobody"), run: () => send("assign", { assignee: "" }) });
  offer("people", first, (choice) => send("assign", { assignee: choice.value }));
  return undefined;
}

function route() {
  if (!judge()?.dataset.teams) return "pass";
  offer("teams", [], (choice) => send(choice.kind, { team: choice.value }));
  return undefined;
}

// ---- u, o: the page that answers, or that there is none ----------------------------------------

function answerWithPage() {
  const button = document.querySelector('#related [data-code="KeyU"]');
  if (!button) {
    // What stands beside the ticket may still be on its way.
    if (!document.querySelector("#related [data-beside]")) showToast(said("noPage"));
    else document.addEventListener("htmx:afterSettle", answerWithPage, { once: true });
    return;
  }
  const link = button.closest("li").querySelector("a");
  const text = `[${link.textContent.trim()}](${link.getAttribute("href")})`;
  afterwards(() => write(false, text));
  click(button);
}

on("classify", classify);
on("level", levels);
on("assign", assign);
on("route", route);
on("page", () => (judge() ? answerWithPage() : "pass"));
on("gap", () => (send("edit", { row: "answer_page", answer_page: "gap" }) ? undefined : "pass"));

// A ticket that leaves takes its question with it.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (["stage", "main"].includes(event.detail.target?.id)) closeHint();
});
