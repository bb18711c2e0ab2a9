"""The archive as analysts see it: its views for a worker, and its tables in words."""

from __future__ import annotations

from functools import cache

from analytics.sql.ask import Source, TableAbout
from analytics.sql.jobs import View
from analytics.store.archive import views
from analytics.store.archive.archive import Snapshot
from analytics.store.archive.parts import columns
from analytics.store.archive.views import OF_PEOPLE

PEOPLE_LAST = ("page_views", "engagements", "comment_states", "interactions")  # raw events, for the curious


def of_archive(snapshot: Snapshot, *, with_people: bool) -> Source:
    """Name what can be asked of the archive as it stands.

    Args:
        snapshot: Exact files; they can be read for some minutes after they are replaced.
        with_people: Also the columns by which one reader or commenter can be followed, and comment texts.
    """
    seen = [
        View(
            name=each.name,
            schema=each.schema,
            sql=each.sql,
            files=each.files,
            has_sites=bool(each.files) and "site_id" in columns(each.name),
        )
        for each in snapshot.views(with_people=with_people)
    ]
    return Source(views=seen, until=snapshot.as_of, since=snapshot.since)


@cache
def described(*, with_people: bool) -> tuple[TableAbout, ...]:
    """Say what every view and column means: those made for people first, raw events last."""
    hidden: set[str] = set() if with_people else {name for names in OF_PEOPLE.values() for name in names}
    told = [
        TableAbout(view, about, tuple(column for column in of_columns if column[0] not in hidden))
        for view, about, of_columns in views.described()
    ]
    return tuple(sorted(told, key=lambda one: one.name in PEOPLE_LAST))
