// The editor of the SQL page, made into one file by dashboards/editor.py. It gives the page one function,
// `tearsheetEditor(place, options)`; assets/sql.js does the rest, and works without it on a plain text box.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { keywordCompletionSource, schemaCompletionSource, sql, SQLDialect, PostgreSQL } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { duckdb, formatDialect } from "sql-formatter";

const DuckDB = SQLDialect.define({
  keywords: "all and anti any as asc asof at between both by case cast collate columns cross cube current_date current_time " +
    "current_timestamp desc describe distinct else end escape except exclude exists explain extract false filter first following for " +
    "from full glob group grouping having if ilike in inner intersect interval into is join lambda last lateral left like limit " +
    "materialized natural not null nulls offset on or order ordinality outer over partition percent pivot positional preceding " +
    "qualify range recursive rename repeatable replace right rollup row rows sample select semi sets similar some summarize table " +
    "tablesample then ties to trailing true try try_cast unbounded union unnest unpivot using values when where window with within",
  types: PostgreSQL.spec.types + " hugeint uhugeint ubigint uinteger usmallint utinyint struct map list union blob",
  operatorChars: "+-*/<>=~!@#%^&|",
  specialVar: "$",
  identifierQuotes: '"',
});

// Colours are the page's own tokens, so that light and dark need no second theme.
const look = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "var(--ts-card)", color: "var(--ts-ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--ts-mono)", fontVariantLigatures: "none", lineHeight: "20px", minHeight: "180px", maxHeight: "420px" },
  ".cm-content": { caretColor: "var(--ts-ink)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--ts-ink)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--ts-sub)", border: "0" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--ts-soft) 45%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--ts-band2)" },
  ".cm-selectionMatch": { backgroundColor: "var(--ts-band)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--ts-band2)" },
  ".cm-placeholder": { color: "var(--ts-sub)" },
  ".cm-tooltip, .cm-panels": { backgroundColor: "var(--ts-card)", color: "var(--ts-ink)", border: "1px solid var(--ts-line2)", borderRadius: "7px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--ts-soft)", color: "var(--ts-ink)" },
  ".cm-completionDetail": { color: "var(--ts-sub)", fontStyle: "normal" },
  ".cm-textfield": { backgroundColor: "var(--ts-bg)", border: "1px solid var(--ts-line2)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--ts-bg)", border: "1px solid var(--ts-line2)", color: "var(--ts-ink)" },
});
const paint = syntaxHighlighting(HighlightStyle.define([
  { tag: tags.keyword, color: "var(--ts-accent)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--ts-below-ink)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--ts-error-ink)" },
  { tag: [tags.comment], color: "var(--ts-sub)", fontStyle: "italic" },
  { tag: tags.special(tags.name), color: "var(--ts-above-ink)", fontWeight: "600" },
  { tag: tags.typeName, color: "var(--ts-ok-ink)" },
]));

window.tearsheetEditor = function (place, options) {
  const language = new Compartment();
  function known(schema, functions) {
    const names = functions.map((name) => ({ label: name, type: "function", apply: name + "(" }));
    return sql({ dialect: DuckDB, schema }).extension !== undefined
      ? [
          DuckDB.language.data.of({ autocomplete: schemaCompletionSource({ dialect: DuckDB, schema }) }),
          DuckDB.language.data.of({ autocomplete: keywordCompletionSource(DuckDB, true) }),
          DuckDB.language.data.of({
            autocomplete: (context) => {
              const word = context.matchBefore(/\w{2,}/);
              return word ? { from: word.from, options: names, validFor: /^\w*$/ } : null;
            },
          }),
          DuckDB.extension,
        ]
      : [];
  }
  const view = new EditorView({
    parent: place,
    state: EditorState.create({
      doc: options.text || "",
      extensions: [
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
        highlightActiveLine(), highlightSelectionMatches(), lintGutter(), autocompletion({ icons: false }),
        EditorState.allowMultipleSelections.of(true), EditorView.lineWrapping, look, paint,
        placeholder("SELECT ..."), language.of(known({}, [])),
        EditorView.contentAttributes.of({ "aria-label": "Statement" }),
        Prec.highest(keymap.of([
          { key: "Mod-Enter", run: () => (options.run(), true) },
          { key: "Mod-.", run: () => (options.stop(), true) },
          { key: "Shift-Alt-f", run: () => (options.format(), true) },
          { key: "Mod-s", run: () => (options.save(), true) },
          { key: "Tab", run: acceptCompletion },
        ])),
        // Escape, then Tab, leaves the editor: who cannot use a mouse must get out.
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, indentWithTab]),
        EditorView.updateListener.of((update) => { if (update.docChanged) options.changed(update.state.doc.toString()); }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    selected: () => view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to),
    selectedFrom: () => view.state.doc.lineAt(view.state.selection.main.from),
    put: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    insert: (text) => { view.dispatch(view.state.replaceSelection(text)); view.focus(); },
    knows: (schema, functions) => view.dispatch({ effects: language.reconfigure(known(schema, functions)) }),
    focus: () => view.focus(),
    clear: () => view.dispatch(setDiagnostics(view.state, [])),
    mark: (line, column, message) => {
      const doc = view.state.doc;
      const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
      const from = Math.min(at.from + [...at.text].slice(0, column - 1).join("").length, at.to);
      const word = /^\w+/.exec(doc.sliceString(from, at.to));
      const to = Math.min(from + (word ? word[0].length : 1), doc.length);
      view.dispatch(setDiagnostics(view.state, [{ from: Math.min(from, to), to, severity: "error", message }]));
    },
    gone: () => view.destroy(),
  };
};

// The dialect of the formatter knows no $name, which is how our parameters are written.
const MARKS = { positional: true, numbered: ["$"], named: ["$"], quoted: ["$"] };
window.tearsheetFormat = (text) => formatDialect(text, { dialect: duckdb, paramTypes: MARKS, keywordCase: "preserve", tabWidth: 2 });
