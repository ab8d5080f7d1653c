// Toasts go eight seconds after they were last looked at (pointer or focus); failures stay.
import { word } from "./words.js";

const STAY = 8000;
const MOST = 3;
const region = () => document.getElementById("toasts");

function arm(toast) {
  if (toast.dataset.armed) return;
  toast.dataset.armed = "yes";
  const dismiss = toast.querySelector("[data-dismiss]");
  if (dismiss) {
    dismiss.hidden = false;
    dismiss.addEventListener("click", () => toast.remove());
  }
  if (toast.dataset.tone === "seal") return;
  let timer;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), STAY);
  };
  const stop = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, start);
  start();
}

export function showToast(text, { tone = "", action = null } = {}) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.toast = "";
  if (tone) toast.dataset.tone = tone;
  const line = document.createElement("p");
  line.textContent = text;
  toast.append(line);
  if (action) {
    const button = Object.assign(document.createElement("button"), {
      type: "button", className: "btn", textContent: action.label,
    });
    button.addEventListener("click", () => {
      toast.remove();
      action.run();
    });
    toast.append(button);
  }
  const close = Object.assign(document.createElement("button"), {
    type: "button", className: "btn", textContent: "×", ariaLabel: word("dismiss"),
  });
  close.dataset.icon = "";
  close.dataset.dismiss = "";
  toast.append(close);
  region()?.append(toast);
  return toast;
}

// Quick work leaves many: the oldest go, but never a failure, an offer, or one that is looked at.
const LASTING = "[data-tone=seal], :has(form, a), :hover, :focus-within";

export function armToasts() {
  const toasts = [...(region()?.querySelectorAll("[data-toast]") ?? [])];
  toasts.forEach(arm);
  for (const old of toasts.slice(0, -MOST)) if (!old.matches(LASTING)) old.remove();
}

if (region()) new MutationObserver(armToasts).observe(region(), { childList: true });
armToasts();
