// Files of a message go up at once and wait with its draft: progress, small pictures, leaving out.
import { word } from "./words.js";

const MB = 1024 * 1024;
const size = (bytes) => (bytes < MB ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / MB).toFixed(1)} MB`);
const say = (form, key, values) => {
  let text = form.dataset[key];
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, value);
  return text;
};

function button(label, run) {
  const made = Object.assign(document.createElement("button"), {
    type: "button", className: "file-remove", textContent: "×", ariaLabel: label,
  });
  made.addEventListener("click", run);
  return made;
}

function row(form, text, more = []) {
  const made = document.createElement("li");
  made.className = "file";
  const name = Object.assign(document.createElement("span"), { className: "clip", textContent: text });
  made.append(name, ...more);
  return made;
}

const placeOf = (form) => form.querySelector("[data-files]");

export function drawFiles(form, draft) {
  const place = placeOf(form);
  if (!place) return;
  const drawn = draft.files.map((file) => {
    const link = Object.assign(document.createElement("a"), { href: file.url, target: "_blank", rel: "noopener", className: "clip", textContent: file.name });
    const made = document.createElement("li");
    made.className = "file";
    if (file.isDrawn) {
      made.append(Object.assign(document.createElement("img"), { src: file.url, alt: "", className: "thumb", loading: "lazy" }));
    }
    const weight = Object.assign(document.createElement("span"), { className: "mute", textContent: file.size });
    made.append(link, weight, button(say(form, "saidRemove", { name: file.name }), () => leaveOut(form, draft, file)));
    return made;
  });
  place.replaceChildren(...drawn, ...[...place.children].filter((child) => child.dataset.under === draft.kind));
  place.hidden = !place.childElementCount;
}

async function leaveOut(form, draft, file) {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const answer = await fetch(file.remove, { method: "POST", body: data, redirect: "manual" });
  if (!answer.ok && answer.status !== 404) return;
  draft.files = draft.files.filter((other) => other !== file);
  drawFiles(form, draft);
  form.querySelector("textarea").focus();
}

function refuse(form, draft, text) {
  const made = row(form, text, []);
  made.dataset.tone = "seal";
  made.dataset.under = draft.kind;
  made.setAttribute("role", "alert");
  made.append(button(word("dismiss"), () => {
    made.remove();
    placeOf(form).hidden = !placeOf(form).childElementCount;
  }));
  placeOf(form).append(made);
  placeOf(form).hidden = false;
}

export async function uploadAll(form, draft, files, done) {
  const input = form.querySelector("input[type=file]");
  const most = Number(input.dataset.maxCount || 0);
  const largest = Number(input.dataset.maxBytes || 0);
  let waiting = draft.files.length;
  for (const file of files) {
    if (most && waiting >= most) refuse(form, draft, say(form, "saidMany", { name: file.name, count: most }));
    else if (largest && file.size > largest) refuse(form, draft, say(form, "saidLarge", { name: file.name, limit: size(largest) }));
    else {
      waiting += 1;
      // One after the other: the first file begins the draft, the others join it.
      // eslint-disable-next-line no-await-in-loop
      await upload(form, draft, file);
    }
  }
  done();
}

function upload(form, draft, file) {
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0, ariaLabel: say(form, "saidUploading", { name: file.name }) });
  const request = new XMLHttpRequest();
  const made = row(form, file.name, [bar, button(say(form, "saidRemove", { name: file.name }), () => request.abort())]);
  made.dataset.under = draft.kind;
  placeOf(form).append(made);
  placeOf(form).hidden = false;
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.set("kind", draft.kind);
  data.set("file", file, file.name || "file");
  return new Promise((finish) => {
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
    });
    request.addEventListener("loadend", () => {
      made.remove();
      const answer = request.getResponseHeader("Content-Type")?.startsWith("application/json") ? JSON.parse(request.responseText) : null;
      if (request.status === 201) {
        draft.files = [...draft.files, answer.file];
        if (!draft.revision) draft.revision = answer.revision;
        drawFiles(form, draft);
      } else if (request.status || request.readyState === XMLHttpRequest.DONE) {
        if (!answer && !request.status) drawFiles(form, draft);
        if (answer || request.status) refuse(form, draft, answer?.problems.join(" ") ?? say(form, "saidFailed", { name: file.name }));
      }
      finish();
    });
    request.open("POST", form.dataset.filesUrl);
    request.send(data);
  });
}
