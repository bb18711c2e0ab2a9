// The SQL page in the browser: editor, tabs, parameters, keys, saving and files. Python draws all the rest, and hears of
// a wish by a store (dashboards/workbench). Without the editor's file a plain text box does the same.
(function () {
  "use strict";
  var KEEP = "tearsheet.sql";
  var place = null; // what was built into the page that is shown
  var known = null; // what the server told: tables, functions, examples, site, days
  var state = { open: 0, tabs: [] };
  var editor = null;
  var running = 0;
  var ticking = 0;
  var offset = 0;
  var putting = false;
  var begun = null; // the saved query of the address that was opened; "" for none, null before all

  function make(tag, attributes, parts) {
    var one = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) {
      if (name === "text") one.textContent = attributes[name];
      else if (attributes[name] !== null && attributes[name] !== false) one.setAttribute(name, attributes[name] === true ? "" : attributes[name]);
    });
    (parts || []).forEach(function (part) { if (part) one.append(part); });
    return one;
  }

  function button(does, label, more) {
    return make("button", Object.assign({ type: "button", "data-sql": does, class: "button", text: label }, more));
  }

  function tell(store, data) { window.dash_clientside.set_props("sql-" + store, { data: data }); }

  function load() {
    try {
      var kept = JSON.parse(window.localStorage.getItem(KEEP));
      if (kept && Array.isArray(kept.tabs)) state = kept;
    } catch (fault) { /* a private window keeps nothing */ }
    if (!state.tabs.length) state.tabs.push({ name: say("Query {n}", { n: 1 }), text: "", values: {}, chart: {} });
    state.open = Math.min(Math.max(state.open || 0, 0), state.tabs.length - 1);
  }

  function schema() {
    var found = {};
    known.tables.forEach(function (table) { found[table[0]] = table[2].map(function (column) { return column[0]; }); });
    return found;
  }

  function keep() {
    try { window.localStorage.setItem(KEEP, JSON.stringify(state)); } catch (fault) { /* as above */ }
  }

  function tab() { return state.tabs[state.open]; }

  // --- the place -----------------------------------------------------------------------------------------

  function build(into) {
    place = into;
    load();
    into.replaceChildren(
      make("div", { class: "sql-bar" }, [
        make("div", { id: "sql-tabs", class: "sql-tabs", role: "tablist", "aria-label": say("Queries") }),
        make("div", { class: "sql-tabs" }, [
          make("button", { type: "button", "data-sql": "close", "aria-label": say("Close this query"), text: "×" }),
          make("button", { type: "button", "data-sql": "new", "aria-label": say("New query"), text: "+" }),
        ]),
        make("div", { class: "sql-buttons" }, [
          make("select", { id: "sql-examples", "aria-label": say("Examples") }, [make("option", { value: "", text: say("Examples") })]),
          button("format", say("Format"), { title: "Shift Alt F" }), button("explain", say("Explain")),
          button("share", say("Copy link")), button("save", say("Save"), { title: "Ctrl S" }),
          button("stop", say("Stop"), { title: "Ctrl .", hidden: true }), button("run", say("Run"), { class: "button primary", title: "Ctrl Enter" }),
        ]),
      ]),
      make("div", { id: "sql-about", class: "meta" }),
      make("div", { id: "sql-editor" }),
      make("div", { id: "sql-values", class: "sql-values" }),
      make("datalist", { id: "sql-sections" }),
      make("p", { id: "sql-status", class: "sql-status", role: "status" })
    );
    dialog();
    textBox();
    script("/assets/editor/editor.js", function () {
      if (place !== into || !window.tearsheetEditor) return;
      rich();
    });
    drawTabs();
    show();
  }

  function script(source, then) {
    if (window.tearsheetEditor) return then();
    var one = make("script", { src: source });
    one.onload = then;
    one.onerror = function () { said("waiting", say("The editor could not be loaded; this plain box does the same.")); };
    document.head.append(one);
  }

  function textBox() {
    var box = make("textarea", { id: "sql-text", "aria-label": say("Statement"), spellcheck: "false", rows: "10" });
    place.querySelector("#sql-editor").replaceChildren(box);
    box.value = tab().text;
    box.addEventListener("input", function () { changed(box.value); });
    box.addEventListener("keydown", function (event) {
      if (!(event.ctrlKey || event.metaKey)) return;
      var does = { Enter: run, ".": stop, s: save }[event.key];
      if (does) { event.preventDefault(); does(); }
    });
    editor = {
      text: function () { return box.value; },
      selected: function () { return box.value.slice(box.selectionStart, box.selectionEnd); },
      line: function () { return box.value.slice(0, box.selectionStart).split("\n").length - 1; },
      put: function (text) { box.value = text; },
      insert: function (text) { box.setRangeText(text, box.selectionStart, box.selectionEnd, "end"); changed(box.value); box.focus(); },
      mark: function () {}, clear: function () {}, knows: function () {}, focus: function () { box.focus(); },
    };
  }

  function rich() {
    var holder = place.querySelector("#sql-editor");
    var text = editor.text();
    holder.replaceChildren();
    var made = window.tearsheetEditor(holder, { text: text, changed: changed, run: run, stop: stop, format: format, save: save });
    made.line = function () { return made.selectedFrom().number - 1; };
    editor = made;
    if (known) editor.knows(schema(), known.functions);
    holder.querySelector("[aria-label=Statement]").setAttribute("aria-label", say("Statement"));
    holder.setAttribute("data-rich", "");
  }

  // What the page itself puts into the editor is no change of who writes.
  function put(text) {
    putting = true;
    if (editor.text() !== text) editor.put(text);
    putting = false;
  }

  function changed(text) {
    if (putting) return;
    tab().text = text;
    tab().changed = true;
    editor.clear();
    keep();
    values();
    about();
  }

  // --- tabs ----------------------------------------------------------------------------------------------

  function drawTabs() {
    var holder = place.querySelector("#sql-tabs");
    var made = state.tabs.map(function (one, at) {
      return make("button", { type: "button", role: "tab", "data-sql": "tab", "data-at": at, "aria-selected": String(at === state.open), text: one.name, title: say("Double click renames") });
    });
    holder.replaceChildren.apply(holder, made);
    place.querySelector("[data-sql=close]").hidden = state.tabs.length < 2;
  }

  function show() {
    drawTabs();
    put(tab().text);
    editor.clear();
    values();
    about();
    keep();
  }

  function open(name, text, more) {
    var there = state.tabs.findIndex(function (one) { return more && more.query_id ? one.query_id === more.query_id : one.text === text && !one.query_id; });
    var empty = state.tabs.findIndex(function (one) { return !one.text.trim() && !one.query_id; });
    if (empty < 0 && !tab().changed && !tab().query_id) empty = state.open; // only looked at, an example perhaps
    if (there < 0) {
      var fresh = Object.assign({ name: name, text: text, values: {}, chart: {} }, more || {});
      if (empty >= 0) state.tabs[empty] = fresh;
      else state.tabs.push(fresh);
      there = empty >= 0 ? empty : state.tabs.length - 1;
    } else if (more && more.query_id && !state.tabs[there].changed) {
      state.tabs[there] = Object.assign({}, state.tabs[there], more, { name: name, text: text, values: Object.assign({}, more.values, state.tabs[there].values) });
    }
    state.open = there;
    show();
  }

  // The address names a saved query already, while another tab is open: nobody else would hear of the click.
  function reopen() {
    var saved = known && known.saved && window.location.pathname === "/sql/" + known.saved.query_id ? known.saved : null;
    var there = state.tabs.findIndex(function (one) { return window.location.pathname === "/sql/" + one.query_id; });
    if (there >= 0) { state.open = there; show(); } else if (saved) open(saved.name, saved.text, saved);
  }

  function close(at) {
    if (tab().changed && tab().text.trim() && !window.confirm(say("Close {name}? It is not saved.", { name: tab().name }))) return;
    state.tabs.splice(at, 1);
    state.open = Math.min(state.open, state.tabs.length - 1);
    show();
  }

  function about() {
    var one = tab();
    var words = one.query_id ? one.owner + " · " + (one.changed ? say("version {n}, changed", { n: one.version }) : say("version {n}", { n: one.version })) : say("not saved");
    var holder = place.querySelector("#sql-about");
    var parts = [make("span", { text: words })];
    (one.query_id && one.versions && one.versions.length > 1 ? one.versions : []).slice(0, 8).forEach(function (each) {
      if (each.version !== one.version) parts.push(make("a", { href: "/sql/" + one.query_id + "?version=" + each.version, text: say("version {n}", { n: each.version }), title: each.at + ", " + each.by }));
    });
    holder.replaceChildren.apply(holder, parts.concat(one.query_id && one.can_send && !one.changed ? sends(one) : []));
  }

  // What a saved query can become: the desk runs it then, under the rights of its owner.
  function sends(one) {
    var places = [["", say("Not on the Overview")]].concat(one.is_mine ? [["own", say("On my Overview")]] : [], [["shared", say("On everybody's Overview")]]);
    var tile = make("select", { "data-tile": true, "aria-label": say("On the Overview") }, places.map(function (each) {
      return make("option", { value: each[0], text: each[1], selected: each[0] === (one.tile || "") });
    }));
    return [["reports", say("Make it a report")], ["alerts", say("Make it an alert")]].map(function (each) {
      return make("a", { href: "/" + each[0] + "?new=query&query=" + one.query_id, text: each[1] });
    }).concat([tile]);
  }

  // --- parameters ----------------------------------------------------------------------------------------

  function wanted(text) {
    var plain = text.replace(/--[^\n]*|'(?:[^']|'')*'|\$\$[\s\S]*?\$\$/g, " ");
    return Array.from(new Set((plain.match(/\$[a-z_]\w*/gi) || []).map(function (one) { return one.slice(1); })));
  }

  // As analytics/sql/parameters.py reads them: text with commas where the statement asks for a list.
  function isList(text, name) {
    return new RegExp("(\\bin\\s+|\\b(any|all|unnest|list_contains)\\s*\\(\\s*)\\$" + name + "\\b", "i").test(text);
  }

  function first(name) {
    var asked = new URLSearchParams(window.location.search).get(name);
    return asked || (known && (known[name] || "")) || "";
  }

  function values() {
    var names = wanted(tab().text);
    var holder = place.querySelector("#sql-values");
    var drawn = state.open + ":" + names.map(function (name) { return name + (isList(tab().text, name) ? "[]" : ""); }).join();
    if (holder.getAttribute("data-names") === drawn) return;
    holder.setAttribute("data-names", drawn);
    tab().values = tab().values || {};
    holder.replaceChildren.apply(holder, names.map(function (name) {
      var kind = name === "from" || name === "to" ? "date" : "text";
      var isSite = name === "site" && known && known.sites.length > 1;
      var field = isSite
        ? make("select", { "data-value": name }, known.sites.map(function (site) { return make("option", { value: site, text: site }); }))
        : make("input", {
          type: kind, "data-value": name, spellcheck: "false", list: /^sections?$/.test(name) ? "sql-sections" : null,
          title: isList(tab().text, name) ? say("Several, with commas between them") : null,
        });
      field.value = tab().values[name] || first(name);
      field.addEventListener("input", function () { tab().values[name] = field.value; keep(); });
      return make("label", {}, [make("span", { text: "$" + name }), field]);
    }));
  }

  function given() {
    var found = {};
    place.querySelectorAll("[data-value]").forEach(function (field) { found[field.getAttribute("data-value")] = field.value; });
    return found;
  }

  // --- asking --------------------------------------------------------------------------------------------

  function statement() {
    var part = editor.selected();
    offset = part.trim() ? editor.line() : 0;
    return part.trim() ? part : editor.text();
  }

  function ask(text, explain) {
    if (running) return;
    if (!text.trim()) { said("error", say("There is no statement.")); return; }
    running = Date.now();
    editor.clear();
    place.querySelector("[data-sql=run]").hidden = true;
    place.querySelector("[data-sql=stop]").hidden = false;
    ticking = window.setInterval(function () { said("running", ((Date.now() - running) / 1000).toFixed(1) + "\u202fs"); }, 100);
    tell("asked", { text: text, parameters: given(), site: known ? known.site : "", chart: tab().chart || {}, offset: offset, explain: Boolean(explain), n: running });
  }

  function run() { ask(statement()); }
  function stop() { if (running) tell("stop", Date.now()); }

  function said(tone, words) {
    var status = place && place.querySelector("#sql-status");
    if (!status) return;
    var chips = {
      done: ["ok", say("done")], error: ["error", say("error")], stopped: ["waiting", say("stopped")], running: ["typical", say("running")], waiting: ["waiting", say("note")],
    };
    status.replaceChildren(make("span", { class: "chip " + chips[tone][0], text: chips[tone][1] }), " " + words);
  }

  function format() {
    if (!window.tearsheetFormat) { said("waiting", say("Formatting needs the editor, which could not be loaded.")); return; }
    try {
      var neat = window.tearsheetFormat(editor.text());
      editor.put(neat);
      changed(neat);
    } catch (fault) {
      said("error", say("It cannot be formatted: {why}", { why: String(fault.message).split("\n")[0] }));
    }
  }

  function copy(text, words) {
    var done = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject();
    done.then(function () { said("done", words); }, function () { window.prompt(say("Copy this"), text); });
  }

  function share() {
    var one = tab();
    var here = window.location.origin + "/sql";
    var chosen = new URLSearchParams(given()).toString();
    if (one.query_id && !one.changed) copy(here + "/" + one.query_id + (chosen ? "?" + chosen : ""), one.is_shared ? say("Link copied.") : say("Link copied; the query is private until it is saved as shared."));
    else copy(here + "#" + encodeURIComponent(editor.text()), say("Link with the text copied."));
  }

  function call() {
    var body = { sql: editor.text(), params: given() };
    copy("curl " + window.location.origin + "/api/v1/sql -H \"Authorization: Bearer $KEY\" -H \"Content-Type: application/json\" -d '" +
      JSON.stringify(body).replace(/'/g, "'\\''") + "'", say("Copied; put a key of the scope sql into KEY."));
  }

  function file(form) {
    said("running", say("writing the file"));
    var body = { sql: statement(), params: given(), format: form, site: known ? known.site : "" };
    fetch("/api/v1/sql", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).then(function (answer) {
      if (!answer.ok) return answer.json().then(function (told) { said("error", told.message + " " + (told.hint || "")); });
      var cut = answer.headers.get("x-tearsheet-truncated") === "true";
      return answer.blob().then(function (blob) {
        var link = make("a", { href: URL.createObjectURL(blob), download: (tab().name.replace(/[^\w-]+/g, "-") || "query") + "." + form });
        link.click();
        window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
        said(cut ? "stopped" : "done", cut ? say("The file was cut at the limit; more rows exist.") : say("The file is complete."));
      });
    }, function () { said("error", say("The desk cannot be reached.")); });
  }

  // --- saving --------------------------------------------------------------------------------------------

  function dialog() {
    var old = document.getElementById("sql-dialog");
    if (old) old.remove();
    function field(name, label, kind) {
      return make("label", {}, [make("span", { text: label }), make("input", { type: kind || "text", name: name, maxlength: kind ? null : "120" })]);
    }
    place.append(make("dialog", { id: "sql-dialog", class: "sql-dialog", "aria-label": say("Save the query") }, [
      make("h2", { text: say("Save the query") }),
      field("name", say("Name")), field("folder", say("Folder")), field("about", say("What it is for")), field("is_shared", say("Every analyst may run it"), "checkbox"),
      make("p", { class: "meta sql-refused", role: "alert" }),
      make("div", { class: "sql-buttons" }, [button("put-away", say("Put away")), button("cancel", say("Cancel")), button("save-new", say("Save as new")), button("keep", say("Save"), { class: "button primary" })]),
    ]));
  }

  function save() {
    var box = document.getElementById("sql-dialog");
    var one = tab();
    var mine = Boolean(one.query_id && one.is_mine);
    box.querySelector("[name=name]").value = one.name;
    box.querySelector("[name=folder]").value = one.folder || "";
    box.querySelector("[name=about]").value = one.about || "";
    box.querySelector("[name=is_shared]").checked = Boolean(one.is_shared);
    box.querySelector("[data-sql=put-away]").hidden = !mine;
    box.querySelector("[data-sql=save-new]").hidden = !mine;
    box.querySelector(".sql-refused").textContent = "";
    if (!box.open) box.showModal();
  }

  function send(more) {
    var box = document.getElementById("sql-dialog");
    var one = tab();
    tell("save", Object.assign({
      name: box.querySelector("[name=name]").value, folder: box.querySelector("[name=folder]").value,
      about: box.querySelector("[name=about]").value, is_shared: box.querySelector("[name=is_shared]").checked,
      text: editor.text(), chart: one.chart || {}, parameters: given(), site: known ? known.site : "", query_id: one.query_id && one.is_mine ? one.query_id : "", n: Date.now(),
    }, more));
  }

  // --- what the server says ------------------------------------------------------------------------------

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.tearsheetSql = {
    opened: function (told) {
      if (!told || !place) { if (told) known = told; return window.dash_clientside.no_update; }
      known = told;
      begin();
      return window.dash_clientside.no_update;
    },
    told: function (told) {
      if (!told || !place) return window.dash_clientside.no_update;
      running = 0;
      window.clearInterval(ticking);
      place.querySelector("[data-sql=run]").hidden = false;
      place.querySelector("[data-sql=stop]").hidden = true;
      said(told.state, told.message);
      if (told.line) editor.mark(told.line, told.column, told.message);
      tell("again", Date.now());
      return window.dash_clientside.no_update;
    },
    kept: function (told) {
      var box = document.getElementById("sql-dialog");
      if (!told || !box) return window.dash_clientside.no_update;
      if (told.error) { box.querySelector(".sql-refused").textContent = told.error; return window.dash_clientside.no_update; }
      if (box.open) box.close();
      var one = tab();
      if (told.saved) {
        Object.assign(one, told.saved, { changed: false, values: Object.assign({}, told.saved.values, one.values) });
        if (known) known.saved = told.saved;
        window.history.replaceState({}, "", "/sql/" + one.query_id);
      } else {
        ["query_id", "owner", "version", "versions", "is_mine"].forEach(function (name) { delete one[name]; });
        one.changed = true;
        window.history.replaceState({}, "", "/sql");
      }
      show();
      said("done", told.message);
      tell("again", Date.now());
      return window.dash_clientside.no_update;
    },
    chosen: function (chart) {
      if (chart && chart.kind && place) { tab().chart = chart; keep(); }
      return window.dash_clientside.no_update;
    },
  };

  function begin() {
    var menu = place.querySelector("#sql-examples");
    menu.replaceChildren.apply(menu, [make("option", { value: "", text: say("Examples") })].concat(known.examples.map(function (one, at) {
      return make("option", { value: at, text: one.name });
    })));
    var sections = place.querySelector("#sql-sections");
    sections.replaceChildren.apply(sections, known.sections.map(function (one) { return make("option", { value: one }); }));
    editor.knows(schema(), known.functions);
    place.querySelector("#sql-values").removeAttribute("data-names");
    var asked = known.saved ? known.saved.query_id + " " + known.saved.version : "";
    if (asked === begun) { /* told again: whoever writes goes on */ }
    else if (known.saved) {
      open(known.saved.name, known.saved.text, known.saved);
      new URLSearchParams(window.location.search).forEach(function (value, name) { if (name !== "version") tab().values[name] = value; });
    } else if (window.location.hash.length > 1) {
      try { open(say("Shared"), decodeURIComponent(window.location.hash.slice(1)), { changed: true }); } catch (fault) { /* half a link */ }
      window.history.replaceState({}, "", window.location.pathname + window.location.search);
    } else if (!tab().text.trim()) open(known.examples[0].name, known.examples[0].text);
    begun = asked;
    values();
    drawTables();
  }

  function drawTables() {
    var holder = document.getElementById("sql-tables");
    if (!holder) return;
    var box = make("input", { type: "search", placeholder: say("Find a table or column"), "aria-label": say("Find a table or column") });
    var list = make("div", { class: "card-body" });
    list.append.apply(list, known.tables.map(function (table) {
      var one = make("details", { "data-table": table[0] }, [make("summary", {}, [make("code", { text: table[0] })])]);
      one.addEventListener("toggle", function () { if (one.open && one.children.length === 1) fill(one, table); });
      return one;
    }));
    box.addEventListener("input", function () { narrow(list, box.value.trim().toLowerCase()); });
    holder.replaceChildren(make("h2", { text: say("Tables") }), make("div", { id: "sql-find" }, [box]), list);
  }

  function fill(one, table) {
    one.append(
      make("p", { class: "meta", text: table[1] }),
      make("p", {}, [
        make("button", { type: "button", class: "link", "data-sql": "sample", "data-name": table[0], "data-text": "SELECT *\nFROM " + table[0] + "\nLIMIT 10", text: say("Show ten rows") }), " ",
        make("button", { type: "button", class: "link", "data-sql": "insert", "data-text": table[0], text: say("Insert name") }),
      ]),
      make("ul", {}, table[2].map(function (column) {
        return make("li", {}, [
          make("button", { type: "button", class: "sql-name", "data-sql": "insert", "data-text": column[0], text: column[0] }),
          make("span", { class: "meta", text: column[1].toLowerCase() }), make("span", { class: "sql-about meta", text: column[2] }),
        ]);
      }))
    );
  }

  function narrow(list, wish) {
    known.tables.forEach(function (table, at) {
      var one = list.children[at];
      var own = table[0].includes(wish);
      var fits = table[2].map(function (column) { return own || column.join(" ").toLowerCase().includes(wish); });
      one.hidden = Boolean(wish) && !fits.some(Boolean);
      if (one.hidden || !wish) { if (!wish) one.querySelectorAll("li").forEach(function (line) { line.hidden = false; }); return; }
      if (!own && one.children.length === 1) fill(one, table);
      if (!own) one.open = true;
      one.querySelectorAll("li").forEach(function (line, n) { line.hidden = !fits[n]; });
    });
  }

  // --- listening -----------------------------------------------------------------------------------------

  var DOES = {
    run: run, stop: stop, format: format, save: save, share: share, call: call,
    explain: function () { ask(statement(), true); },
    older: function (one) { tell("more", Number(one.getAttribute("data-shown"))); },
    file: function (one) { file(one.getAttribute("data-form")); },
    tab: function (one) {
      var at = Number(one.getAttribute("data-at"));
      if (at !== state.open) { state.open = at; show(); } // drawn anew, the tab would not hear its double click
    },
    close: function () { close(state.open); },
    "new": function () { state.tabs.push({ name: say("Query {n}", { n: state.tabs.length + 1 }), text: "", values: {}, chart: {} }); state.open = state.tabs.length - 1; show(); editor.focus(); },
    insert: function (one) { editor.insert(one.getAttribute("data-text")); },
    open: function (one) { open(one.getAttribute("data-name"), one.getAttribute("data-text")); },
    sample: function (one) { DOES.open(one); ask(editor.text()); },
    cancel: function () { document.getElementById("sql-dialog").close(); },
    keep: function () { send({}); },
    "save-new": function () { send({ query_id: "" }); },
    "put-away": function () { send({ put_away: true }); },
  };

  document.addEventListener("click", function (event) {
    var one = event.target.closest("[data-sql]");
    if (one && place && DOES[one.getAttribute("data-sql")]) DOES[one.getAttribute("data-sql")](one);
    var link = event.target.closest('a[href^="/sql/"]');
    if (link && place && link.getAttribute("href") === window.location.pathname + window.location.search) reopen();
  });
  document.addEventListener("dblclick", function (event) {
    var one = event.target.closest('[data-sql="tab"]');
    var name = one && window.prompt(say("Name of the query"), tab().name);
    if (name && name.trim()) { Object.assign(tab(), { name: name.trim().slice(0, 120), changed: true }); show(); }
  });
  document.addEventListener("change", function (event) {
    if (place && event.target.matches("[data-tile]")) {
      tell("save", { query_id: tab().query_id, tile: event.target.value, site: known.site, n: Date.now() });
      return;
    }
    if (event.target.id !== "sql-examples" || !event.target.value) return;
    var one = known.examples[Number(event.target.value)];
    event.target.value = "";
    open(one.name, one.text);
  });

  // Of progress.js, which sees every question leave.
  window.addEventListener("tearsheet-unanswered", function () {
    if (running) window.dash_clientside.tearsheetSql.told({ state: "error", message: say("The desk cannot be reached."), line: 0 });
  });

  new MutationObserver(function () {
    var found = document.getElementById("sql-place");
    if (found && found !== place) {
      if (place) known = null; // of the page before
      build(found);
      running = 0;
      begun = null;
      if (known) begin();
    }
    if (!found && place) { place = null; editor = null; known = null; window.clearInterval(ticking); }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
