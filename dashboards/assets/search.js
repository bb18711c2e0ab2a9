// The search of every page: a combobox in a dialog. `dashboards/search.py` answers in groups; the first hit
// is chosen from the start, so that Enter opens it, also when it is pressed before the answer is here.
(function () {
  "use strict";
  var PAUSE_MS = 90; // between the last key and the question
  var dialog, field, list, said;
  var options = [];
  var chosen = -1;
  var asked = null; // what the list answers
  var wantsFirst = false;
  var timer = 0;
  var running = null;

  function make(tag, attributes, words) {
    var made = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (words) made.textContent = words;
    return made;
  }

  function build() {
    dialog = make("dialog", { id: "search", class: "search", "aria-label": say("Search") });
    field = make("input", {
      type: "text", role: "combobox", "aria-expanded": "false", "aria-controls": "search-results", dir: "auto",
      "aria-autocomplete": "list", "aria-label": say("Search articles, authors, topics, sections and pages"),
      placeholder: say("Title, address, author, topic …"), autocomplete: "off", spellcheck: "false", maxlength: "2000",
    });
    var close = make("button", { type: "button", class: "button" }, say("Close"));
    var top = make("div", { class: "search-top" });
    list = make("div", { id: "search-results", role: "listbox", "aria-label": say("Results") });
    said = make("p", { class: "meta search-said", role: "status" });
    top.append(field, close);
    dialog.append(top, list, said);
    document.body.append(dialog);
    // Without it the hidden field holds the focus for another frame, and keys of the page are lost on it.
    dialog.addEventListener("close", function () { field.blur(); });
    close.addEventListener("click", function () { dialog.close(); });
    dialog.addEventListener("click", function (event) { if (event.target === dialog) dialog.close(); });
    field.addEventListener("input", function () {
      wantsFirst = false;
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, PAUSE_MS);
    });
    field.addEventListener("keydown", onKey);
    list.addEventListener("click", function (event) {
      // The link itself is followed by the listener of all links (desk.js).
      if (event.target.closest("a")) dialog.close();
    });
    list.addEventListener("mousemove", function (event) {
      var over = event.target.closest("[role=option]");
      if (over) choose(options.indexOf(over), false);
    });
  }

  function open() {
    if (!dialog) build();
    if (dialog.open) return;
    dialog.showModal();
    field.select();
    ask();
  }

  function ask() {
    var text = field.value.trim();
    var site = new URLSearchParams(window.location.search).get("site") || "";
    if (running) running.abort();
    running = new AbortController();
    var address = "/_search?q=" + encodeURIComponent(text) + (site ? "&site=" + encodeURIComponent(site) : "");
    window.fetch(address, { signal: running.signal }).then(function (answer) {
      return answer.json().then(function (body) {
        if (!answer.ok) throw new Error(body.error || say("The search did not answer."));
        show(text, body.groups);
      });
    }).catch(function (fault) {
      if (fault.name !== "AbortError") fail(fault);
    });
  }

  function fail(fault) {
    list.replaceChildren();
    options = [];
    chosen = -1;
    asked = null;
    field.setAttribute("aria-expanded", "false");
    said.textContent = (fault.message || say("The search did not answer.")) + " " + say("Type on to try again.");
  }

  function show(text, groups) {
    asked = text;
    list.replaceChildren.apply(list, groups.map(groupOf));
    options = Array.from(list.querySelectorAll("[role=option]"));
    options.forEach(function (one, place) { one.id = "search-option-" + place; });
    field.setAttribute("aria-expanded", String(options.length > 0));
    choose(options.length ? 0 : -1, false);
    said.textContent = worded(text, groups);
    if (wantsFirst && text === field.value.trim()) follow();
  }

  function worded(text, groups) {
    if (!text) return say("Type a few letters; Enter opens the first result.");
    if (!groups.length) return say("Nothing goes by “{text}”. Try fewer letters, or a word of the title.", { text: text });
    return groups.map(function (group) { return group.said; }).join(", ");
  }

  function groupOf(group, place) {
    var box = make("div", { role: "group", "aria-labelledby": "search-group-" + place });
    box.append(make("p", { id: "search-group-" + place, class: "search-group", role: "presentation" }, group.title));
    group.hits.concat(group.more ? [group.more] : []).forEach(function (hit) {
      // An option with a link inside: it opens by mouse in another tab too, the keyboard stays in the field.
      var link = make("a", { href: hit.href, role: "option", "aria-selected": "false", tabindex: "-1" });
      link.append(make("span", { class: "search-name", dir: "auto" }, hit.name));
      if (hit.note) link.append(make("span", { class: "meta", dir: "auto" }, hit.note));
      box.append(link);
    });
    return box;
  }

  function choose(place, scroll) {
    if (options[chosen]) options[chosen].setAttribute("aria-selected", "false");
    chosen = place;
    var option = options[place];
    if (!option) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    if (scroll) option.scrollIntoView({ block: "nearest" });
  }

  function follow() {
    wantsFirst = false;
    if (options[chosen]) options[chosen].click();
  }

  function onKey(event) {
    if (event.isComposing) return;
    var last = options.length - 1;
    var step = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 }[event.key];
    if (step && options.length) {
      event.preventDefault();
      // One step goes round; a page stops at the ends.
      var next = chosen + step;
      if (Math.abs(step) === 1) next = (next + options.length) % options.length;
      choose(Math.min(Math.max(next, 0), last), true);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (asked === field.value.trim()) follow();
      else wantsFirst = true;
    }
  }

  window.tearsheet = Object.assign(window.tearsheet || {}, { search: open });
})();
