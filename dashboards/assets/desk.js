// What the screens do by themselves: links without reloading, controls that write the address, table twins,
// the filter sheet of phones, and the keyboard. All by listeners on the document, so that parts that Dash
// draws later need none of their own.
(function () {
  "use strict";
  var phone = window.matchMedia("(max-width: 767px)");

  function announce() {
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate")); // dcc.Location reads the address again
  }

  function go(href) {
    if (href === window.location.pathname + window.location.search) return;
    var samePage = new URL(href, window.location.href).pathname === window.location.pathname;
    window.history.pushState({}, "", href);
    announce();
    if (!samePage) window.scrollTo(0, 0);
  }

  // A change of a filter is a step that Back undoes; letters typed one after the other are one step.
  var typedAt = 0;
  function refine(href, isTyped) {
    if (href === window.location.pathname + window.location.search) return;
    var goesOn = isTyped && Date.now() - typedAt < 5000;
    typedAt = isTyped ? Date.now() : 0;
    window.history[goesOn ? "replaceState" : "pushState"]({}, "", href);
    announce();
  }

  // After Back, controls are drawn with what they had: that is nobody's choice, and writes no address.
  var hasActed = false;
  window.addEventListener("popstate", function () { hasActed = false; });
  ["keydown", "pointerdown", "input"].forEach(function (kind) {
    document.addEventListener(kind, function () { hasActed = true; }, true);
  });

  function withParameter(name, value, dropped) {
    var kept = window.location.search.replace(/^\?/, "").split("&").filter(function (pair) {
      return pair && [name, dropped].indexOf(decodeURIComponent(pair.split("=")[0])) < 0;
    });
    var values = (Array.isArray(value) ? value : [value]).filter(function (one) {
      return one !== null && one !== undefined && one !== "";
    });
    if (values.length) {
      kept.push(name + "=" + values.map(function (one) {
        return encodeURIComponent(one).replace(/%3A/g, ":");
      }).join(","));
    }
    return window.location.pathname + (kept.length ? "?" + kept.join("&") : "");
  }

  function currentValue(name) {
    var found = new RegExp("(?:^|[?&])" + name + "=([^&]*)").exec(window.location.search);
    return found ? found[1].split(",").map(function (part) {
      return decodeURIComponent(part.replace(/\+/g, " "));
    }).join(",") : "";
  }

  function Moved(props) {
    window.React.useEffect(function () {
      window.history.replaceState({}, "", props.href);
      announce();
    }, [props.href]);
    return null;
  }

  window.tearsheet = Object.assign(window.tearsheet || {}, {
    Moved: Moved,
    setParameter: function (name, value, dropped) { refine(withParameter(name, value, dropped)); },
    deeper: function (name, value) { // a step that Back undoes
      window.history.pushState({ narrowed: true }, "", withParameter(name, value));
      announce();
    },
    open: go,
  });

  // Controls: dashboards/controls.py binds every one of them to this function.
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.tearsheet = {
    write: function () {
      var context = window.dash_clientside.callback_context;
      if (!hasActed) return window.dash_clientside.no_update;
      (context.triggered || []).forEach(function (one) {
        var id = JSON.parse(one.prop_id.slice(0, one.prop_id.lastIndexOf(".")));
        var value = typeof one.value === "string" ? one.value.trim() : one.value;
        if (id.control === "range") {
          if (!value || !value[0] || !value[1]) return;
          value = value[0] + ".." + value[1];
          if (value === id.default) return; // what the page was drawn with
        }
        if (id.control === "another") { // one more beside those that are compared: days, or an id
          if (!value || (Array.isArray(value) && !(value[0] && value[1]))) return;
          value = id.default.split(",").filter(Boolean).concat(Array.isArray(value) ? value.join("..") : value);
        }
        var name = { range: "period", another: "items" }[id.control] || id.control;
        var plain = value === null || value === undefined || value === id.default ? "" : value;
        var text = Array.isArray(plain) ? plain.join(",") : String(plain);
        if (text !== currentValue(name)) refine(withParameter(name, plain), name === "q");
      });
      return window.dash_clientside.no_update;
    },
    // The view inside a page follows the address while the path stays; another path brings another page.
    follow: function (search, pathname, view) {
      if (!view || view.path !== pathname || view.search === search) return window.dash_clientside.no_update;
      return { path: pathname, search: search };
    },
    arrived: function (children, title) {
      if (title) document.title = title;
      settle();
      return window.dash_clientside.no_update;
    },
  };

  // After a change of page the focus stands on its heading, also when the heading is drawn again with data;
  // until the reader does something.
  var isFirst = true;
  var wanted = 0;
  function settle() {
    if (isFirst) {
      isFirst = false;
      return;
    }
    wanted = Date.now() + 8000;
    window.requestAnimationFrame(toHeading);
  }
  function toHeading() {
    var heading = document.querySelector("#page h1");
    var lost = document.activeElement === document.body || document.activeElement === null || !wanted;
    if (!heading || Date.now() > wanted) return;
    if (lost || !document.activeElement.closest("#page")) heading.focus({ preventScroll: true });
  }
  ["keydown", "pointerdown"].forEach(function (kind) {
    document.addEventListener(kind, function () { wanted = 0; }, true);
  });
  new MutationObserver(function () {
    if (wanted && document.activeElement === document.body) window.requestAnimationFrame(toHeading);
  }).observe(document.documentElement, { childList: true, subtree: true });

  // Links
  document.addEventListener("click", function (event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    var link = event.target.closest("a[href]");
    if (link) {
      var url = new URL(link.href, window.location.href);
      if (url.origin !== window.location.origin || link.target || link.hasAttribute("download") || /^\/((api|w|t|assets|download|report)\/|_)/.test(url.pathname)) return;
      if (url.hash && url.pathname === window.location.pathname && url.search === window.location.search) return;
      event.preventDefault();
      closeSheet();
      // Refining the same page replaces; going deeper is a step that Back undoes.
      if (link.closest(".segmented, .chosen, .columns, .corners")) refine(url.pathname + url.search);
      else go(url.pathname + url.search);
      return;
    }
    var row = event.target.closest(".ag-center-cols-container .ag-row, .ag-pinned-left-cols-container .ag-row");
    if (row && !event.target.closest("button, input, .ag-selection-checkbox") && !String(window.getSelection())) openRow(row);
  });

  function openRow(row) {
    var link = row.querySelector("a.row-link");
    if (!link && row.getAttribute("row-id")) {
      var twin = document.querySelector('.ag-row[row-id="' + CSS.escape(row.getAttribute("row-id")) + '"] a.row-link');
      link = twin;
    }
    if (link) link.click();
  }

  // Buttons
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-does]");
    if (button) act(button.getAttribute("data-does"), button);
    var asks = event.target.closest("button[data-asks]");
    if (asks) ask(asks.dataset);
    document.querySelectorAll("details.why[open]").forEach(function (open) {
      if (!open.contains(event.target)) open.open = false;
    });
  });

  // The desk answers what stands in the store (components.ask_button).
  function ask(what) {
    window.dash_clientside.set_props(what.asks, { data: { of: what.of, does: what.for, at: Date.now() } });
  }

  function act(verb, button) {
    if (verb === "twin") turn(button);
    if (verb === "sheet") openSheet(button);
    if (verb === "close-sheet") closeSheet();
    if (verb === "scheme") swapScheme();
    if (verb === "retry") announceRetry(button);
    if (verb === "help") help();
    if (verb === "picture") window.tearsheet.picture(button);
    if (verb === "copy") copy(button);
    if (verb === "note") window.tearsheet.note(button);
    if (verb === "edit") window.tearsheet.edit(button);
    if (verb === "search") window.tearsheet.search();
  }

  // Chart or table: the same numbers twice, one of them shown.
  function turn(button) {
    var card = button.closest(".card");
    var chart = card && card.querySelector(".chart");
    var twin = card && card.querySelector(".twin");
    if (!chart || !twin) return;
    twin.hidden = !twin.hidden;
    chart.hidden = !twin.hidden;
    button.textContent = twin.hidden ? say("View as table") : say("View as chart");
    button.setAttribute("aria-pressed", String(!twin.hidden));
    if (twin.hidden) window.dispatchEvent(new Event("resize"));
  }

  // Copies what stands beside the button; without https the browser offers no clipboard, and it is marked instead.
  function copy(button) {
    var text = button.parentElement.querySelector("pre, code");
    function done() {
      var before = button.firstChild.textContent;
      button.firstChild.textContent = say("Copied");
      window.setTimeout(function () { button.firstChild.textContent = before; }, 2000);
    }
    function mark() {
      text.hidden = false;
      window.getSelection().selectAllChildren(text);
    }
    if (navigator.clipboard) navigator.clipboard.writeText(text.textContent).then(done, mark);
    else mark();
  }

  function announceRetry(button) {
    var slot = button.closest(".slot");
    var view = slot && { path: window.location.pathname, search: window.location.search, again: Date.now() };
    if (view) window.dash_clientside.set_props("view", { data: view });
  }

  function swapScheme() {
    var toggle = document.querySelector("#scheme-toggle button, button#scheme-toggle");
    if (toggle) toggle.click();
  }

  // The filter sheet of phones
  var opener = null;
  function openSheet(button) {
    opener = button || document.querySelector(".filters-button");
    document.body.classList.add("sheet-open");
    var first = document.querySelector(".controls a, .controls input, .controls button");
    if (first) first.focus();
  }
  function closeSheet() {
    if (!document.body.classList.contains("sheet-open")) return;
    document.body.classList.remove("sheet-open");
    if (opener && document.contains(opener)) opener.focus();
  }
  phone.addEventListener("change", closeSheet);
  function holdFocus(event) {
    var sheet = document.body.classList.contains("sheet-open") && document.querySelector(".controls");
    if (!sheet) return;
    var stops = Array.from(sheet.querySelectorAll("a[href], button, input")).filter(function (one) {
      return one.offsetParent !== null && !one.disabled;
    });
    var edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement === edge) {
      event.preventDefault();
      (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
    }
  }

  function help() {
    var sheet = document.getElementById("help");
    if (sheet && !sheet.open) sheet.showModal();
  }

  // Keyboard
  var before = "";
  function pages() {
    var keys = {};
    document.querySelectorAll(".nav [data-key]").forEach(function (link) { keys[link.getAttribute("data-key")] = link; });
    return keys;
  }
  function rows(step) {
    var all = Array.from(document.querySelectorAll(".ag-center-cols-container .ag-row, .board tbody tr:has(a), .phone-row")).filter(function (row) {
      return row.offsetParent !== null;
    });
    all.sort(function (a, b) { return a.getBoundingClientRect().top - b.getBoundingClientRect().top; });
    if (!all.length) return;
    var here = all.findIndex(function (row) { return row.contains(document.activeElement); });
    var next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
    var stop = next.querySelector(".ag-cell, a");
    if (stop) stop.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  function press(selector) {
    var found = document.querySelector(selector);
    if (found) found.click();
    return found;
  }
  function focusOn(selector) {
    var found = document.querySelector(selector);
    if (found) found.focus();
  }
  var KEYS = {
    "?": help,
    "/": function () { window.tearsheet.search(); },
    p: function () { if (phone.matches) openSheet(); else focusOn(".controls .segmented a[aria-current], .controls .segmented a"); },
    f: function () { if (phone.matches) openSheet(); else focusOn(".controls .filter input, .controls .filter button"); },
    c: function () { refine(withParameter("compare", currentValue("compare") === "none" ? "" : "none")); },
    e: function () { window.tearsheet.openExport(); },
    n: function () { press("#page [data-does=note]:not([data-note])"); },
    t: function () {
      var card = document.activeElement && document.activeElement.closest(".card");
      var near = card && card.querySelector('[data-does="twin"]');
      if (near) near.click();
      else document.querySelectorAll('[data-does="twin"]').forEach(function (button) { button.click(); });
    },
    j: function () { rows(1); },
    k: function () { rows(-1); },
  };
  document.addEventListener("keydown", function (event) {
    if (event.key === "Tab") holdFocus(event);
    if (event.key === "Escape") {
      closeSheet();
      document.querySelectorAll("details.why[open]").forEach(function (open) {
        open.open = false;
        open.querySelector("summary").focus();
      });
      return;
    }
    var target = event.target;
    if ((event.metaKey || event.ctrlKey) && event.key === "k") {
      event.preventDefault();
      window.tearsheet.search();
      return;
    }
    if (document.querySelector("dialog[open]")) return; // the page behind waits
    if (event.metaKey || event.ctrlKey || event.altKey || target.isContentEditable || (target.matches && target.matches("input:not([type=checkbox]), textarea, select"))) return;
    if (event.key === "Enter") {
      var row = target.closest(".ag-row");
      if (row && !target.closest("a, button")) openRow(row);
      return;
    }
    if (before === "g") {
      before = "";
      var page = pages()[event.key];
      if (page) {
        event.preventDefault();
        page.click();
      }
      return;
    }
    if (event.key === "g") {
      before = "g";
      window.setTimeout(function () { before = ""; }, 1200);
      return;
    }
    if (KEYS[event.key]) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });
})();

// Lists that the desk has searched are shown as they came: a hit may bear the words in a former title.
window.dashMantineFunctions = Object.assign(window.dashMantineFunctions || {}, {
  keepAll: function (found) { return found.options; },
});
