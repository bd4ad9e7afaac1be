// A file as text: the words that fit at the cursor stand below it, and a line that lint names is shown.
const editorOf = (target) => (target instanceof HTMLTextAreaElement && target.dataset.offers ? target : null);
const offersOf = (area) => area.form.querySelector(".offers");
let waiting = 0;

const ask = async (area) => {
  const before = area.value.slice(0, area.selectionStart).split("\n");
  const said = new URLSearchParams({
    text: area.value,
    line: String(before.length - 1),
    column: String(before[before.length - 1].length),
  });
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  try {
    const answer = await fetch(area.dataset.offers, {
      method: "POST",
      body: said,
      headers: { "X-CSRF-Token": token },
    });
    if (answer.ok) offersOf(area).innerHTML = await answer.text();
  } catch {
    offersOf(area).replaceChildren(); // lint says that the server is away
  }
};

const take = (area, button) => {
  const list = button.closest("[data-begins]");
  const begin = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const word = [begin + Number(list.dataset.begins), begin + Number(list.dataset.ends)];
  area.focus();
  area.setRangeText(button.dataset.word, ...word, "end");
  offersOf(area).replaceChildren();
  area.dispatchEvent(new Event("input", { bubbles: true }));
};

document.addEventListener("input", (event) => {
  const area = editorOf(event.target);
  if (!area) return;
  clearTimeout(waiting);
  offersOf(area).replaceChildren();
  waiting = setTimeout(() => ask(area), 250);
});

document.addEventListener("keydown", async (event) => {
  const area = editorOf(event.target);
  const list = event.target.closest?.(".offers");
  if (area && event.key === " " && event.ctrlKey) {
    event.preventDefault();
    clearTimeout(waiting);
    await ask(area);
    offersOf(area).querySelector("button")?.focus();
  } else if (list && event.key === "Escape") {
    list.closest("form").querySelector("textarea").focus();
    list.replaceChildren();
  } else if (list && ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    const all = [...list.querySelectorAll("button")];
    const step = ["ArrowRight", "ArrowDown"].includes(event.key) ? 1 : all.length - 1;
    all[(all.indexOf(document.activeElement) + step) % all.length]?.focus();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".offers [data-word]");
  if (button) take(button.closest("form").querySelector("textarea"), button);
});

for (const area of document.querySelectorAll("textarea[data-line]")) {
  const line = Number(area.dataset.line);
  if (!line) continue;
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  area.scrollTop = (area.scrollHeight / lines.length) * Math.max(line - 6, 0);
}
