// What takes long says so: after two seconds a line stands on top of the page, with a way to stop. Stopped parts keep
// what they showed, and can be asked for again.
(function () {
  "use strict";
  var SLOW_MS = 2000;
  var open = new Set(); // what is being asked for: an AbortController each
  var line, words, button, timer;
  var plain = window.fetch;

  window.fetch = function (address, options) {
    var question = String((options || {}).body || "");
    // A query of the SQL page says itself how long it runs, and is stopped at the desk.
    var isOwn = question.indexOf('"sql-told"') >= 0;
    if (isOwn) {
      var unanswered = function () { window.dispatchEvent(new Event("tearsheet-unanswered")); };
      var answered = plain.apply(window, arguments);
      answered.then(function (answer) { if (!answer.ok) unanswered(); }, unanswered);
      return answered;
    }
    if (String(address && address.url ? address.url : address).indexOf("_dash-update-component") < 0) {
      return plain.apply(window, arguments);
    }
    var control = new AbortController();
    open.add(control);
    if (!timer) timer = window.setTimeout(show, SLOW_MS);
    function done() {
      open.delete(control);
      if (!open.size) rest();
    }
    var asked = plain.call(window, address, Object.assign({ signal: control.signal }, options));
    asked.then(function (answer) { return answer.clone().text().then(done, done); }, done);
    return asked;
  };

  function rest() {
    window.clearTimeout(timer);
    timer = 0;
    if (line && !line.dataset.stopped) line.hidden = true;
  }

  function build() {
    line = document.createElement("p");
    words = document.createElement("span");
    button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.addEventListener("click", function () {
      if (line.dataset.stopped) again();
      else stop();
    });
    line.className = "progress";
    line.setAttribute("role", "status");
    line.append(words, " ", button);
    document.getElementById("main").prepend(line);
  }

  function tell(text, verb) {
    if (!line) build();
    words.textContent = text;
    button.textContent = verb;
    line.hidden = false;
  }

  function show() {
    timer = 0;
    if (!open.size || !document.getElementById("main")) return;
    if (line) delete line.dataset.stopped;
    tell(say("Still counting…"), say("Stop"));
  }

  function stop() {
    line.dataset.stopped = "true";
    open.forEach(function (control) { control.abort(); });
    open.clear();
    tell(say("Stopped: parts of the page are not loaded."), say("Load them"));
  }

  function again() {
    delete line.dataset.stopped;
    line.hidden = true;
    var view = { path: window.location.pathname, search: window.location.search, again: Date.now() };
    window.dash_clientside.set_props("view", { data: view });
  }
})();
