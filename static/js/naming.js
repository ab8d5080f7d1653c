// "@" and a name: a list of people to choose from. While an input method composes, its keys are its
// own; the list asks when the composition has ended.
import { put } from "./format.js";

const BEGUN = /(?:^|[^\w@.\-/])@([^\s@]{0,20})$/u;
const WAIT = 120;

export function enhanceNaming(form, kindOf) {
  const field = form.querySelector("textarea");
  const list = form.querySelector("#naming");
  const said = form.querySelector("[data-naming-said]");
  let timer = 0;
  let asked = 0;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const begun = () => BEGUN.exec(field.value.slice(0, field.selectionStart));

  function close() {
    clearTimeout(timer);
    asked += 1;
    list.hidden = true;
    list.replaceChildren();
    said.textContent = "";
    field.removeAttribute("aria-activedescendant");
    field.removeAttribute("aria-controls");
  }

  function choose(option) {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  async function ask() {
    const match = begun();
    if (!match) return close();
    const mine = (asked += 1);
    const answer = await fetch(`${form.dataset.peopleUrl}?q=${encodeURIComponent(match[1])}&kind=${kindOf()}`, { redirect: "manual" });
    if (!answer.ok || mine !== asked || !form.isConnected) return undefined;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return undefined;
    list.replaceChildren(...found.body.querySelectorAll("li"));
    list.hidden = !options().length;
    field.setAttribute("aria-controls", "naming");
    said.textContent = form.dataset.saidFound.replace("{count}", options().length);
    if (options().length) choose(options()[0]);
    return undefined;
  }

  function take(option) {
    const match = begun();
    if (!match) return close();
    put(field, `@${option.dataset.words} `, field.selectionStart - match[1].length - 1, field.selectionStart);
    if (option.dataset.joins) invite(form, option.dataset.joins, option.dataset.name);
    return close();
  }

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event.isComposing) return;
    if (begun()) timer = setTimeout(ask, WAIT);
    else if (!list.hidden) close();
  });
  field.addEventListener("compositionend", () => {
    if (begun()) timer = setTimeout(ask, WAIT);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing || event.keyCode === 229) return;
    const at = options().findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(options().at((at + step) % options().length));
    } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") take(options()[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  field.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}

// Whoever is named and not on the ticket is let in with the message; it stands there, and can go.
function invite(form, pk, name) {
  const place = form.querySelector("[data-invited]");
  if (place.querySelector(`input[value="${pk}"]`)) return;
  const chip = Object.assign(document.createElement("span"), { className: "chip", textContent: form.dataset.saidJoins.replace("{name}", name) });
  const sent = Object.assign(document.createElement("input"), { type: "hidden", name: "invited", value: pk });
  const remove = Object.assign(document.createElement("button"), {
    type: "button", className: "file-remove", textContent: "×", ariaLabel: form.dataset.saidRemove.replace("{name}", name),
  });
  remove.addEventListener("click", () => {
    chip.remove();
    place.hidden = !place.childElementCount;
  });
  chip.append(sent, remove);
  place.append(chip);
  place.hidden = false;
}
