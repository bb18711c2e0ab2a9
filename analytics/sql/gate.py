"""The gate: lets exactly one SELECT over known tables and functions through, and says why of all others.

DuckDB has no privilege boundary inside its engine, so the text is parsed by DuckDB's own parser
(`json_serialize_sql`, which takes SELECT only) and every node of the tree is looked up: a class, a key, a
table or a function that is not on a list is refused. A deny-list would miss the next version's news.

Runs in the worker, since parsing too is work on foreign text.
"""

from __future__ import annotations

import csv
import functools
import importlib.resources
import json
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NoReturn

import duckdb

from analytics.errors import SqlError, did_you_mean, nearest
from analytics.language import N_, _

LONGEST = 64 * 1024  # bytes of a statement: wire-formats.md F.3
NOWHERE = 2**63  # the parser's "no place" is 2^64 - 1
_SKIP = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/)+")
_WORD = re.compile(r"\w+")
_ENGINES = re.compile(r"(?:duckdb|pragma|pg|sqlite|information_schema|__)_?\w*", re.IGNORECASE)

# First word of a statement that is no SELECT -> why it is not run here.
_OTHERS = {
    N_("changes data, and the archive is read only"): "insert update delete merge truncate",
    N_("changes tables; WITH name AS (...) makes one for a query"): "create drop alter comment",
    N_("reads or writes files; take the result by one of the downloads"): "copy export import",
    N_("opens another database"): "attach detach use",
    N_("adds code to the engine"): "install load",
    N_("changes a setting"): "set reset pragma",
    N_("runs a procedure"): "call execute prepare deallocate",
    N_("is about transactions or upkeep, and there is nothing to keep here"): "begin start commit rollback "
    "abort end checkpoint vacuum analyze analyse",
}

# Keys of each node of the tree. The first group is walked, the second is plain values.
_EXPRESSION = "class type alias query_location"
_TABLE = "type alias sample query_location column_name_alias"
_NODES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    name: (frozenset(walked.split()), frozenset(plain.split()))
    for name, walked, plain in (
        # expressions, by class
        ("BETWEEN", "input lower upper", _EXPRESSION),
        ("CASE", "case_checks else_expr", _EXPRESSION),
        ("CAST", "child", f"{_EXPRESSION} cast_type try_cast"),
        ("COLLATE", "child", f"{_EXPRESSION} collation"),
        ("COLUMN_REF", "", f"{_EXPRESSION} column_names"),
        ("COMPARISON", "left right", _EXPRESSION),
        ("CONJUNCTION", "children", _EXPRESSION),
        ("CONSTANT", "", f"{_EXPRESSION} value"),
        ("DEFAULT", "", _EXPRESSION),
        (
            "FUNCTION",
            "children filter order_bys",
            f"{_EXPRESSION} function_name schema catalog distinct is_operator export_state",
        ),
        ("LAMBDA", "lhs expr", _EXPRESSION),
        ("OPERATOR", "children", _EXPRESSION),
        ("PARAMETER", "", f"{_EXPRESSION} identifier"),
        ("POSITIONAL_REFERENCE", "", f"{_EXPRESSION} index"),
        (
            "STAR",
            "replace_list expr",
            f"{_EXPRESSION} relation_name exclude_list columns qualified_exclude_list rename_list",
        ),
        ("SUBQUERY", "subquery child", f"{_EXPRESSION} subquery_type comparison_type"),
        (
            "WINDOW",
            "children partitions orders start_expr end_expr offset_expr default_expr filter_expr arg_orders",
            f"{_EXPRESSION} function_name schema catalog start end ignore_nulls distinct exclude_clause",
        ),
        # where rows come from
        ("BASE_TABLE", "", f"{_TABLE} schema_name table_name catalog_name at_clause"),
        ("EMPTY", "", _TABLE),
        ("EXPRESSION_LIST", "values", f"{_TABLE} expected_names expected_types"),
        (
            "JOIN",
            "left right condition duplicate_eliminated_columns",
            f"{_TABLE} join_type ref_type using_columns delim_flipped",
        ),
        ("PIVOT", "source aggregates pivots", f"{_TABLE} unpivot_names groups include_nulls"),
        ("SHOW_REF", "query", f"{_TABLE} table_name show_type catalog_name schema_name"),
        ("SUBQUERY_REF", "subquery", _TABLE),
        ("TABLE_FUNCTION", "function", f"{_TABLE} with_ordinality"),
        # queries and what modifies them
        (
            "SELECT_NODE",
            "modifiers select_list from_table where_clause group_expressions having qualify",
            "type cte_map group_sets aggregate_handling sample",
        ),
        ("SET_OPERATION_NODE", "modifiers left right", "type cte_map setop_type setop_all"),
        (
            "RECURSIVE_CTE_NODE",
            "modifiers left right key_targets",
            "type cte_map cte_name union_all aliases",
        ),
        ("ORDER_MODIFIER", "orders", "type"),
        ("LIMIT_MODIFIER", "limit offset", "type"),
        ("LIMIT_PERCENT_MODIFIER", "limit offset", "type"),
        ("DISTINCT_MODIFIER", "distinct_on_targets", "type"),
        ("ORDER_DEFAULT", "expression", "type null_order"),
        ("ASCENDING", "expression", "type null_order"),
        ("DESCENDING", "expression", "type null_order"),
        # parts without a type, by the name of the key that they stand under
        ("case_checks", "when_expr then_expr", ""),
        ("pivots", "pivot_expressions entries", "unpivot_names pivot_enum"),
        ("entries", "star_expr", "alias values"),
        ("replace_list", "value", "key"),
        ("subquery", "node", "named_param_map"),
        ("query", "node", "named_param_map"),
        ("statements", "node", "named_param_map"),
    )
}


