"""Corrections that put rows in the place of others: lists, gaps, goals, names, desks, who is whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

from analytics import wording
from analytics.catalog.edits import (
    AddGap,
    Exclude,
    Include,
    JoinAuthor,
    JoinTopic,
    RenameTopic,
    SetDesk,
    SetGoal,
)
from analytics.errors import UsageError, did_you_mean
from analytics.language import _, inside
from analytics.load.bridges import Kind, derive, mark_articles
from analytics.load.editing.room import Before, Room
from analytics.load.merge import RENAME
from analytics.metrics import DIMENSIONS, METRICS, Fold
from analytics.queries.corrections import JOINED

RowEdit: TypeAlias = Exclude | Include | JoinAuthor | JoinTopic | RenameTopic | SetDesk | AddGap | SetGoal
KINDS = get_args(RowEdit)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which rows of a table go, what comes in their place, and what that is in words."""

    table: str
    test: str
    values: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    words: str = ""
    article: str | None = None


def apply(room: Room, edit: RowEdit) -> tuple[str, str | None, Before]:
    """Make the correction.

    Returns:
        Words, the article that it is about, and what stood there before.

    Raises:
        UsageError: It cannot be made.
    """
    plan = _plan(room, edit)
    _leave(room, edit)
    gone = room.swap(plan.table, plan.test, plan.values, plan.rows)
    _settle(room, edit)
    return plan.words, plan.article, {"rows": gone}


def undo(room: Room, edit: RowEdit, before: Before) -> None:
    """Put back what stood there before."""
    place = _place(edit)
    _leave(room, edit)
    room.swap(place.table, place.test, place.values, before["rows"])
    _settle(room, edit)


def _place(edit: RowEdit) -> _Plan:
    match edit:
        case Exclude() | Include():
            test = "list_contains($ids::VARCHAR[], article_id)"
            return _Plan("excluded_articles", test, {"ids": list(edit.articles)})
        case JoinAuthor() | JoinTopic():
            test = "kind = $kind AND alias = $alias"
            return _Plan("joined", test, {"kind": _kind(edit), "alias": edit.alias})
        case RenameTopic():
            return _Plan("renamed_topics", "topic_id = $topic", {"topic": edit.topic})
        case SetDesk():
            test = "list_contains($ids::VARCHAR[], author_id)"
            return _Plan("author_desks", test, {"ids": list(edit.authors)})
        case AddGap():
            test = "began = $began AND ended = $ended"
            return _Plan("collection_gaps", test, {"began": edit.began, "ended": edit.ended})
        case SetGoal():
            return _Plan("goals", "metric = $metric", {"metric": edit.metric})


def _plan(room: Room, edit: RowEdit) -> _Plan:
    place = _place(edit)
    own: dict[str, Any] = {"site_id": room.site, "edit_id": room.edit_id}
    words, rows, article = "", [], None
    match edit:
        case Exclude() | Include():
            titles = [room.title(each) for each in edit.articles]
            article = edit.articles[0] if len(titles) == 1 else None
            one, many = _("“{title}”", title=titles[0]), wording.counted(len(titles), "article")
            what = one if len(titles) == 1 else many
            if isinstance(edit, Exclude):
                words = _because(_("Kept {what} off lists", what=what), edit.why)
                rows = [{**own, "article_id": each, "why": edit.why} for each in dict.fromkeys(edit.articles)]
            else:
                words = _("Put {what} back on lists", what=what)
        case JoinAuthor() | JoinTopic():
            into, name, into_name = _checked_join(room, edit)
            rows = [{**own, "kind": _kind(edit), "alias": edit.alias, "into_id": into}]
            kind = inside(DIMENSIONS[_kind(edit)].label)
            words = _("Joined the {kind} {name} with {into}", kind=kind, name=name, into=into_name)
        case RenameTopic():
            former = _checked_name(room, edit)
            name = " ".join(edit.name.split())
            rows = [{**own, "topic_id": edit.topic, "name": name, "former": former}]
            words = _("Renamed the topic {former} to {name}", former=former or edit.topic, name=name)
        case SetDesk():
            names, desk = _checked_authors(room, edit), " ".join(edit.desk.split())
            who = next(iter(names.values())) if len(names) == 1 else wording.counted(len(names), "author")
            rows = [{**own, "author_id": each, "desk": desk} for each in names] if desk else []
            put = _("Put {who} on the desk {desk}", who=who, desk=desk)
            words = put if desk else _("Took the desk of {who} back", who=who)
        case AddGap():
            if edit.began >= edit.ended:
                raise UsageError(_("The gap ends before it begins."), _("Choose a later end."))
            if edit.began > room.now:
                raise UsageError(_("The gap has not begun yet."), _("Choose a time that has passed."))
            rows = [{**own, "began": edit.began, "ended": edit.ended, "why": edit.why or None}]
            began, ended = (f"{at:%Y-%m-%d %H:%M}" for at in (edit.began, edit.ended))
            words = _because(_("Noted a gap from {began} to {ended} UTC", began=began, ended=ended), edit.why)
        case SetGoal():
            words = _goal(edit)
            if edit.target is not None:
                rows = [{**own, "metric": edit.metric, "target": edit.target}]
    return _Plan(place.table, place.test, place.values, rows, words, article)


def _goal(edit: SetGoal) -> str:
    """Check that a metric can be a goal; word the correction."""
    metric = METRICS.get(edit.metric)
    if metric is None or metric.fold not in {Fold.SUM, Fold.PEOPLE}:
        raise UsageError(
            _("{metric!r} cannot be a goal.", metric=edit.metric), did_you_mean(edit.metric, METRICS)
        )
    label = inside(metric.label)
    if not edit.target:
        return _("Took the goal of {label} back", label=label)
    target = wording.full(edit.target)
    return _("Set the goal of {target} {label} a week", target=target, label=label)


