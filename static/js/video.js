// A video of a manual page: which parts of it were played is told to the server while it plays.
// Only what really ran counts: jumping ahead leaves a gap.
const PAUSE = 15_000;
const reported = new WeakMap();

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value
  ?? document.cookie.split("; ").find((one) => one.startsWith("csrftoken="))?.slice("csrftoken=".length) ?? "";

function partsOf(video) {
  const parts = [];
  for (let at = 0; at < video.played.length; at += 1) parts.push([video.played.start(at), video.played.end(at)]);
  return parts;
}

async function report(video, isLeaving = false) {
  const state = reported.get(video);
  const parts = JSON.stringify(partsOf(video));
  if (!Number.isFinite(video.duration) || parts === state.sent) return;
  state.sent = parts;
  const data = new FormData();
  data.set("csrfmiddlewaretoken", token());
  data.set("parts", parts);
  data.set("length", video.duration);
  try {
    const answer = await fetch(`/manuals/videos/${video.dataset.video}/watched/`, {
      method: "POST", body: data, redirect: "manual", keepalive: isLeaving, headers: { "X-Requested-With": "fetch" },
    });
    if (!answer.ok) state.sent = "";
  } catch {
    state.sent = "";
  }
}

function watch(video) {
  if (reported.has(video)) return;
  reported.set(video, { sent: "", timer: 0 });
  video.addEventListener("play", () => {
    report(video);
    clearInterval(reported.get(video).timer);
    reported.get(video).timer = setInterval(() => report(video), PAUSE);
  });
  for (const name of ["pause", "ended"]) {
    video.addEventListener(name, () => {
      clearInterval(reported.get(video).timer);
      report(video);
    });
  }
  window.addEventListener("pagehide", () => {
    if (video.played.length) report(video, true);
  });
}

const start = () => {
  for (const video of document.querySelectorAll("video[data-video]")) watch(video);
};
document.addEventListener("htmx:afterSwap", start);
start();
