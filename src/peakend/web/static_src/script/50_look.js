// Light and dark change at once; the choice is kept by the same form that works without scripts.
document.addEventListener("submit", (event) => {
  const theme = event.submitter?.name === "theme" ? event.submitter.value : null;
  if (!theme || !event.target.matches(".look")) return;
  event.preventDefault();
  const kept = new FormData(event.target, event.submitter);
  document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll('.look button[name="theme"]')) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
  document.dispatchEvent(new CustomEvent("look:changed"));
  fetch(event.target.action, { method: "POST", body: new URLSearchParams(kept), redirect: "manual" });
});

// Copies a text, and says so on the button itself.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button || button.dataset.was) return;
  await navigator.clipboard.writeText(button.dataset.copies);
  const words = button.querySelector("span") ?? button;
  button.dataset.was = words.textContent;
  words.textContent = button.dataset.copied;
  setTimeout(() => {
    words.textContent = button.dataset.was;
    delete button.dataset.was;
  }, 1500);
});