def _because(words: str, why: str) -> str:
    return f"{words}: {why}" if why else words


def _kind(edit: JoinAuthor | JoinTopic) -> Kind:
    return "author" if isinstance(edit, JoinAuthor) else "topic"


def _checked_join(room: Room, edit: JoinAuthor | JoinTopic) -> tuple[str, str, str]:
    """Check that two can be joined; give the id of the one that stays, and both names."""
    kind = _kind(edit)
    known = f"SELECT {kind}_id AS id, coalesce(name, {kind}_id) AS name FROM {kind}s WHERE site_id = $site"
    alias = room.rows(f"{known} AND {kind}_id = $id", id=edit.alias)
    into = room.rows(f"{known} AND {kind}_id = $id", id=edit.into) or room.rows(
        f"{known} AND lower(trim(name)) = lower(trim($id)) AND {kind}_id <> $alias",
        id=edit.into,
        alias=edit.alias,
    )
    for key, found in ((edit.alias, alias), (edit.into, into)):
        if not found:
            raise UsageError(
                _("No {kind} of {site} is {key!r}.", kind=_(kind), site=room.site, key=key),
                _("Choose one from the list."),
            )
    if len(into) > 1:
        ids = ", ".join(each["id"] for each in into[:5])
        raise UsageError(
            _("Several {kind}s are named {into}: {ids}.", kind=_(kind), into=edit.into, ids=ids),
            _("Give the id of the one you mean."),
        )
    ends = {
        row["alias"]: row["into_id"]
        for row in room.rows(
            f"SELECT alias, into_id FROM ({JOINED}) WHERE site_id = $site AND kind = $kind", kind=kind
        )
    }
    target = into[0]["id"]
    if edit.alias in ends:
        raise UsageError(
            _("{name} is joined with another {kind} already.", name=alias[0]["name"], kind=_(kind)),
            _("Undo that first."),
        )
    if edit.alias == ends.get(target, target):
        raise UsageError(_("Both are the same {kind}.", kind=_(kind)), _("Choose another one."))
    return target, str(alias[0]["name"]), str(into[0]["name"])


def _checked_name(room: Room, edit: RenameTopic) -> str | None:
    """Check a new name; give the name that the sources use."""
    found = room.rows(
        """
        SELECT coalesce(r.former, t.name) AS former FROM topics AS t
        LEFT JOIN renamed_topics AS r USING (site_id, topic_id)
        WHERE t.site_id = $site AND t.topic_id = $topic
        """,
        topic=edit.topic,
    )
    if not found:
        raise UsageError(
            _("There is no topic {topic!r}.", topic=edit.topic), _("Choose one from the list of topics.")
        )
    if not edit.name.strip() or not edit.name.isprintable():
        raise UsageError(
            _("The name is empty, or holds signs that cannot be shown."), _("Write another one.")
        )
    same = room.rows(
        "SELECT topic_id FROM topics WHERE site_id = $site AND topic_id <> $topic "
        "AND lower(trim(name)) = lower(trim($name))",
        topic=edit.topic,
        name=edit.name,
    )
    if same:
        raise UsageError(_("Another topic is called {name}.", name=edit.name), _("Join the two instead."))
    former: str | None = found[0]["former"]
    return former


def _checked_authors(room: Room, edit: SetDesk) -> dict[str, str]:
    """Check the authors of a desk and its name; give id -> name."""
    if not edit.desk.isprintable():
        raise UsageError("The name holds signs that cannot be shown.", "Write another one.")
    found = room.rows(
        "SELECT author_id, coalesce(name, author_id) AS name FROM authors "
        "WHERE site_id = $site AND list_contains($ids::VARCHAR[], author_id)",
        ids=list(edit.authors),
    )
    known = {row["author_id"]: str(row["name"]) for row in found}
    for each in edit.authors:
        if each not in known:
            raise UsageError(f"No author of {room.site} is {each!r}.", "Choose one from the list.")
    return known


def _leave(room: Room, edit: RowEdit) -> None:
    """Take back what follows from the rows as they stand."""
    if isinstance(edit, RenameTopic):
        room.do(
            """
            UPDATE topics AS t SET name = r.former FROM renamed_topics AS r
            WHERE r.site_id = t.site_id AND r.topic_id = t.topic_id AND t.site_id = $site
                AND t.topic_id = $topic
            """,
            topic=edit.topic,
        )


def _settle(room: Room, edit: RowEdit) -> None:
    """Draw what follows from the new rows: names, bridges, marks."""
    if isinstance(edit, RenameTopic):
        room.cursor.execute(RENAME)
    if isinstance(edit, JoinAuthor | JoinTopic):
        kind = _kind(edit)
        # Also those that count as the one that moved.
        room.do(
            f"""
            CREATE OR REPLACE TEMP TABLE rejoined AS
            WITH RECURSIVE moved AS (
                SELECT $alias AS id
                UNION SELECT j.alias FROM joined AS j JOIN moved AS m ON j.into_id = m.id
                WHERE j.site_id = $site AND j.kind = '{kind}')
            SELECT DISTINCT site_id, article_id FROM given_{kind}s
            WHERE site_id = $site AND {kind}_id IN (FROM moved)
            """,
            alias=edit.alias,
        )
        derive(room.cursor, kind, "rejoined")
        mark_articles(room.cursor, "rejoined", room.gen)
        room.cursor.execute("DROP TABLE rejoined")
