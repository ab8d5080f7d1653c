// A video tells which of its seconds were played: <video data-watched="address">. The browser keeps
// what was played; what is sent again is joined on the server, so a lost report costs nothing.
// Beside it (in the same figure) a <progress> and [data-percent] show how much that is by now.
const EVERY = 10_000;

function played(video) {
  return Array.from({ length: video.played.length }, (_, i) => [
    Math.round(video.played.start(i) * 10) / 10,
    Math.round(video.played.end(i) * 10) / 10,
  ]);
}

function body(video, parts) {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "");
  data.set("parts", JSON.stringify(parts));
  if (Number.isFinite(video.duration)) data.set("length", String(video.duration));
  return data;
}

function show(video, percent) {
  const figure = video.closest("figure");
  const bar = figure?.querySelector("progress");
  const said = figure?.querySelector("[data-percent]");
  if (bar) bar.value = percent;
  if (said) said.textContent = said.dataset.percent.replace("{percent}", percent);
  video.dispatchEvent(new CustomEvent("watched", { bubbles: true, detail: { percent } }));
}

async function report(video, parts = played(video)) {
  try {
    const answer = await fetch(video.dataset.watched, {
      method: "POST", body: body(video, parts), headers: { "X-Requested-With": "fetch" },
    });
    if (answer.ok) show(video, (await answer.json()).percent);
  } catch {
    // Without a connection the next report brings it all.
  }
}

for (const video of document.querySelectorAll("video[data-watched]")) {
  let timer = 0;
  // The first report starts the clock that later ones are held against.
  video.addEventListener("play", () => {
    report(video, []);
    clearInterval(timer);
    timer = setInterval(() => report(video), EVERY);
  });
  for (const name of ["pause", "ended"]) {
    video.addEventListener(name, () => {
      clearInterval(timer);
      report(video);
    });
  }
  window.addEventListener("pagehide", () => {
    if (video.played.length) navigator.sendBeacon(video.dataset.watched, body(video, played(video)));
  });
}
