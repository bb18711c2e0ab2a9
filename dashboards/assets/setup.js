// The set-up list: names this host in the tracker's tag, and turns into the overview with the first reader.
(function () {
  "use strict";
  var source = null;

  function turn() {
    var view = { path: window.location.pathname, search: window.location.search, again: Date.now() };
    window.dash_clientside.set_props("view", { data: view });
  }

  function follow(place) {
    source = new EventSource(place.dataset.waits);
    source.onmessage = function (event) {
      if (JSON.parse(event.data).has_come) {
        stop();
        turn();
      }
    };
  }
  function stop() {
    if (source) source.close();
    source = null;
  }

  function look() {
    var place = document.querySelector("[data-waits]");
    if (place && !source) follow(place);
    if (!place && source) stop();
    document.querySelectorAll("pre[data-host]").forEach(function (line) {
      line.textContent = line.textContent.replace('src="/', 'src="' + window.location.origin + "/");
      line.removeAttribute("data-host");
    });
  }
  new MutationObserver(function () { window.requestAnimationFrame(look); }).observe(document.documentElement, {
    childList: true,
    subtree: true,
  });
})();
