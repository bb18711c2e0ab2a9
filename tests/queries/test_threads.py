"""The shape of a conversation: a thread made by hand, counted by hand."""

from __future__ import annotations

from analytics.queries import threads
from tests.builders import Row, comment, hashed
from tests.newsroom import Newsroom

DAY = "2026-05-05"


def said(name: str, minute: int, who: str, to: str | None = None) -> Row:
    return comment(name, "published", f"{DAY} 12:{minute:02d}", writer=who, parent_id=to)


def test_replies_pairs_and_the_busiest_match_the_hand_count(newsroom: Newsroom) -> None:
    newsroom.take(
        said("c1", 0, "ann"),
        said("c2", 1, "ben", "c1"),
        said("c3", 2, "ann", "c2"),  # ann and ben answered each other
        said("c4", 3, "cem", "c1"),  # ann never answered cem
        said("c5", 4, "ann", "c1"),  # nobody pairs with themselves
        said("c6", 5, "dan"),
        *[said(f"d{n}", 6, f"x{n}") for n in range(2)],
        comment("c7", "rejected", f"{DAY} 12:09", writer="cem", parent_id="c3"),
    )
    found = threads.shape(newsroom.store, newsroom.asked(DAY))

    assert (found.comments, found.replies, found.threads, found.pairs) == (8, 4, 4, 1)
    assert found.top5_share == 7 / 8  # ann 3; ben, cem, dan and one more 1 each
    assert (found.staff_reply_lift, found.has_staff, found.is_few) == (None, False, True)


def test_a_staff_reply_is_held_against_threads_of_the_same_size(newsroom: Newsroom) -> None:
    rows = []
    # With a staff reply after one comment: 3 and 5 come later. Without: 1 and 2 follow the first one.
    for name, later in (("s1", 3), ("s2", 5)):
        rows += [said(name, 0, "r"), said(f"{name}s", 1, "staff", name)]
        rows += [said(f"{name}{n}", 2 + n, f"p{n}", f"{name}s") for n in range(later)]
    for name, later in (("n1", 1), ("n2", 2)):
        rows += [said(name, 0, "r"), *[said(f"{name}{n}", 2 + n, f"p{n}", name) for n in range(later)]]
    newsroom.take(*rows)
    with newsroom.store.write() as cursor:
        cursor.execute(
            "INSERT INTO staff_commenters VALUES ($site, $who)",
            {"site": newsroom.site, "who": hashed("staff")},
        )
    found = threads.shape(newsroom.store, newsroom.asked(DAY))

    assert found.staff_reply_lift == 4 - 1.5
    assert (found.with_staff, found.without, found.is_lift_few) == (2, 2, True)


def test_a_period_without_comments_has_no_shape(newsroom: Newsroom) -> None:
    found = threads.shape(newsroom.store, newsroom.asked(DAY))

    assert (found.comments, found.top5_share, found.pairs, found.staff_reply_lift) == (0, None, 0, None)
