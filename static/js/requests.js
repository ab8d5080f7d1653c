// When htmx gets no page back: say what happened and offer the same request again.
import { word } from "./words.js";
import { showToast } from "./toast.js";
import { focusErrors } from "./form.js";
import { focusStale } from "./dialog.js";
import { enhanceFiles } from "./files.js";

function again(detail) {
  const { path, verb } = detail.requestConfig ?? {};
  const source = detail.elt;
  return () => {
    if (source?.isConnected && verb !== "get") source.closest("form")?.requestSubmit();
    else if (path) window.htmx.ajax(verb.toUpperCase(), path, { source, target: detail.target });
  };
}

function fail(detail, key) {
  showToast(word(key), { tone: "seal", action: { label: word("retry"), run: again(detail) } });
}

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => fail(event.detail, "away"));
}

// Refusals that carry a page of their own (a refused form, a stale write) are shown like any answer.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const page = xhr.getResponseHeader("Content-Type")?.startsWith("text/html");
  if (!page || ![400, 403, 409, 422].includes(xhr.status)) return;
  const refused = xhr.responseText.includes("data-refused");
  if (xhr.status === 403 && !refused) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
  if (refused) {
    event.detail.target = document.getElementById("refusal");
    event.detail.swapOverride = "innerHTML";
  }
});

document.addEventListener("htmx:responseError", (event) => {
  fail(event.detail, event.detail.xhr.status >= 500 ? "broken" : "refused");
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "refusal") event.target.showModal();
  enhanceFiles(event.target);
  focusErrors(event.target);
  focusStale(event.target);
});

// The CSRF token rides along on requests that no form sends.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});
