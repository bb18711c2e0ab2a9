// Paper is light and narrow: before the page is printed its scheme is light and its charts have the width of
// the paper; afterwards everything is as it was.
(function () {
  "use strict";
  var PAPER_PX = 640; // A4 less margins and the padding of a card
  var scheme = "";
  var resized = [];

  function plots() {
    return Array.from(document.querySelectorAll("#page .js-plotly-plot")).filter(function (one) {
      return one.offsetParent !== null;
    });
  }

  window.addEventListener("beforeprint", function () {
    var root = document.documentElement;
    scheme = root.getAttribute("data-mantine-color-scheme");
    root.setAttribute("data-mantine-color-scheme", "light");
    resized = plots().map(function (plot) {
      window.Plotly.relayout(plot, { width: Math.min(plot.clientWidth, PAPER_PX), autosize: false });
      return plot;
    });
  });

  window.addEventListener("afterprint", function () {
    document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
    resized.forEach(function (plot) { window.Plotly.relayout(plot, { width: null, autosize: true }); });
    resized = [];
    window.dispatchEvent(new Event("resize"));
  });
})();