@dataclass(frozen=True, slots=True)
class Approved:
    """A statement that may run.

    Attributes:
        text: As it is to be executed.
        tables: The exposed tables that it reads, casefolded.
        parameters: Names of its `$name`.
    """

    text: str
    tables: frozenset[str]
    parameters: frozenset[str]


def check(engine: duckdb.DuckDBPyConnection, text: str, exposed: Set[str]) -> Approved:
    """Let one SELECT, or EXPLAIN of one, through.

    Args:
        engine: A locked connection that holds no data; only its parser is used.
        text: The statement as it was sent.
        exposed: Names of the tables that may be read, casefolded.

    Raises:
        SqlError: It cannot be parsed (`sql_error`), is too long (`too_long`), or does what is not done here
            (`not_allowed`).
    """
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        raise SqlError(
            "too_long", _("The statement is longer than 64 KiB."), _("Narrow it, or use parameters.")
        )
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise SqlError("sql_error", _("The statement holds signs that are no text."))
    start = _explained(text)
    body = text[start:]
    walk = _Walk(text, len(text[:start].encode()), exposed)
    _refuse_others(walk, body)
    walk.statement(_tree(engine, walk, body))
    return Approved("EXPLAIN " * bool(start) + body, frozenset(walk.tables), frozenset(walk.parameters))


def _explained(text: str) -> int:
    """Give where the body of an EXPLAIN begins; 0 where there is none."""
    begins = _leading(text)
    if text[begins : begins + 7].casefold() != "explain" or text[begins + 7 : begins + 8].isalnum():
        return 0
    return begins + 7


def _leading(text: str) -> int:
    found = _SKIP.match(text)
    return found.end() if found else 0


def _refuse_others(walk: _Walk, body: str) -> None:
    """Say of a statement that begins with another word than a query why it is not run."""
    begins = _leading(body)
    found = _WORD.match(body, begins)
    word = found[0].casefold() if found else ""
    if not body[begins:].strip("; \n\t"):
        raise SqlError("sql_error", _("There is no statement."), _("Write a SELECT."))
    place = len(body[:begins].encode())
    if word == "pivot":
        walk.refuse(
            _("PIVOT at the start is two statements."),
            place,
            _("Write FROM (PIVOT table ON column IN (...) USING sum(x))."),
        )
    if word in {"analyze", "analyse", "explain"} and body is not walk.text:
        walk.refuse(_("EXPLAIN may only show a plan, not run it."), place, _("Write EXPLAIN SELECT ..."))
    for why, words in _OTHERS.items():
        if word in words.split():
            walk.refuse(
                _("{word} {why}.", word=word.upper(), why=_(why)),
                place,
                _("Only one SELECT is run at a time."),
            )


