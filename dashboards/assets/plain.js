// Draws runs of HTML elements as one component (tearsheet.Plain, written by dashboards/plain.py).
// Addresses are cleaned as Dash's own elements clean them; text stays text, for React writes it.
(function () {
  "use strict";
  var LINKS = ["href", "src", "action", "formAction"];

  function drawn(node) {
    if (!Array.isArray(node)) return node;
    var tag = node[0];
    var attributes = node[1];
    if (tag === "Mark") return window.React.createElement(window.tearsheet.Mark, attributes);
    LINKS.forEach(function (name) {
      if (attributes[name] === undefined) return;
      attributes = Object.assign({}, attributes);
      attributes[name] = window.dash_clientside.clean_url(attributes[name]);
    });
    return window.React.createElement.apply(null, [tag, attributes].concat(node.slice(2).map(drawn)));
  }

  function Plain(props) {
    var parts = (props.nodes || []).map(drawn);
    return window.React.createElement.apply(null, [window.React.Fragment, null].concat(parts));
  }

  window.tearsheet = Object.assign(window.tearsheet || {}, { Plain: window.React.memo(Plain) });
})();
