"""Tables of comments and of articles, and the real reading log from the shared folder."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from pathlib import Path

from analytics.imports import mapping
from analytics.imports.summary import Summary
from analytics.urls import article_id_of
from tests.imports.desk import ImportDesk

COMMENTS = """
[source]
name = "old-system"
rows = "comments"
format = "csv"
[comment]
comment_id = {column = "id"}
state_at = {column = "changed"}
created_at = {column = "written"}
url = {template = "https://news.example/{slug}"}
commenter = {column = "writer"}
parent_id = {column = "parent"}
text = {column = "text"}
status.column = "state"
status.map = {"1" = "published", "2" = "pending", "4" = "deleted"}
"""
ARTICLES = """
[source]
name = "old-articles"
rows = "articles"
format = "csv"
optional = ["words"]
[article]
id = {column = "id"}
url = {column = "url"}
title = {column = "title"}
authors = {column = "authors", split = ";"}
topics = {column = "tags", split = ","}
published_at = {column = "date", format = "%d.%m.%Y %H:%M"}
word_count = {column = "words"}
"""


def take(desk: ImportDesk, text: str, *lines: str, header: str) -> Summary:
    return desk.take(desk.file(*lines, header=header), mapping.parse(text, "test.toml"))


def test_comments_keep_all_their_states(desk: ImportDesk) -> None:
    header = "id,changed,written,slug,writer,parent,text,state"
    lines = (
        "7,2026-05-05T10:00:00Z,2026-05-05T10:00:00Z,a/,w1,,hello there,2",
        "7,2026-05-05T10:30:00Z,2026-05-05T10:00:00Z,a,w1,,hello there,1",
        "8,,2026-05-05T11:00:00Z,a,w2,7,  five \U0001f600  ,1",
        "9,,2026-05-05T11:00:00Z,a,w2,7,x,3",
        "10,,,a,w2,7,x,1",
    )
    summary = take(desk, COMMENTS, *lines, header=header)
    comments = desk.rows("comment_states").sort("comment_id", "state_at")

    assert (summary.read, summary.loaded, summary.rejected) == (5, 3, {"unknown_kind": 1, "missing": 1})
    assert comments.select("comment_id", "status", "length", "parent_id").rows() == [
        ("7", "pending", 11, None),
        ("7", "published", 11, None),
        ("8", "published", 6, "7"),
    ]
    assert comments["article_id"].unique().to_list() == [article_id_of("https://news.example/a")]
    assert comments["text"].null_count() == 3
    assert comments["commenter"].n_unique() == 2
    assert comments["state_at"][2] == comments["created_at"][2] == dt.datetime(2026, 5, 5, 11)
    assert comments["origin"].unique().to_list() == ["old-system"]


def test_articles_come_with_authors_and_topics(desk: ImportDesk) -> None:
    header = "id,url,title,authors,tags,date,words"
    lines = (
        '1,http://www.news.example/a/,Budget,"Nino B.; Gio","budget,vote",22.11.2025 09:30,640',
        "2,,Second,,,,",
        "3,https://news.example/c,Third,Gio,,31.12.2099 00:00,1",
        "4,nowhere,Fourth,Gio,,,many",
        "5,,Fifth,,,soon,",
    )
    summary = take(desk, ARTICLES, *lines, lines[1].replace("Second", "Newer"), lines[0], header=header)
    articles = desk.rows("articles").sort("article_id")

    assert "cannot be read" not in summary.fault
    assert (summary.read, summary.loaded, summary.repeated) == (7, 2, 2)
    assert summary.rejected == {"out_of_range": 1, "bad_url": 1, "wrong_type": 1}
    assert articles.select("article_id", "title", "word_count", "published_at").rows() == [
        ("1", "Budget", 640, dt.datetime(2025, 11, 22, 12, 30)),
        ("2", "Newer", None, None),
    ]
    assert desk.rows("article_authors").sort("position")["author_id"].to_list() == ["nino-b", "gio"]
    assert desk.rows("article_topics").sort("position")["topic_id"].to_list() == ["budget", "vote"]
    assert desk.rows("article_aliases")["alias"].to_list() == [article_id_of("https://news.example/a")]
    assert [line for line, _ in desk.rejected()] == [4, 5, 6]


def test_an_empty_cell_keeps_what_is_known(desk: ImportDesk) -> None:
    header = "id,url,title,authors,tags,date,words"
    take(desk, ARTICLES, "1,,Budget,Nino,,,640", header=header)
    again = take(desk, ARTICLES, "1,,Budget vote,,,,", header=header)
    without = take(desk, ARTICLES, "1,,Budget vote,,,", header=header.removesuffix(",words"))

    assert (again.loaded, without.repeated) == (1, 1)
    assert desk.rows("articles").select("title", "word_count").rows() == [("Budget vote", 640)]
    assert desk.rows("article_authors").height == 1


def shipped(name: str) -> mapping.Mapping:
    return mapping.parse(files("data").joinpath("mappings", name).read_text(encoding="utf-8"), name)


def test_the_former_counter_is_carried_on_and_replaced_by_a_second_one(desk: ImportDesk) -> None:
    text = ARTICLES.replace(
        "[article]", '[article]\nopening_views = {column = "read"}\nopening_as_of = {const = "2026-05-04"}'
    )
    header = "id,url,title,authors,tags,date,words,read"
    take(desk, text, "a1,,Old,,,,,622", "a2,,New,,,,,", header=header)
    balances = "SELECT article_id, views, as_of FROM opening_balances"

    assert [("a1", 622, dt.date(2026, 5, 4))] == desk.store.frame(balances).rows()
    assert {"wrong_type": 1} == take(desk, text, "a1,,Old,,,,,many", "a2,,New,,,,,", header=header).rejected
    take(desk, text, "a1,,Old,,,,,700", header=header)
    assert [700] == desk.store.frame(balances)["views"].to_list()


def test_a_log_of_the_shipped_shape_finds_its_titles_later(desk: ImportDesk) -> None:
    header = "timestamp,eventType,contentId,personId,sessionId,userAgent,userRegion,userCountry"
    log = desk.file(
        "1465413032,VIEW,-3499919498720038879,-8845298781299428018,1264196770339959068,,,",
        '1465412560,VIEW,8890720798209849691,-1032019229384696495,36217376435875,"Mozilla/5.0 (X, Y)",NY,US',
        "1465416190,BOOKMARK,-3499919498720038879,-1130272294246983140,2631864456530402479,,,--",
        header=header,
    )
    articles = desk.file(
        ",-3499919498720038879,77,HTML,http://h.example/a,a title,en,320",
        name="articles.csv",
        header="timestamp,contentId,authorPersonId,contentType,url,title,lang,wordCount",
    )

    assert desk.take(log, shipped("deskdrop-events.toml")).loaded == 3
    assert desk.rows("articles")["title"].null_count() == 2
    assert desk.take(articles, shipped("deskdrop-articles.toml")).loaded == 1
    assert desk.rows("articles").sort("article_id")["title"].to_list() == ["a title", None]
    assert desk.rows("authors").rows() == [("news.example", "77", None, None)]


def test_the_real_reading_log_comes_in_whole_and_once(desk: ImportDesk, deskdrop: Path) -> None:
    path = deskdrop / "users_interactions.csv.gz"
    first = desk.take(path, shipped("deskdrop-events.toml"))
    second = desk.take(path, shipped("deskdrop-events.toml"))
    articles = desk.take(deskdrop / "shared_articles.csv.gz", shipped("deskdrop-articles.toml"))
    kinds = desk.rows("interactions").group_by("kind").len().sort("kind").rows()

    assert (first.read, first.loaded, first.repeated) == (72_312, 72_312, 0)
    assert desk.rows().height == 61_086
    assert desk.rows("comment_states").height == 1_611
    assert kinds == [("bookmark", 2_463), ("follow", 1_407), ("like", 5_745)]
    assert (second.loaded, second.repeated) == (0, 72_312)
    assert articles.fault == ""
    assert articles.read == articles.loaded + articles.repeated
