// The form of corrections, drawn from the button that opens it. What it sends is checked and written by the desk
// (dashboards/edits.py); then it says what was done, offers the way back, and the page is drawn again.
(function () {
  "use strict";
  var dialog, form, told, finding;

  function make(tag, attributes, words) {
    var made = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (words) made.textContent = words;
    return made;
  }

  function build() {
    dialog = make("dialog", { id: "edit", class: "note", "aria-labelledby": "edit-title" });
    form = make("form", { method: "dialog" });
    dialog.append(form);
    document.body.append(dialog);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      send();
    });
  }

  function open(button) {
    if (!dialog) build();
    told = JSON.parse(button.dataset.form);
    var save = make("button", { type: "submit", class: "button primary" }, told.verb);
    form.replaceChildren(
      make("h2", { id: "edit-title" }, told.title), make("p", { class: "edit-about" }, told.about)
    );
    told.fields.forEach(function (field) { form.append(labelled(field)); });
    form.append(make("p", { class: "note-fault", role: "alert" }), buttons(save, say("Cancel")));
    dialog.showModal();
    (form.querySelector("input, select") || save).focus();
  }

  function labelled(field) {
    var label = make("label", {}, field.label);
    var input = field.choices.length ? make("select", { name: field.name })
      : make("input", { name: field.name, type: field.kind, dir: "auto", autocomplete: "off" });
    field.choices.forEach(function (choice) { input.append(make("option", { value: choice[0] }, choice[1])); });
    input.value = field.value;
    if (field.is_needed) input.required = true;
    if (field.kind === "number") input.step = "any";
    label.append(input);
    if (field.finds) offer(label, input, field.finds);
    return label;
  }

  // What is typed is looked up by the search of the page; a hit's id goes into the field.
  function offer(label, input, kind) {
    var list = make("datalist", { id: "edit-" + input.name });
    label.append(list);
    input.setAttribute("list", list.id);
    input.addEventListener("input", function () {
      window.clearTimeout(finding);
      finding = window.setTimeout(function () { look(input.value, kind, list); }, 150);
    });
  }

  function look(text, kind, list) {
    var address = "/_search?q=" + encodeURIComponent(text) + "&site=" + encodeURIComponent(told.site);
    window.fetch(address).then(function (answer) { return answer.json(); }).then(function (found) {
      var group = (found.groups || []).find(function (each) { return each.kind === kind; });
      list.replaceChildren.apply(list, (group ? group.hits : []).map(function (hit) {
        return make("option", { value: hit.id, label: hit.name + " · " + hit.note });
      }));
    }).catch(function () { list.replaceChildren(); });
  }

  function buttons(first, close) {
    var line = make("div", { class: "note-buttons" });
    var end = make("button", { type: "button", class: "button" }, close);
    end.addEventListener("click", function () { dialog.close(); });
    line.append(first, end);
    return line;
  }

  function values() {
    var edit = Object.assign({}, told.edit);
    told.fields.forEach(function (field) {
      var value = form.elements[field.name].value.trim();
      if (value !== "" || field.is_needed) edit[field.name] = field.kind === "number" ? Number(value) : value;
    });
    return edit;
  }

  function send() {
    var body = told.undo ? { site: told.site, undo: told.undo } : { site: told.site, edit: values() };
    post(body).then(function (said) {
      done(said);
      var view = { path: window.location.pathname, search: window.location.search, again: Date.now() };
      window.dash_clientside.set_props("view", { data: view });
    }).catch(function (problem) {
      form.querySelector(".note-fault").textContent = problem.message || say("It was not saved. Try again.");
    });
  }

  function post(body) {
    return window.fetch("/_edits", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    }).then(function (answer) {
      return answer.json().then(function (said) {
        if (!answer.ok) throw new Error(said.message + " " + (said.hint || ""));
        return said;
      });
    });
  }

  function done(said) {
    var close = make("button", { type: "button", class: "button primary" }, say("Done"));
    close.addEventListener("click", function () { dialog.close(); });
    var line = make("div", { class: "note-buttons" });
    line.append(close);
    form.replaceChildren(make("h2", { id: "edit-title" }, said.undo ? say("Corrected") : say("Undone")));
    form.append(make("p", { class: "edit-about", role: "status" }, said.message));
    form.append(make("p", { class: "note-fault", role: "alert" }), line);
    if (said.undo) {
      var back = make("button", { type: "button", class: "button" }, say("Undo"));
      back.addEventListener("click", function () {
        told = { site: told.site, undo: said.undo, fields: [] };
        send();
      });
      line.append(back);
    }
    close.focus();
  }

  window.tearsheet = Object.assign(window.tearsheet || {}, { edit: open });
})();
