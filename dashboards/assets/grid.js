// Cells, theme and sorting of the grids. Cells are drawn from values that Python has worded already
// (dashboards/tables.py); none of them takes HTML.
(function () {
  "use strict";
  var cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  var functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

  function element() {
    return window.React.createElement.apply(null, arguments);
  }

  function worded(params, suffix) {
    return params.data ? params.data[params.colDef.field + suffix] : undefined;
  }

  function hover(params) {
    return { title: worded(params, "_full") || undefined, className: worded(params, "_few") ? "few" : undefined };
  }

  cells.TsTitle = function (params) {
    var row = params.data || {};
    var hover = row.former ? params.value + "\n" + row.former : params.value;
    var title = row.href
      ? element("a", { className: "row-link", href: row.href, title: hover, tabIndex: -1, dir: "auto" }, params.value)
      : element("span", { className: "row-link", title: hover, dir: "auto" }, params.value);
    return element("div", { className: "cell-title" }, title, element("span", { className: "under", title: row.byline || undefined }, row.byline || ""));
  };

  cells.TsNumber = function (params) {
    return element("span", hover(params), worded(params, "_text"));
  };

  cells.TsBar = function (params) {
    return element(
      "div", { className: "cell-bar", title: worded(params, "_full") || undefined },
      element("b", null, worded(params, "_text")), element(window.tearsheet.Mark, { spec: worded(params, "_mark") })
    );
  };

  cells.TsMark = function (params) {
    return element(window.tearsheet.Mark, { spec: worded(params, "_mark") });
  };

  cells.TsUnder = function (params) {
    return element("div", { className: "cell-under" },
      element("span", hover(params), worded(params, "_text")), element("span", { className: "under" }, worded(params, "_under")));
  };

  cells.TsChip = function (params) {
    var chip = worded(params, "_chip");
    if (!chip) return params.node && params.node.rowPinned ? null : "—";
    return element("span", { className: "chip " + chip.tone }, chip.text,
      chip.said ? element("span", { className: "hidden-words" }, ", " + chip.said) : null);
  };

  // Of a result of SQL: what a column is called, and of which type it is.
  cells.TsTyped = function (params) {
    return element("span", { className: "head-typed" }, params.displayName, element("small", null, params.kind));
  };

  functions.tsCompare = function (one, other, _node, _otherNode, down) {
    // What is not known stands last, whichever way the column is sorted.
    var a = one === null || one === undefined;
    var b = other === null || other === undefined;
    if (a || b) return a && b ? 0 : (a ? 1 : -1) * (down ? -1 : 1);
    return typeof one === "string" ? one.localeCompare(other) : one - other;
  };

  // Arrows walk the cells; Tab leaves the grid, or hundreds of cells would stand before what follows it.
  functions.tsLeave = function () { return false; };

  // Lists of which only the first rows are here: the server orders them, by the address.
  functions.tsKeep = function () { return 0; };
  functions.tsSorted = function (params) {
    if (params.source !== "uiColumnSorted") return;
    var sorted = params.api.getColumnState().filter(function (column) { return column.sort; })[0];
    if (sorted) window.tearsheet.setParameter("sort", (sorted.sort === "desc" ? "-" : "") + sorted.colId);
  };

  // Rows that are chosen: what can be done with them stands above the grid, with their number in words.
  functions.tsChosen = function (params) {
    var ids = params.api.getSelectedRows().map(function (row) { return row.id; });
    var bars = document.querySelectorAll(".grid-chosen");
    bars.forEach(function (bar) {
      bar.hidden = !ids.length;
      bar.querySelector("b").textContent = say("{n} chosen", { n: ids.length });
      bar.querySelectorAll("a[data-few]").forEach(function (link) {
        var fits = ids.length >= 2 && ids.length <= 6;
        link.hidden = !fits;
        link.href = link.dataset.few + ids.slice(0, 6).map(encodeURIComponent).join(",");
      });
      bar.querySelectorAll("[data-form]").forEach(function (button) {
        var form = JSON.parse(button.dataset.form);
        form.edit.articles = ids;
        button.dataset.form = JSON.stringify(form);
      });
      bar.querySelector("[data-does=unchoose]").onclick = function () { params.api.deselectAll(); };
    });
  };

  functions.tearsheetTheme = function (agGrid) {
    return agGrid.themeQuartz.withParams({
      accentColor: "var(--ts-accent)",
      backgroundColor: "var(--ts-card)",
      foregroundColor: "var(--ts-ink)",
      textColor: "var(--ts-ink)",
      borderColor: "var(--ts-line)",
      headerBackgroundColor: "var(--ts-card)",
      headerTextColor: "var(--ts-sub)",
      headerFontWeight: 500,
      headerFontSize: 12,
      fontFamily: "var(--ts-sans)",
      fontSize: 13,
      rowHoverColor: "var(--ts-bg)",
      selectedRowBackgroundColor: "var(--ts-soft)",
      oddRowBackgroundColor: "var(--ts-card)",
      wrapperBorder: false,
      wrapperBorderRadius: 0,
      headerRowBorder: { color: "var(--ts-line2)" },
      headerColumnBorder: false,
      headerColumnResizeHandleColor: "transparent",
      columnBorder: false,
      cellHorizontalPadding: 6,
      rowHeight: 52,
      headerHeight: 34,
      iconSize: 12,
      focusShadow: "none",
    });
  };

  // Columns leave by the width of their grid, not of the window: a grid in a narrow card behaves like a phone.
  function apiOf(holder) {
    var grid = holder.querySelector(".ag-root-wrapper");
    var host = grid && grid.closest("[id]");
    try {
      return host && window.dash_ag_grid && window.dash_ag_grid.getApi(host.id);
    } catch (unborn) {
      return undefined;
    }
  }

  // Where chosen columns find no room the grid scrolls, and what names a row stays in sight.
  function hold(api, width) {
    var shown = api.getAllDisplayedColumns();
    var least = shown.reduce(function (sum, column) { return sum + column.getMinWidth(); }, 0);
    var titles = shown.map(function (column) { return column.getColDef().cellRenderer === "TsTitle"; });
    var side = least > width ? "left" : null;
    var wrong = shown.slice(0, titles.indexOf(true) + 1).filter(function (column) {
      return (column.getPinned() || null) !== side;
    });
    if (wrong.length) {
      api.applyColumnState({ state: wrong.map(function (column) { return { colId: column.getColId(), pinned: side }; }) });
    }
  }

  function fit(holder) {
    var width = holder.clientWidth;
    var api = width ? apiOf(holder) : undefined; // a hidden grid has no width to go by
    if (!api) return false;
    var wrong = (api.getColumns() || []).filter(function (column) {
      var context = column.getColDef().context || {};
      return column.isVisible() === Boolean(context.hideUnder && width < context.hideUnder);
    });
    [true, false].forEach(function (show) {
      var ids = wrong.filter(function (column) { return column.isVisible() !== show; });
      if (ids.length) api.setColumnsVisible(ids.map(function (column) { return column.getColId(); }), show);
    });
    hold(api, width);
    // The grid may lay its first column state over ours: look again once it has settled.
    if (wrong.length) window.setTimeout(function () { fit(holder); }, 300);
    return true;
  }
  var sizes = new ResizeObserver(function (entries) {
    entries.forEach(function (entry) { fit(entry.target); });
  });
  var watched = new WeakSet();
  function watch() {
    document.querySelectorAll(".ag-holder").forEach(function (holder) {
      if (watched.has(holder) || !holder.querySelector(".ag-header-cell")) return;
      watched.add(holder);
      if (fit(holder)) sizes.observe(holder);
      else watched.delete(holder);
    });
  }
  new MutationObserver(function () { window.requestAnimationFrame(watch); }).observe(document.documentElement, {
    childList: true,
    subtree: true,
  });
})();
