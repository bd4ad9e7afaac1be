// The inbox. j and k go through a list. What is done waits a few seconds in which it can be taken back, and is
// sent at the latest when the page is left; what the server refuses is put back and said.
const HELD_FOR = 6000;
const held = new Map();

const flashOf = (said, kind) => {
  const box = document.createElement("div");
  box.className = `flash ${kind}`;
  if (kind === "bad") box.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = said;
  box.append(words);
  document.getElementById("flashes")?.append(box);
  return box;
};

const hideHeld = () => {
  for (const row of document.querySelectorAll("[data-row]")) row.hidden = held.has(row.dataset.row);
  const open = document.querySelector("[data-card]");
  if (open) open.hidden = held.has(open.dataset.card);
};

const send = async (key) => {
  const one = held.get(key);
  if (!one || one.sent) return;
  one.sent = true;
  clearTimeout(one.timer);
  one.flash.remove();
  let fine = false;
  try {
    const answer = await fetch(one.action, {
      method: "POST",
      body: one.body,
      keepalive: true,
      redirect: "manual",
    });
    fine = answer.type === "opaqueredirect" || answer.ok;
  } catch {
    fine = false;
  }
  if (!fine) {
    held.delete(key);
    hideHeld();
    flashOf(one.failed, "bad");
  }
  document.body.dispatchEvent(new CustomEvent("work:changed"));
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.dataset.undo) return;
  event.preventDefault();
  const key = form.dataset.undo;
  const row = document.querySelector(`[data-row="${CSS.escape(key)}"]`);
  const rows = [...document.querySelectorAll("[data-row]")].filter((one) => !held.has(one.dataset.row));
  const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
  const flash = flashOf(form.dataset.said, "good");
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "btn btn-sm";
  undo.textContent = form.dataset.back;
  flash.append(undo);
  undo.addEventListener("click", () => {
    clearTimeout(held.get(key)?.timer);
    held.delete(key);
    flash.remove();
    const back = row?.querySelector("a");
    if (back) location.assign(back.href); // whatever part of the page is still on its way, the card comes back
    else hideHeld();
  });
  held.set(key, {
    action: form.action,
    body: new URLSearchParams(new FormData(form, event.submitter)),
    failed: form.dataset.failed,
    flash,
    timer: setTimeout(() => send(key), HELD_FOR),
  });
  hideHeld();
  if (next && next !== row && matchMedia("(min-width: 60.01rem)").matches) next.querySelector("a")?.click();
  else document.querySelector(".desk")?.classList.remove("one");
  window.scrollTo(0, 0);
});

window.addEventListener("pagehide", () => [...held.keys()].forEach(send));
document.addEventListener("htmx:afterSettle", hideHeld);

document.addEventListener("keydown", (event) => {
  if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input, select, textarea, dialog[open]") || event.defaultPrevented) return;
  const links = [...document.querySelectorAll("[data-rows] a, [data-rows] th a")].filter((one) => one.offsetParent);
  if (!links.length) return;
  const here = Math.max(links.indexOf(document.activeElement), links.findIndex((one) => one.ariaCurrent));
  const at = links.indexOf(document.activeElement) < 0 && here < 0 ? -1 : here;
  const next = links[Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), links.length - 1)];
  event.preventDefault();
  next.focus();
});

// A page that is a list to print opens the printer by the same button that leads to it.
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-prints]")) return;
  event.preventDefault();
  window.print();
});
