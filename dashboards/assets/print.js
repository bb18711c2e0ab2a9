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
    // Not by another layout: that is drawn when the paper is out, and undone by the colours of the scheme.
    resized = plots().map(function (plot) {
      var drawing = plot.querySelector(".svg-container");
      var box = plot.closest(".chart-box");
      var zoom = Math.min(1, PAPER_PX / plot.clientWidth);
      if (box) { // as tall as it has grown with its row, for else the chart is fitted anew, less what is saved
        box.style.minHeight = plot.clientHeight + "px";
        box.style.marginBottom = plot.clientHeight * (zoom - 1) + "px";
      }
      drawing.style.zoom = zoom;
      return { drawing: drawing, box: box };
    });
  });

  window.addEventListener("afterprint", function () {
    document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
    resized.forEach(function (one) {
      one.drawing.style.zoom = "";
      if (one.box) one.box.style.minHeight = one.box.style.marginBottom = "";
    });
    resized = [];
    window.dispatchEvent(new Event("resize"));
  });
})();