def _tree(engine: duckdb.DuckDBPyConnection, walk: _Walk, body: str) -> Mapping[str, Any]:
    try:
        found = engine.execute("SELECT json_serialize_sql(?::VARCHAR)", [body]).fetchone()
        tree: dict[str, Any] = json.loads(found[0]) if found else {}
    except RecursionError as fault:
        raise SqlError(
            "not_allowed", _("The statement is nested too deep."), _("Split it with WITH.")
        ) from fault
    except duckdb.Error as fault:
        raise SqlError("sql_error", _("The statement cannot be read: {fault}", fault=fault)) from fault
    if tree.get("error", True):
        said = str(tree.get("error_message", "it cannot be read"))
        if "Only SELECT" in said:
            walk.refuse(_("This is no SELECT."), 0, _("Only one SELECT is run at a time."))
        place = tree.get("position")
        if "expression depth" in said:
            raise SqlError("not_allowed", _("The statement is nested too deep."), _("Split it with WITH."))
        raise SqlError("sql_error", f"{said[:1].upper()}{said[1:]}.", "", *walk.place(place))
    statements = tree["statements"]
    if len(statements) != 1:
        second = _("These are several statements.") if statements else _("There is no statement.")
        raise SqlError("not_allowed" if statements else "sql_error", second, _("Send one SELECT at a time."))
    statement: Mapping[str, Any] = statements[0]
    return statement


