// What stands beside a ticket comes after the page; until it is there again, the last is shown.
let kept = null;
const beside = () => document.querySelector("#related > [data-beside]");

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id !== "stage") return;
  const shown = document.querySelector("main[data-ticket]")?.dataset.ticket;
  const place = document.getElementById("related");
  kept = shown && place && !beside() ? { ticket: shown, nodes: [...place.childNodes].map((node) => node.cloneNode(true)) } : null;
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const place = beside();
  if (detail.target.id !== "stage" || !place || kept?.ticket !== place.dataset.beside) return;
  place.replaceChildren(...kept.nodes);
  place.inert = true;
});
