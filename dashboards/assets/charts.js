// Gives charts their colours. Figures name tokens, "var(--ts-accent)"; here they become the colours of the
// scheme in force, just before Plotly draws, and once more when the scheme changes. No callback, no new data.
(function () {
  "use strict";
  var TOKEN = /var\((--ts-[a-z0-9-]+)\)/g;
  var phone = window.matchMedia("(max-width: 767px)"); // where the list of marks stands below (5-pages.css)
  var TWICE_MS = 350; // so long a press waits for a second one
  var sources = new WeakMap(); // chart element -> the figure as it came, with its tokens

  function painted(part, styles) {
    if (typeof part === "string") {
      return part.replace(TOKEN, function (_, name) { return styles.getPropertyValue(name).trim(); });
    }
    if (Array.isArray(part)) return part.map(function (inner) { return painted(inner, styles); });
    if (part && typeof part === "object" && Object.getPrototypeOf(part) === Object.prototype) {
      var copy = {};
      Object.keys(part).forEach(function (name) { copy[name] = painted(part[name], styles); });
      return copy;
    }
    return part; // numbers, dates, typed arrays
  }

  function fitted(figure, element) {
    // Narrow charts say less: fewer ticks, shorter, marks without words (their list stands below the chart).
    var isNarrow = phone.matches || (element.clientWidth > 0 && element.clientWidth < 520);
    var layout = Object.assign({}, figure.layout);
    if (!isNarrow || !layout.meta || !layout.meta.narrow) return layout;
    Object.keys(layout.meta.narrow).forEach(function (path) {
      var steps = path.split(".");
      var at = layout;
      steps.slice(0, -1).forEach(function (step) {
        at[step] = Object.assign({}, at[step]);
        at = at[step];
      });
      at[steps[steps.length - 1]] = layout.meta.narrow[path];
    });
    function stays(one) { return one.name !== "wide"; }
    layout.shapes = (layout.shapes || []).filter(stays);
    layout.annotations = (layout.annotations || []).filter(stays).map(function (one) {
      return one.name === "narrow" ? Object.assign({}, one, { visible: true }) : one;
    });
    return layout;
  }

  function drawn(element, figure) {
    // Of the chart, not of the root: whoever reads calmly gets other tones below .calm.
    var styles = window.getComputedStyle(element.isConnected ? element : document.documentElement);
    var layout = fitted(figure, element);
    return Object.assign({}, figure, { data: painted(figure.data, styles), layout: painted(layout, styles) });
  }

  // A map is brushed by dragging: the bounds of what was chosen are written to the address, as real numbers.
  function brushed(node) {
    var figure = sources.get(node);
    if (node.tsBrushed || !figure.layout || !figure.layout.meta || typeof figure.layout.meta.brush !== "number") return;
    node.tsBrushed = true;
    node.on("plotly_selected", function (event) {
      if (!event || !event.range || !event.range.x) return;
      var foot = sources.get(node).layout.meta.brush;
      function real(value, isRate) {
        return isRate && value < foot + 0.1 ? 0 : Number(Math.pow(10, value).toPrecision(3));
      }
      var x = event.range.x.slice().sort(function (a, b) { return a - b; });
      var y = event.range.y.slice().sort(function (a, b) { return a - b; });
      var bounds = [real(x[0]), real(x[1]), real(y[0], true), real(y[1], true)];
      window.tearsheet.setParameter("brush", bounds.join(","), "corner");
    });
  }

  function instant(text) { return Date.parse(String(text).replace(" ", "T").slice(0, 19).replace(/^(.{10})$/, "$1T00:00:00") + "Z"); }

  // A drag across days narrows the period to them, a double click goes back; a press on an hour or day leads to
  // its articles, and one on a label to its own.
  function followed(node) {
    var meta = sources.get(node).layout && sources.get(node).layout.meta;
    if (node.tsFollowed || !meta || !meta.days) return;
    node.tsFollowed = true;
    node.on("plotly_selected", function (event) {
      var range = event && event.range && event.range.x;
      if (!range) return;
      var figure = sources.get(node);
      var ends = range.map(instant);
      var held = figure.layout.meta.days.filter(function (_, n) {
        var at = instant(figure.data[0].x[n]);
        return at >= Math.min(ends[0], ends[1]) && at <= Math.max(ends[0], ends[1]);
      });
      if (!held.length) return;
      var first = held[0][0], last = held[held.length - 1][1];
      window.tearsheet.deeper("period", first === last ? first : first + ".." + last);
    });
    var pressed;
    node.on("plotly_deselect", function () { // what a double click is where a drag selects
      window.clearTimeout(pressed);
      if (window.history.state && window.history.state.narrowed) window.history.back();
    });
    node.on("plotly_click", function (event) {
      var lead = (sources.get(node).layout.meta.leads || [])[event.points[0].pointNumber];
      var isSecond = event.event && event.event.detail > 1;
      window.clearTimeout(pressed);
      if (lead && !isSecond) pressed = window.setTimeout(function () { window.tearsheet.open(lead); }, TWICE_MS);
    });
    node.on("plotly_clickannotation", function (event) {
      var opens = sources.get(node).layout.meta.opens || {};
      if (opens[event.annotation.text]) window.tearsheet.open(opens[event.annotation.text]);
    });
  }

  // A press on a cell of a week opens its articles.
  function opened(node) {
    var meta = sources.get(node).layout && sources.get(node).layout.meta;
    if (node.tsOpened || !meta || !meta.cells) return;
    node.tsOpened = true;
    node.classList.add("opens");
    node.on("plotly_click", function (event) {
      var at = event.points[0];
      var lead = ((sources.get(node).layout.meta.cells || [])[at.y] || [])[at.x];
      if (lead) window.tearsheet.open(lead);
    });
  }

  function dressed(plotly) {
    if (plotly.tearsheet) return plotly;
    var plots = Object.create(plotly.Plots);
    // A chart that was drawn while its place was still small keeps the margins that it was given there: drawn
    // anew at each size it fills its card, and a narrow one says less wherever it stands.
    plots.resize = function (node) {
      if (!sources.has(node)) return plotly.Plots.resize(node);
      return node.offsetParent ? plotly.react(node, drawn(node, sources.get(node))) : Promise.resolve(node);
    };
    var ours = Object.create(plotly, { tearsheet: { value: true }, Plots: { value: plots } });
    ours.react = function (element, figure, layout, config) {
      var whole = Array.isArray(figure) ? { data: figure, layout: layout, config: config } : figure;
      var node = typeof element === "string" ? document.getElementById(element) : element;
      sources.set(node, whole);
      var done = plotly.react(node, drawn(node, whole));
      brushed(node);
      followed(node);
      opened(node);
      return done;
    };
    ours.newPlot = ours.react;
    return ours;
  }

  // The bundle sets window.Plotly when it loads, before or after this file: dress it at that moment.
  var current = window.Plotly && dressed(window.Plotly);
  Object.defineProperty(window, "Plotly", {
    configurable: true,
    get: function () { return current; },
    set: function (plotly) { current = plotly && dressed(plotly); },
  });

  function redraw(onlyResized) {
    document.querySelectorAll(".js-plotly-plot").forEach(function (element) {
      var figure = sources.get(element);
      var meta = figure && figure.layout && figure.layout.meta;
      if (!figure || (onlyResized && !(meta && meta.narrow))) return;
      Object.getPrototypeOf(current).react(element, drawn(element, figure));
    });
  }

  new MutationObserver(function () { redraw(false); }).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["data-mantine-color-scheme"],
  });
  phone.addEventListener("change", function () { redraw(true); });
})();
