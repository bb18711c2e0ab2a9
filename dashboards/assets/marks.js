// Draws the marks of analytics/marks.py: a React component for pages (tearsheet.Mark) and for grid cells.
// Only the tags and attributes below are drawn, and paint only by token: a mark cannot carry markup.
(function () {
  "use strict";
  var TAGS = {
    rect: ["x", "y", "width", "height", "rx"],
    circle: ["cx", "cy", "r"],
    line: ["x1", "y1", "x2", "y2"],
    path: ["d"],
  };
  var LINE = { "stroke-width": "strokeWidth", "stroke-linecap": "strokeLinecap", "stroke-linejoin": "strokeLinejoin" };
  var PAINT = /^(var\(--ts-[a-z0-9-]+\)|currentColor)$/;

  function attributes(tag, given) {
    var kept = { fill: "none" };
    TAGS[tag].forEach(function (name) {
      if (given[name] !== undefined) kept[name] = String(given[name]);
    });
    Object.keys(LINE).forEach(function (name) {
      if (given[name] !== undefined) kept[LINE[name]] = String(given[name]);
    });
    ["fill", "stroke"].forEach(function (name) {
      if (PAINT.test(given[name] || "")) kept[name] = given[name];
    });
    return kept;
  }

  function shape(drawn, index) {
    var tag = drawn[0];
    if (!Object.prototype.hasOwnProperty.call(TAGS, tag)) return null;
    return window.React.createElement(tag, Object.assign({ key: index }, attributes(tag, drawn[1])));
  }

  function Mark(props) {
    var spec = props.spec;
    if (!spec || !spec.shapes) return null;
    var svg = {
      width: spec.w,
      height: spec.h,
      viewBox: "0 0 " + Number(spec.box || spec.w) + " " + Number(spec.box || spec.h),
      focusable: "false",
      "aria-hidden": "true",
    };
    if (spec.slice) svg.preserveAspectRatio = "xMinYMin slice";
    if (spec.fit) svg.preserveAspectRatio = "none";
    var holder = { id: props.id, className: ["mark", props.className || ""].join(" ").trim() };
    if (spec.label) Object.assign(holder, { role: "img", "aria-label": spec.label, title: spec.label });
    return window.React.createElement(
      "span", holder, window.React.createElement("svg", svg, spec.shapes.map(shape))
    );
  }

  window.tearsheet = Object.assign(window.tearsheet || {}, { Mark: Mark });
})();
