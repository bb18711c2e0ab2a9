// What leaves the screen: charts as pictures, drawn here and never sent anywhere, and the menu of the page's
// head, which gathers what its cards offer.
(function () {
  "use strict";
  var HEAD_PX = 58; // over the picture: title and what one mark is
  var FOOT_PX = 26; // under it: period, zone, site

  function words(card, selector) {
    var found = card && card.querySelector(selector);
    return found ? found.textContent.trim() : "";
  }

  function escaped(text) {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;"); // Plotly reads a little HTML in its texts
  }

  function fileName(parts, kind) {
    return parts.join("-").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 80) + "." + kind;
  }

  // A picture says what it shows: the card's title and line above it, period, zone and newsroom below.
  function labelled(plot, card) {
    var width = plot.clientWidth || 860;
    var height = plot.clientHeight || 320;
    var styles = window.getComputedStyle(document.documentElement);
    var ink = styles.getPropertyValue("--ts-ink").trim();
    var sub = styles.getPropertyValue("--ts-sub").trim();
    var layout = Object.assign({}, plot.layout);
    var margin = Object.assign({}, layout.margin);
    var plain = height - (margin.t || 0) - (margin.b || 0);
    margin.t = (margin.t || 0) + HEAD_PX;
    margin.b = (margin.b || 0) + FOOT_PX;
    function text(said, size, colour, y, anchor) {
      return {
        text: escaped(said), x: 0, xref: "paper", xanchor: "left", xshift: -(margin.l || 0) + 12, y: y, yref: "paper",
        yanchor: anchor, showarrow: false, align: "left", font: { size: size, color: colour },
      };
    }
    var line = words(document, "#page .article-bar .meta") || words(document, "#page .head .meta");
    var top = 1 + margin.t / plain;
    layout.annotations = (layout.annotations || []).concat([
      Object.assign(text(words(card, "h2"), 15, ink, top, "top"), { yshift: -10 }),
      Object.assign(text(words(card, ".card-words .meta"), 12, sub, top, "top"), { yshift: -32 }),
      Object.assign(text(line + " · " + words(document, ".nav .site"), 12, sub, -margin.b / plain, "bottom"), { yshift: 6 }),
    ]);
    layout.margin = margin;
    layout.autosize = false;
    layout.width = width;
    layout.height = height + HEAD_PX + FOOT_PX;
    layout.paper_bgcolor = styles.getPropertyValue("--ts-card").trim();
    return { data: plot.data, layout: layout, config: { staticPlot: true } };
  }

  // Bars that are plain HTML become a figure of their own, so that they can be saved like a chart.
  function ofBars(card) {
    var rows = Array.from(card.querySelectorAll(".bars > li"));
    var ink = window.getComputedStyle(document.documentElement).getPropertyValue("--ts-ink").trim();
    var fills = rows.map(function (row) { return row.querySelector(".bar-fill"); });
    return {
      clientWidth: card.clientWidth, clientHeight: 36 * rows.length + 12,
      data: [{
        type: "bar", orientation: "h", cliponaxis: false, textposition: "outside", hoverinfo: "skip",
        x: fills.map(function (fill) { return parseFloat(fill.style.width); }),
        y: rows.map(function (row, n) { return n; }),
        text: rows.map(function (row) { return escaped(words(row, ".bar-words > b")); }),
        textfont: { size: 12, color: ink },
        marker: { color: fills.map(function (fill) { return window.getComputedStyle(fill).backgroundColor; }) },
      }],
      layout: {
        margin: { l: 170, r: 60, t: 4, b: 8 }, bargap: 0.45, plot_bgcolor: "rgba(0,0,0,0)",
        font: { family: window.getComputedStyle(card).fontFamily, size: 12, color: ink },
        xaxis: { visible: false, range: [0, 100], fixedrange: true },
        yaxis: {
          autorange: "reversed", showgrid: false, ticks: "",
          tickvals: rows.map(function (row, n) { return n; }),
          ticktext: rows.map(function (row) { return escaped(words(row, ".bar-words > span > b")); }),
        },
      },
    };
  }

  function hasPicture(card) { return Boolean(card && card.querySelector(".js-plotly-plot, .bars > li")); }

  function save(card, kind) {
    if (!hasPicture(card)) return;
    var plot = card.querySelector(".bars > li") ? ofBars(card) : card.querySelector(".js-plotly-plot");
    var figure = labelled(plot, card);
    var size = { width: figure.layout.width, height: figure.layout.height };
    window.Plotly.toImage(figure, Object.assign({ format: kind, scale: kind === "png" ? 2 : 1 }, size)).then(function (data) {
      var link = document.createElement("a");
      link.href = data;
      link.download = fileName(["tearsheet", words(document, "#page h1"), words(card, "h2")], kind);
      link.click();
    });
  }

  function button(said, does) {
    var made = document.createElement("button");
    made.type = "button";
    made.textContent = said;
    made.addEventListener("click", does);
    return made;
  }

  function section(title, items) {
    var box = document.createElement("div");
    var head = document.createElement("p");
    var list = document.createElement("ul");
    head.textContent = title;
    items.forEach(function (one) {
      var item = document.createElement("li");
      item.append(one);
      list.append(item);
    });
    box.append(head, list);
    return box;
  }

  function copyAddress(event) {
    var said = event.target;
    var done = function () { said.textContent = say("Copied"); };
    var not = function () { said.textContent = say("Copy it from the address bar"); };
    // Without https the browser offers no clipboard.
    if (navigator.clipboard) navigator.clipboard.writeText(window.location.href).then(done, not);
    else not();
  }

  function gather(panel) {
    var boxes = [section(say("This view"), [
      button(say("Copy its address"), copyAddress),
      button(say("Print, or save as PDF"), function () { panel.closest("details").open = false; window.print(); }),
    ])];
    document.querySelectorAll("#page .saves").forEach(function (offer) {
      var card = offer.closest(".card");
      var hasChart = hasPicture(card);
      var items = Array.from(offer.querySelectorAll("a[download], button")).filter(function (one) {
        return one.tagName === "A" || one.dataset.does === "copy" || hasChart;
      }).map(function (one) {
        if (one.tagName === "A") return one.cloneNode(true);
        if (one.dataset.does === "copy") return button(one.textContent, function () { one.click(); });
        return button(one.textContent, function () { save(card, one.getAttribute("data-kind")); });
      });
      if (items.length) boxes.push(section(offer.getAttribute("data-title"), items));
    });
    panel.replaceChildren.apply(panel, boxes);
  }

  document.addEventListener("toggle", function (event) {
    var opened = event.target;
    if (!opened.open || !opened.matches) return;
    if (opened.matches(".export")) gather(opened.querySelector(".export-panel"));
    if (opened.matches(".saves")) {
      // A card whose picture is no chart has no picture to give.
      var hasChart = hasPicture(opened.closest(".card"));
      opened.querySelectorAll("[data-does=picture]").forEach(function (one) { one.hidden = !hasChart; });
    }
  }, true);

  window.tearsheet = Object.assign(window.tearsheet || {}, {
    picture: function (from) { save(from.closest(".card"), from.getAttribute("data-kind")); },
    openExport: function () {
      var menu = document.querySelector("#page .export");
      if (!menu) return;
      function enter() { menu.querySelector("button, a").focus(); }
      if (menu.open) return enter();
      menu.addEventListener("toggle", enter, { once: true }); // only then its panel is filled
      menu.open = true;
    },
  });
})();
