// "Why this number?": the panel asks for its rows and its statement when it is opened, and once.
(function () {
  "use strict";
  function make(tag, words, name) {
    var made = document.createElement(tag);
    if (words) made.textContent = words;
    if (name) made.className = name;
    return made;
  }

  function fill(place, answer) {
    var rows = make("dl");
    answer.rows.forEach(function (row) { rows.append(make("dt", row[0]), make("dd", row[1])); });
    place.append(rows);
    if (answer.note) place.append(make("p", answer.note, "meta"));
    if (!answer.sql) return;
    var text = make("pre", answer.sql);
    text.tabIndex = 0;
    text.setAttribute("aria-label", "SQL");
    var links = make("p", "", "why-links");
    if (navigator.clipboard) {
      var copy = make("button", say("Copy SQL"), "link");
      copy.type = "button";
      copy.addEventListener("click", function () {
        navigator.clipboard.writeText(answer.sql).then(function () { copy.textContent = say("Copied"); });
      });
      links.append(copy);
    }
    if (answer.open) {
      var open = make("a", say("Open in SQL"));
      open.href = answer.open;
      open.target = "_blank"; // the figure stays where it is
      links.append(open);
    }
    place.append(text, links);
  }

  function load(place) {
    place.setAttribute("data-asked", "");
    place.replaceChildren(make("p", say("Counting the rows …"), "meta"));
    window.fetch(place.getAttribute("data-why")).then(function (answer) {
      return answer.json().then(function (body) {
        place.replaceChildren();
        if (answer.ok) fill(place, body);
        else place.append(make("p", body.error + " " + (body.hint || ""), "meta"));
      });
    }).catch(function () {
      place.removeAttribute("data-asked"); // opened again, it asks again
      place.replaceChildren(make("p", say("The rows could not be counted. Close this and open it again."), "meta"));
    });
  }

  document.addEventListener("toggle", function (event) {
    var place = event.target.open && event.target.querySelector && event.target.querySelector("[data-why]");
    if (place && !place.hasAttribute("data-asked")) load(place);
  }, true);
})();
