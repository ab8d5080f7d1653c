// OpsDesk on a back-office page: a button that opens help for this product in a frame.
// <script async src="https://opsdesk.example.com/widget.js" data-product="crm" data-token-url="/opsdesk-token"></script>
// What it takes: docs/how-to/add-the-widget.md. Served without remarks and indents, below 6 KB.
(() => {
  const script = document.currentScript;
  if (!script?.dataset.product || window.OpsDesk) return;
  const { dataset } = script;
  const home = new URL(script.src).origin;
  const zh = (dataset.lang || document.documentElement.lang || navigator.language || "zh").toLowerCase().startsWith("zh");
  const word = zh
    ? { label: "帮助与反馈", close: "关闭帮助", news: (n) => `${n} 张工单有新进展`, away: "帮助暂时打不开。", go: "到 OpsDesk 提交" }
    : { label: "Help & feedback", close: "Close help", news: (n) => `${n} of your tickets ${n === 1 ? "has" : "have"} news`, away: "Help does not open at the moment.", go: "Submit in OpsDesk" };
  const name = dataset.label || word.label;
  const [edge, side] = /^(top|bottom)-(left|right)$/.exec(dataset.position || "")?.slice(1) ?? ["bottom", "right"];
  let given = dataset.token || "";
  let frame, port, timer, isOpen = false, answered = false, where = {};
  script.removeAttribute("data-token");

  const dark = "--s:#1b2427;--t:#e9eef0;--p:#b9dbe2;--o:#102328;--l:#75838a;color-scheme:dark";
  const css = `
:host{all:initial;--s:#fff;--t:#17262d;--p:#16424f;--o:#fff;--l:#8896a0;color-scheme:light}
:host([data-theme=dark]){${dark}}
@media(prefers-color-scheme:dark){:host([data-theme=auto]){${dark}}}
*{box-sizing:border-box;font:14px/1.4 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
[hidden]{display:none!important}
button,aside{position:fixed;${side}:16px;z-index:2147483000}
button{${edge}:16px;display:flex;align-items:center;gap:6px;min-height:40px;padding:0 14px;border:1px solid transparent;border-radius:20px;background:var(--p);color:var(--o);box-shadow:0 2px 10px #0004;cursor:pointer}
button:focus-visible{outline:3px solid #2f8fd0;outline-offset:2px}
b{min-width:20px;padding:0 5px;border-radius:10px;background:var(--o);color:var(--p);font-weight:600;text-align:center}
aside{${edge}:68px;width:min(400px,calc(100vw - 32px));height:min(640px,calc(100vh - 88px));overflow:hidden;border:1px solid var(--l);border-radius:10px;background:var(--s);color:var(--t);box-shadow:0 8px 32px #0005}
aside[data-peek]{height:var(--h)}
iframe{display:block;width:100%;height:100%;border:0}
p{margin:24px}a{color:inherit}
@media(max-width:480px){aside:not([data-peek]){inset:0;width:100vw;height:100%;border:0;border-radius:0}}
@media print{:host{display:none}}`;

  const make = (tag, values = {}, ...inside) => {
    const node = Object.assign(document.createElement(tag), values);
    node.append(...inside);
    return node;
  };
  const box = make("opsdesk-widget");
  const root = box.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  box.dataset.theme = ["light", "dark"].includes(dataset.theme) ? dataset.theme : "auto";
  const aria = (node, values) => Object.entries(values).forEach(([key, value]) => node.setAttribute(`aria-${key}`, value));
  const count = make("b", { hidden: true });
  const button = make("button", { type: "button" }, name, count);
  const panel = make("aside", { hidden: true });
  panel.setAttribute("role", "dialog");
  aria(panel, { label: name });
  root.append(button, panel);

  // A token is good once: the page's own, then one from its back end for each further session.
  async function token() {
    const first = given;
    given = "";
    if (first || !dataset.tokenUrl) return first;
    try {
      const answer = await fetch(dataset.tokenUrl, { credentials: "same-origin", cache: "no-store" });
      const text = answer.ok ? (await answer.text()).trim() : "";
      return text.startsWith("{") ? JSON.parse(text).token : text;
    } catch {
      return "";
    }
  }

  // "Not now" holds as long as the tab. It is kept here: a browser may refuse another site's frame.
  const kept = () => { try { return sessionStorage; } catch { return {}; } };
  const place = () => ({ page: where.page || location.href, theme: box.dataset.theme, open: isOpen, later: kept().opsdesk });

  async function greet() {
    const said = await token();
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => hear(data);
    // Only OpsDesk's own page can take this: anything else there gets nothing.
    frame.contentWindow.postMessage({ opsdesk: "hello", token: said, ...place() }, home, [channel.port2]);
  }

  function load() {
    if (frame) return;
    frame = make("iframe", { title: name, allow: "clipboard-write" });
    // On its own origin (the try-it page) a sandbox with both of the first two would hold nothing back.
    if (home !== location.origin) frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads");
    frame.addEventListener("load", greet, { once: true });
    frame.src = `${home}/widget/${encodeURIComponent(dataset.product)}/?lang=${zh ? "zh-hans" : "en"}`;
    panel.append(frame);
  }

  function away() {
    if (answered) return;
    console.warn("[OpsDesk] no answer; is this origin registered?", location.origin);
    panel.replaceChildren(make("p", {}, `${word.away} `, make("a", { href: `${home}/submit/?product=${encodeURIComponent(dataset.product)}`, target: "_blank", rel: "noopener", textContent: word.go })));
  }

  function mark() {
    const news = Number(count.textContent);
    aria(button, { expanded: isOpen, label: isOpen ? word.close : news ? `${name}, ${word.news(news)}` : name });
  }

  function show(open) {
    isOpen = open;
    panel.hidden = !open;
    panel.removeAttribute("data-peek");
    mark();
    port?.postMessage(place());
    if (!open) return;
    load();
    frame.focus();
    clearTimeout(timer);
    timer = setTimeout(away, 10000);
  }

  async function hear(data) {
    answered = true;
    if ("news" in data) {
      count.hidden = !data.news;
      count.textContent = data.news;
      mark();
    }
    if (data.refused) console.warn("[OpsDesk] token refused:", data.refused);
    if (data.peek !== undefined && !isOpen) {
      panel.hidden = !data.peek;
      panel.toggleAttribute("data-peek", Boolean(data.peek));
      panel.style.setProperty("--h", `${Number(data.peek) || 0}px`);
    }
    if (data.later) kept().opsdesk = data.later;
    if (data.renew) port.postMessage({ token: await token() });
    if (data.open) show(true);
    if (data.close) {
      show(false);
      button.focus();
    }
  }

  button.onclick = () => show(!isOpen);
  mark();
  const stand = () => {
    document.body.append(box);
    if (dataset.load !== "click") (window.requestIdleCallback ?? setTimeout)(load);
  };
  if (document.readyState === "complete") stand();
  else addEventListener("load", stand);
  // For pages that are one script: tell where the person is, open or close it by a button of their own.
  window.OpsDesk = Object.freeze({
    open: () => show(true),
    close: () => show(false),
    at: (page) => { where = { page: String(page) }; port?.postMessage(place()); },
  });
})();
