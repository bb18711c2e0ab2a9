from __future__ import annotations

import re
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, compat32
from html.parser import HTMLParser

import msgspec
import pytest

from analytics.reports import mail
from analytics.reports.mail import Frame
from analytics.reports.report import Column, Table, pack, unpack
from analytics.reports.send import letters
from tests.reports.sample import HOSTILE, report

FRAME = Frame(
    "https://stats.example", "https://stats.example/reports/sent/1", schedule="every weekday at 07:00"
)


class Tags(HTMLParser):
    """Collects what a mail program would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(html: str, *names: str) -> list[dict[str, str | None]]:
    parser = Tags()
    parser.feed(html)
    return [attributes for tag, attributes in parser.found if tag in names]


def test_a_mail_holds_numbers_as_text_and_pictures_with_words() -> None:
    letter = mail.letter(report(), FRAME)

    images = tags(letter.html, "img")

    assert "38.9k" in letter.html
    assert "31.0k to 36.8k" in letter.html
    assert [image["alt"] for image in images] == ["", "Most at 23:00.", ""]
    assert {image["src"] for image in images} == {f"cid:{name}" for name in letter.pictures}
    assert all(png.startswith(b"\x89PNG") for png in letter.pictures.values())


def test_a_mail_fetches_nothing_and_runs_nothing() -> None:
    html = mail.letter(report(HOSTILE), FRAME).html

    assert not tags(html, "script", "link", "svg", "iframe", "object", "form")
    assert not re.search(r"url\(|@import|src=\"http", html)
    assert "&lt;script&gt;" in html


def test_styles_stand_on_the_tags_and_dark_mode_stays_in_the_head() -> None:
    html = mail.letter(report(), FRAME).html

    head, _, body = html.partition("<body")

    assert "prefers-color-scheme: dark" in head
    assert all(cell.get("style") for cell in tags(body, "td", "th"))


def test_every_link_is_an_address_of_the_desk() -> None:
    html = mail.letter(report(), FRAME).to("S. Kaur", "https://stats.example/r/stop/1")[0]

    assert {link["href"] for link in tags(html, "a")} >= {
        "https://stats.example/articles/a1",
        "https://stats.example/?period=2026-11-17",
        "https://stats.example/reports/sent/1",
        "https://stats.example/r/stop/1",
    }
    assert all(str(link["href"]).startswith("https://stats.example/") for link in tags(html, "a"))


def test_the_recipient_is_named_without_becoming_markup() -> None:
    html, text = mail.letter(report(), FRAME).to("<b>S. Kaur</b>", "https://stats.example/r/stop/1")

    assert "as &lt;b&gt;S. Kaur&lt;/b&gt;." in html
    assert "You get this every weekday at 07:00, as <b>S. Kaur</b>." in text
    assert "Stop: https://stats.example/r/stop/1" in text


def test_a_long_table_is_cut_until_the_mail_is_whole_and_the_cut_is_counted() -> None:
    letter = mail.letter(report("A headline that takes some room " * 6, rows=500), FRAME)

    said = re.search(r"(\d+) of 500 rows\.", letter.html)

    assert len(letter.html.encode()) <= mail.LARGEST_HTML
    assert said is not None
    assert f"{said[1]} of 500 rows." in letter.text


def test_the_plain_part_says_the_same() -> None:
    text = mail.letter(report(), FRAME).text

    assert "38.9k" in text
    assert "Most at 23:00." in text
    assert "Council keeps parking free" in text
    assert "<" not in text


@pytest.mark.parametrize("sign", ["\r\nBcc: all@news.example", "\x00", "\u2028", "\u202e"])
def test_a_subject_stays_one_line(sign: str) -> None:
    subject = mail.letter(report(subject=f"Reads{sign}more"), FRAME).subject

    assert subject.isprintable()
    assert subject.startswith("Reads ")


def test_an_incomplete_report_says_so_above_everything_else() -> None:
    late = unpack(pack(report()).replace(b'"is_whole":true', b'"is_whole":false'))

    html = mail.letter(late, FRAME).html

    assert html.index('class="notice"') < html.index('class="sentence"')


def test_a_kept_report_is_the_same_report() -> None:
    made = report(HOSTILE)

    assert unpack(pack(made)) == made


def test_a_long_mail_is_cut_and_the_days_of_its_week_stay_together() -> None:
    long = report(rows=3000)
    pieces = next(block for block in long.blocks if isinstance(block, Table))
    days = Table(title="Day by day", columns=[Column("day", "Day")], rows=[[f"Day {n}"] for n in range(7)])
    wide = msgspec.structs.replace(pieces, rows=[["a", "x" * 1500, n] for n in range(3000)], links=[])

    made = mail.letter(msgspec.structs.replace(long, blocks=[days, wide]), Frame())

    assert len(made.html.encode()) <= mail.LARGEST_HTML
    assert "Day 6" in made.html
    assert "25 of 3,000 rows." in made.html


@pytest.mark.parametrize(
    "text",
    [
        (
            "Alert: 8 comments came within an hour under “The number 12 bus was late six days in ten, our "
            "log shows: how Chapel Bank copes”."
        ),
        "საქართველოს პარლამენტმა ახალი კანონი მიიღო, რომელიც ყველას ეხება — and a tail in plain letters here",
        "قرار مجلس المدينة رقم 2065 بشأن مواقف السيارات في وسط المدينة القديمة يدخل حيز التنفيذ يوم الاثنين",
        "Plain words that are far longer than any one line of a header may be, so that they are folded",
        "Short",
    ],
)
def test_a_subject_is_read_as_it_was_written(text: str) -> None:
    message = EmailMessage()
    message["Subject"] = letters.subject(text)
    raw = message.as_bytes(policy=SMTP)

    assert decoded(BytesParser(policy=compat32).parsebytes(raw)["Subject"]) == text
    assert BytesParser(policy=SMTP).parsebytes(raw)["Subject"] == text
    assert max(map(len, raw.splitlines())) <= 78


def decoded(header: str) -> str:
    """Read a header as programs do that know nothing of Python's folding."""
    return str(make_header(decode_header(header.replace("\n", "").replace("\r", ""))))
