// Says when the session of an open tab is over. Whatever the page asks of this house is then answered 401, and
// without this line the numbers would silently stand still.
(function () {
  "use strict";
  var plain = window.fetch;

  window.fetch = function (asked) {
    return plain.apply(this, arguments).then(function (answer) {
      var url = new URL(typeof asked === "string" ? asked : asked.url || String(asked), window.location.href);
      if (url.origin === window.location.origin) (answer.status === 401 ? tell : answer.ok ? unsay : none)(url);
      return answer;
    });
  };

  function none() { return undefined; }

  function unsay() {
    var said = document.getElementById("signed-out");
    if (said) said.remove();
  }

  function tell() {
    if (document.getElementById("signed-out")) return;
    var line = document.createElement("p");
    var link = document.createElement("a");
    line.id = "signed-out";
    line.className = "signed-out";
    line.setAttribute("role", "alert");
    line.append(say("You are signed out, so nothing here moves any more.") + " ", link);
    link.textContent = say("Sign in again");
    link.target = "_self";
    link.href = "/sign-in?next=" + encodeURIComponent(window.location.pathname + window.location.search);
    document.body.append(line);
    window.addEventListener("_dashprivate_pushstate", function () {
      link.href = "/sign-in?next=" + encodeURIComponent(window.location.pathname + window.location.search);
    });
  }
})();
