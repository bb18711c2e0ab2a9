// What takes long says so: after two seconds a line stands on top of the page, with a way to stop. Stopped parts keep
// what they showed, and can be asked for again. So do parts that a desk no longer answers for.
(function () {
  "use strict";
  var SLOW_MS = 2000;
  var PROXY = [502, 503, 504]; // what stands before the desk says that it is not there
  var open = new Set(); // what is being asked for: an AbortController each
  var line, words, button, timer;
  var lost = false; // was a question not answered, since all were?
  var refused = false; // was one refused? A share link and some roles are shown less than the page's links lead to
  var leaving = false; // a page that is left drops its questions, and nobody is told
  window.addEventListener("pagehide", function () { leaving = true; });
  window.addEventListener("pageshow", function () { leaving = false; });
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
    if (!open.size) lost = refused = false;
    open.add(control);
    if (!timer) timer = window.setTimeout(show, SLOW_MS);
    function done() {
      open.delete(control);
      if (!open.size) rest();
    }
    var asked = plain.call(window, address, Object.assign({ signal: control.signal }, options));
    function failed() {
      if (!control.signal.aborted && !leaving) lost = true;
      done();
    }
    asked.then(function (answer) {
      if (PROXY.indexOf(answer.status) >= 0) return failed();
      if (answer.status === 403) refused = true;
      return answer.clone().text().then(done, failed);
    }, failed);
    return asked;
  };

  function rest() {
    window.clearTimeout(timer);
    timer = 0;
    if (lost) halt(say("The desk does not answer: the page shows what it knew."), say("Try again"));
    else if (refused) halt(say("You are not shown this: nothing was loaded."), say("Back"), "refused");
    else if (line && line.dataset.stopped !== "by hand") line.hidden = true;
  }

  function build() {
    line = document.createElement("p");
    words = document.createElement("span");
    button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.addEventListener("click", function () {
      if (line.dataset.stopped === "refused") window.history.back();
      else if (line.dataset.stopped) again();
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
    open.forEach(function (control) { control.abort(); });
    open.clear();
    halt(say("Stopped: parts of the page are not loaded."), say("Load them"), "by hand");
  }

  function halt(text, verb, why) {
    if (!document.getElementById("main")) return;
    tell(text, verb);
    line.dataset.stopped = why || "lost";
  }

  function again() {
    delete line.dataset.stopped;
    line.hidden = true;
    var view = { path: window.location.pathname, search: window.location.search, again: Date.now() };
    window.dash_clientside.set_props("view", { data: view });
  }
})();
