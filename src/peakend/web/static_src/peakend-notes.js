// Shows a customer's messages of Peakend in the page of a service. No dependencies, no inline style or script:
// it works under `script-src` and `connect-src` that name Peakend's address.
//
//   <script src="https://peakend.example.com/in-app/peakend-notes.js" defer
//           data-token-from="/my/peakend-token" data-language="zh"></script>
//
// data-token-from is an address of your own server that answers {"token": "…"} for whoever is signed in;
// data-token gives a token itself. What a message says is text, and never becomes part of the page's code.
(() => {
  const tag = document.currentScript;
  const home = new URL(tag.src).origin;
  const chinese = (tag.dataset.language || document.documentElement.lang || "zh").toLowerCase().startsWith("zh");
  const words = chinese
    ? { region: "消息", open: "查看", done: "知道了" }
    : { region: "Messages", open: "Open", done: "Got it" };
  const every = Math.max(15, Number(tag.dataset.every) || 60) * 1000;
  const shown = new Map();
  let token = tag.dataset.token || "";
  let root = null;

  const look = `
    :host { all: initial; position: fixed; z-index: 2147483000; inset: auto 16px 16px auto; width: min(24rem, calc(100vw - 32px)); }
    section { display: grid; gap: 8px; max-height: 80vh; overflow: auto; font: 15px/1.6 system-ui, "PingFang SC", "Noto Sans SC", "Microsoft YaHei", sans-serif; }
    article { padding: 14px 16px; border: 1px solid #d5d8dd; border-left: 4px solid #2b5ba8; border-radius: 6px; color: #1b2430; background: #fff; box-shadow: 0 4px 16px rgb(0 0 0 / 14%); }
    article[data-severity="success"] { border-left-color: #1c7a5a; }
    article[data-severity="warning"] { border-left-color: #a86400; }
    article[data-severity="danger"] { border-left-color: #b3261e; }
    h2 { margin: 0 0 4px; font-size: 16px; }
    p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
    div { display: flex; gap: 12px; justify-content: flex-end; margin-top: 10px; }
    a, button { min-height: 36px; padding: 6px 14px; border: 1px solid #2b5ba8; border-radius: 4px; font: inherit; line-height: 1.4; cursor: pointer; }
    a { color: #1f4788; text-decoration: none; background: #fff; }
    button { color: #fff; background: #1f4788; }
    :is(a, button):focus-visible { outline: 3px solid #f0b429; outline-offset: 2px; }
    @media (prefers-color-scheme: dark) {
      article { color: #e8ebef; background: #1c222b; border-color: #3a4350; }
      a { color: #a9c7f5; background: #1c222b; }
    }`;

  const box = () => {
    if (root) return root;
    const host = document.createElement("peakend-notes");
    const shadow = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(look);
    shadow.adoptedStyleSheets = [sheet];
    root = document.createElement("section");
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", words.region);
    root.setAttribute("aria-live", "polite");
    shadow.append(root);
    document.body.append(host);
    return root;
  };

  const fresh = async () => {
    if (!tag.dataset.tokenFrom) return token;
    const answer = await fetch(tag.dataset.tokenFrom, { credentials: "same-origin", headers: { Accept: "application/json" } });
    token = answer.ok ? (await answer.json()).token || "" : "";
    return token;
  };

  const ask = async (path, body, again = true) => {
    if (!token && !(await fresh())) return null;
    const answer = await fetch(`${home}/api/v1/in-app/${path}`, {
      method: body ? "POST" : "GET",
      credentials: "omit",
      headers: { Authorization: `Bearer ${token}`, ...(body ? { "Content-Type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
      keepalive: Boolean(body),
    });
    if (answer.status === 401 && again && tag.dataset.tokenFrom && (await fresh())) return ask(path, body, false);
    return answer.ok ? answer.json() : null;
  };

  const leads = (link) => {
    try {
      const to = new URL(link, document.baseURI);
      return ["https:", "http:"].includes(to.protocol) ? to.href : "";
    } catch {
      return "";
    }
  };

  const drop = async (note) => {
    if (await ask("acknowledge", { note }).catch(() => null)) {
      shown.get(note)?.remove();
      shown.delete(note);
    }
  };

  const show = (one) => {
    const card = document.createElement("article");
    card.dataset.severity = one.severity;
    if (one.severity === "danger") card.setAttribute("role", "alert");
    if (one.subject) {
      const title = document.createElement("h2");
      title.textContent = one.subject;
      card.append(title);
    }
    const text = document.createElement("p");
    text.textContent = one.body;
    const row = document.createElement("div");
    const to = one.link ? leads(one.link) : "";
    if (to) {
      const link = document.createElement("a");
      link.href = to;
      link.textContent = words.open;
      link.addEventListener("click", () => void drop(one.note));
      row.append(link);
    }
    const done = document.createElement("button");
    done.type = "button";
    done.textContent = words.done;
    done.addEventListener("click", () => void drop(one.note));
    row.append(done);
    card.append(text, row);
    box().append(card);
    shown.set(one.note, card);
  };

  const lookFor = async () => {
    if (document.hidden) return;
    const found = await ask("notes").catch(() => null);
    if (!found) return;
    const now = new Set(found.notes.map((one) => one.note));
    for (const [note, card] of shown) {
      if (!now.has(note)) {
        card.remove();
        shown.delete(note);
      }
    }
    for (const one of found.notes) if (!shown.has(one.note)) show(one);
  };

  const begin = () => {
    void lookFor();
    setInterval(lookFor, every);
    document.addEventListener("visibilitychange", () => void lookFor());
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
