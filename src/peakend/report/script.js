(function () {
  "use strict";
  var root = document.documentElement;
  var links = Array.prototype.slice.call(document.querySelectorAll("[data-language]"));
  var points = Array.prototype.slice.call(document.querySelectorAll(".point"));

  function speak(language) {
    root.classList.toggle("en", language === "en");
    root.classList.toggle("zh", language !== "en");
    root.lang = language;
    document.title = root.getAttribute("data-title-" + language);
    links.forEach(function (link) {
      if (link.dataset.language === language) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  }

  function language() {
    return root.classList.contains("en") ? "en" : "zh";
  }

  function inColumns(point) {
    return getComputedStyle(point).display === "contents";
  }

  function show(point, open) {
    point.parentNode.querySelectorAll(".point").forEach(function (other) {
      var on = other === point && open;
      other.classList.toggle("on", on);
      other.querySelector(".pick").setAttribute("aria-expanded", String(on));
    });
  }

  function fold(play, folded) {
    play.classList.toggle("folded", folded);
  }

  function go(id) {
    var target = id && document.getElementById(id);
    if (!target) return;
    if (target.classList.contains("point")) show(target, true);
    fold(target, false);
    (target.querySelector("h3, h4") || target).scrollIntoView();
  }

  function remember(id) {
    history.replaceState(null, "", "#" + language() + (id ? "/" + id : ""));
  }

  function read() {
    var found = /^#(zh|en)(?:\/(.*))?$/.exec(location.hash);
    if (found) speak(found[1]);
    go(found ? found[2] : location.hash.slice(1));
  }

  root.classList.add("js");
  points.forEach(function (point) {
    show(point, false);
  });
  document.querySelectorAll(".play").forEach(function (play) {
    fold(play, true);
  });
  document.querySelectorAll("[data-chosen]").forEach(function (first) {
    if (first.closest(".cards") || inColumns(first)) show(first, true);
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[href^='#']");
    var point = event.target.closest(".point");
    if (link && link.dataset.language) {
      event.preventDefault();
      speak(link.dataset.language);
      remember("");
    } else if (point && !event.target.closest(".sheet")) {
      event.preventDefault();
      show(point, !point.classList.contains("on") || inColumns(point));
    } else if (event.target.closest(".play > header") && !link) {
      fold(event.target.closest(".play"), !event.target.closest(".folded"));
    } else if (link) {
      event.preventDefault();
      remember(link.hash.slice(1));
      go(link.hash.slice(1));
    }
  });
  addEventListener("hashchange", read);
  read();
})();
