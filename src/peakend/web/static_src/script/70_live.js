// What is new, as it comes: parts of the page that wait for "live:outputs" and the like ask again, and a ticker
// shows the newest events. A hidden tab listens to nothing; the browser comes back with the last place it knew.
const board = document.querySelector("[data-stream]");

if (board && "EventSource" in window) {
  let source = null;
  let place = "";

  const say = (on) => {
    board.dataset.live = on ? "on" : "off";
    for (const one of board.querySelectorAll("[data-live-says]")) one.hidden = (one.dataset.liveSays === "on") !== on;
  };

  const clock = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    timeZone: board.dataset.zone || undefined,
  });

  const row = (one, ticker) => {
    const line = document.createElement("li");
    const time = document.createElement("time");
    const at = new Date(one.seen / 1000);
    time.dateTime = at.toISOString();
    time.textContent = clock.format(at);
    const said = document.createElement("span");
    let who = document.createTextNode(ticker.dataset.nobody);
    if (one.number > 1) {
      who = document.createTextNode(ticker.dataset.many.replace("#", one.number));
    } else if (one.customer) {
      who = document.createElement("a");
      who.href = `/customers/${encodeURIComponent(one.customer)}`;
      who.textContent = one.customer_name || one.customer;
    }
    said.append(who, ` · ${one.says}`);
    line.append(time, said);
    line.className = "fresh";
    setTimeout(() => line.classList.remove("fresh"), 4000);
    return line;
  };

  const tell = (event) => {
    const news = JSON.parse(event.data);
    const known = place;
    place = event.lastEventId;
    if (!known && !news.events) return;
    for (const what of ["outputs", "messages", "cards", "quarantine"]) {
      if (news[what]) document.body.dispatchEvent(new CustomEvent(`live:${what}`));
    }
    const ticker = board.querySelector("[data-ticker]");
    if (!ticker || !news.newest.length) return;
    ticker.querySelector("li:not(:has(time))")?.remove();
    ticker.prepend(...news.newest.map((one) => row(one, ticker)));
    while (ticker.children.length > Number(board.dataset.most)) ticker.lastElementChild.remove();
  };

  const listen = () => {
    if (source || document.hidden) return;
    source = new EventSource(place ? `${board.dataset.stream}?after=${encodeURIComponent(place)}` : board.dataset.stream);
    source.addEventListener("open", () => say(true));
    source.addEventListener("news", tell);
    source.addEventListener("error", () => {
      say(false);
      if (source.readyState !== EventSource.CLOSED) return;
      source = null;
      setTimeout(listen, 5000);
    });
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return listen();
    source?.close();
    source = null;
    say(false);
  });
  window.addEventListener("pagehide", () => source?.close());
  listen();
}
