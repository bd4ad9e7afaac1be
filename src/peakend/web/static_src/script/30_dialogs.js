// Dialogs and messages: data-opens="ID" opens a dialog, data-shuts closes the one around it,
// data-drops takes away the message around it. Escape and focus are the browser's own.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (dialog instanceof HTMLDialogElement) {
      event.preventDefault();
      dialog.showModal();
    }
  }
  if (event.target.closest("[data-shuts]")) event.target.closest("dialog")?.close();
  if (event.target.closest("[data-drops]")) event.target.closest(".flash")?.remove();
  if (event.target instanceof HTMLDialogElement && event.target.matches(".ask")) event.target.close();
});

// What was typed and not saved is not left without a word.
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-unsaved]");
  if (form) form.dataset.unsaved = "yes";
});
document.addEventListener("submit", (event) => delete event.target.dataset.unsaved, true);
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector('form[data-unsaved="yes"]')) event.preventDefault();
});

// Where the page was left with an error, the reader is taken to it.
document.querySelector(".field.bad :is(input, select, textarea)")?.focus();
