// Requests that htmx makes for us: each carries the token of the form, and a failure is said, never swallowed.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && token.content) event.detail.headers["X-CSRF-Token"] = token.content;
});

const sayFailure = (kind) => {
  const flashes = document.getElementById("flashes");
  const prepared = document.getElementById(`flash-${kind}`);
  if (!flashes || !prepared || flashes.querySelector(`[data-kind="${kind}"]`)) return;
  flashes.append(prepared.content.cloneNode(true));
};

document.addEventListener("htmx:sendError", () => sayFailure("offline"));
document.addEventListener("htmx:timeout", () => sayFailure("offline"));
document.addEventListener("htmx:responseError", (event) => {
  sayFailure([401, 403].includes(event.detail.xhr.status) ? "signed-out" : "failed");
});
document.addEventListener("htmx:afterOnLoad", () => {
  document.querySelector('#flashes [data-kind="offline"]')?.remove();
});

// A form that comes back with what is wrong in it (422) is shown, not dropped.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
