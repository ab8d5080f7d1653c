// Fields that take a colleague offer names while one types; without this a user name does.
let waiting;
document.addEventListener("input", (event) => {
  const field = event.target.closest("[data-people]");
  const place = document.getElementById("people");
  if (!field || !place || event.isComposing) return;
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const answer = await fetch(`/people/?people=${encodeURIComponent(field.value)}`);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.querySelectorAll("option"));
  }, 250);
});
