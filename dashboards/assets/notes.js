// The form of editorial notes. What it sends is checked and written by the desk (dashboards/notes.py); then the
// page is drawn again.
(function () {
  "use strict";
  var KINDS = [["lead", say("Moved to lead")], ["push", say("Push sent")], ["title", say("Headline changed")], ["other", say("Something else")]];
  var dialog, form, fault, remove, given;

  function make(tag, attributes, words) {
    var made = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (words) made.textContent = words;
    return made;
  }

  function labelled(words, field) {
    var label = make("label", {}, words);
    label.append(field);
    return label;
  }

  function build() {
    dialog = make("dialog", { id: "note", class: "note", "aria-labelledby": "note-title" });
    form = make("form", { method: "dialog" });
    var kind = make("select", { name: "kind" });
    KINDS.forEach(function (pair) { kind.append(make("option", { value: pair[0] }, pair[1])); });
    var buttons = make("div", { class: "note-buttons" });
    remove = make("button", { type: "button", class: "button note-remove" }, say("Take it back"));
    var close = make("button", { type: "button", class: "button" }, say("Cancel"));
    buttons.append(make("button", { type: "submit", class: "button primary" }, say("Save")), close, remove);
    fault = make("p", { class: "note-fault", role: "alert" });
    form.append(
      make("h2", { id: "note-title" }),
      labelled(say("What was done"), kind),
      labelled(say("When"), make("input", { name: "at", type: "datetime-local", required: "" })),
      labelled(say("In a line"), make("input", { name: "text", type: "text", maxlength: "280", dir: "auto", autocomplete: "off" })),
      fault, buttons
    );
    dialog.append(form);
    document.body.append(dialog);
    close.addEventListener("click", function () { dialog.close(); });
    remove.addEventListener("click", function () { send({ does: "remove" }); });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      send({ kind: form.kind.value, at: form.at.value, text: form.text.value });
    });
  }

  function open(button) {
    if (!dialog) build();
    given = button.dataset;
    form.querySelector("h2").textContent = given.note ? say("Change the note") : given.article ? say("Add a note to this article") : say("Add a note");
    form.at.parentNode.firstChild.textContent = say("When, {zone}", { zone: given.zone });
    form.kind.value = given.kind || "lead";
    form.text.value = given.text || "";
    form.at.value = given.at;
    form.at.max = given.now;
    fault.textContent = "";
    remove.hidden = !given.note;
    dialog.showModal();
    form.text.focus();
  }

  function send(values) {
    var body = Object.assign({ site: given.site, note: given.note || "", article: given.article || "" }, values);
    fault.textContent = "";
    window.fetch("/_notes", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    }).then(function (answer) {
      return answer.json().then(function (said) {
        if (!answer.ok) throw new Error(said.message + " " + (said.hint || ""));
        dialog.close();
        var view = { path: window.location.pathname, search: window.location.search, again: Date.now() };
        window.dash_clientside.set_props("view", { data: view });
      });
    }).catch(function (problem) {
      fault.textContent = problem.message || say("It was not saved. Try again.");
    });
  }

  window.tearsheet = Object.assign(window.tearsheet || {}, { note: open });
})();
