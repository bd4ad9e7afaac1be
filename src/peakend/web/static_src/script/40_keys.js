// The keyboard: / searches, ? shows this list, g and a letter goes to a page. Never while somebody types.
let goes = false;

const isTyping = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("input, select, textarea"));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (goes) {
    goes = false;
    const link = document.querySelector(`.side a[data-key="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  if (event.key === "/") {
    const box = document.querySelector("[data-search]");
    if (box && box.offsetParent) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  } else if (event.key === "?") {
    const help = document.getElementById("keys");
    if (help) {
      event.preventDefault();
      help.showModal();
    }
  } else if (event.key === "g") {
    goes = true;
    setTimeout(() => (goes = false), 1500);
  }
});
