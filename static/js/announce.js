// What happened by itself is said once, politely, to those who listen to the page.
const region = document.createElement("div");
region.className = "vh";
region.setAttribute("role", "status");
region.setAttribute("aria-live", "polite");
document.body.append(region);

export function announce(text) {
  const line = document.createElement("p");
  line.textContent = text;
  region.append(line);
  setTimeout(() => line.remove(), 10_000);
}
