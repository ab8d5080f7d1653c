// The tree of a manual: a page that was just moved keeps the focus on the same button.
const KEY = "arranged";

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.closest("[data-arrange]")) return;
  try {
    sessionStorage.setItem(KEY, button.value);
  } catch { /* the focus goes to the top, as without scripts */ }
}, true);

const row = document.querySelector("[data-arrange] [data-moved]");
if (row) {
  let step = "";
  try {
    step = sessionStorage.getItem(KEY) ?? "";
    sessionStorage.removeItem(KEY);
  } catch { /* as above */ }
  const button = row.querySelector(`button[value="${CSS.escape(step)}"]:not([disabled])`) ?? row.querySelector("button:not([disabled])");
  button?.focus();
}