@dataclass(slots=True)
class _Walk:
    """One way through a tree, and what was found on it."""

    text: str
    skipped: int  # bytes of EXPLAIN in front of the parsed body
    exposed: Set[str]
    tables: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)

    def statement(self, tree: Mapping[str, Any]) -> None:
        try:
            self.node(tree, "statements", frozenset())
        except RecursionError as fault:
            raise SqlError(
                "not_allowed", _("The statement is nested too deep."), _("Split it with WITH.")
            ) from fault

    def node(self, node: Mapping[str, Any], under: str, scope: frozenset[str]) -> None:
        kind = _kind(node, under)
        if kind not in _NODES:
            self.refuse(
                _("{what} is not known here.", what=kind.replace("_", " ")), node.get("query_location")
            )
        walked, plain = _NODES[kind]
        if strange := node.keys() - walked - plain:
            self.refuse(
                _("{strange} of {kind} is not known here.", strange=min(strange), kind=kind),
                node.get("query_location"),
            )
        match kind:
            case "FUNCTION" | "WINDOW":
                self.function(node, "table" if under == "function" else "value")
            case "BASE_TABLE":
                self.table(node, scope)
            case "SHOW_REF" if node["query"] is None:
                self.refuse(
                    _("SHOW reads the engine's own catalogue."),
                    node.get("query_location"),
                    _("The tables stand in the list beside the editor; DESCRIBE table tells its columns."),
                )
            case "PIVOT" if any(pivot["pivot_enum"] for pivot in node["pivots"]):
                self.refuse(_("PIVOT takes values, not a type."), node.get("query_location"))
            case "PARAMETER":
                self.parameters.add(str(node["identifier"]))
        if "cte_map" in node:
            scope = self.ctes(node["cte_map"]["map"], scope)
        for key in walked & node.keys():
            for child in _nodes(node[key]):
                self.node(child, key, scope)

    def ctes(self, entries: list[Mapping[str, Any]], scope: frozenset[str]) -> frozenset[str]:
        """Walk the queries of a WITH in order: each sees those before it, a recursive one itself too."""
        for entry in entries:
            name = str(entry["key"]).casefold()
            if strange := entry["value"].keys() - {"aliases", "query", "materialized", "key_targets"}:
                self.refuse(_("{strange} of WITH is not known here.", strange=min(strange)), None)
            query = entry["value"]["query"]
            itself = {name} if query["node"]["type"] == "RECURSIVE_CTE_NODE" else set()
            for child in _nodes([query, entry["value"].get("key_targets", [])]):
                self.node(child, "query" if child is query else "", scope | itself)
            scope |= {name}
        return scope

    def table(self, node: Mapping[str, Any], scope: frozenset[str]) -> None:
        name, schema, catalog = (
            str(node[key]).casefold() for key in ("table_name", "schema_name", "catalog_name")
        )
        place = node.get("query_location")
        if schema == "recurring" and not catalog and name in scope:
            return
        if (
            catalog
            or schema not in {"", "main"}
            or (_ENGINES.fullmatch(name) and name not in scope | self.exposed)
        ):
            told = ".".join(part for part in (catalog, schema, name) if part)
            self.refuse(
                _("{told} is no table of the archive.", told=_short(told)),
                place,
                _("Name a table of the list."),
            )
        if node["at_clause"] is not None:
            self.refuse(_("The archive keeps no earlier versions of its tables."), place)
        if not schema and name in scope:
            return
        if name not in self.exposed:
            if re.search(r"[/\\.*?:]", name):
                self.refuse(
                    _("{name} would read a file.", name=_short(name)), place, _("Name a table of the list.")
                )
            hint = did_you_mean(name, self.exposed)
            raise SqlError(
                "sql_error", _("There is no table {name}.", name=_short(name)), hint, *self.place(place)
            )
        self.tables.add(name)

    def function(self, node: Mapping[str, Any], where: str) -> None:
        name, place = str(node["function_name"]).casefold(), node.get("query_location")
        if node["catalog"] or str(node["schema"]).casefold() not in {"", "main"}:
            self.refuse(
                _("{name}() is called by the name of a schema.", name=_short(name)),
                place,
                _("Call it by its own name."),
            )
        if node.get("export_state"):
            self.refuse(_("EXPORT_STATE gives out a part of the engine."), place)
        known = functions()
        elsewhere = known.get((name, "value" if where == "table" else "table"))
        why = known.get((name, where), elsewhere or None)
        if why is None and elsewhere is not None:
            stands = (
                _("{name}() gives one value, not rows.", name=_short(name))
                if where == "table"
                else _("{name}() gives rows: it stands after FROM.", name=_short(name))
            )
            raise SqlError("sql_error", stands, "", *self.place(place))
        if why is None:
            allowed = {each for (each, _place), refused in known.items() if not refused}
            hint = nearest(name, allowed) or _("The functions are those of DuckDB.")
            raise SqlError(
                "sql_error", _("There is no function {name}().", name=_short(name)), hint, *self.place(place)
            )
        if why:
            self.refuse(_("{name}() may not be called here: it {why}.", name=name, why=_(why)), place)

    def place(self, offset: object) -> tuple[int, int]:
        """Turn a byte of the parsed body into line and column of the text; zeros where it is not known."""
        try:
            at = int(str(offset))
        except ValueError:
            return 0, 0
        if at >= NOWHERE:
            return 0, 0
        before = self.text.encode()[: self.skipped + at].decode("utf-8", "ignore")
        return before.count("\n") + 1, len(before) - before.rfind("\n")

    def refuse(self, message: str, offset: object, hint: str = "") -> NoReturn:
        raise SqlError("not_allowed", message, hint, *self.place(offset))


@functools.cache
def functions() -> Mapping[tuple[str, str], str]:
    """Give every function of the engine: (casefolded name, value or table) -> why not; empty: it may be."""
    text = importlib.resources.files("data").joinpath("sql", "functions.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("# "))
    return {(row["name"].casefold(), row["place"]): row["why"] for row in rows}


def _kind(node: Mapping[str, Any], under: str) -> str:
    """Name a node: its class or type, or the key that it stands under where it has neither."""
    if isinstance(node.get("class"), str):
        return str(node["class"])
    kind = str(node.get("type", under))
    return "SUBQUERY_REF" if kind == "SUBQUERY" else kind


def _nodes(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _nodes(each)


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:60]}…"
