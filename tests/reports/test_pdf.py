from __future__ import annotations

import datetime as dt
import re

import msgspec
import pytest
import typst

from analytics.reports import fonts, pdf
from analytics.reports.report import Stories, Story, Table
from tests.reports.sample import HOSTILE, report

SCRIPTS = {
    "Georgian": "საქართველო",
    "Armenian": "Հայաստանը",
    "Cyrillic": "Новости",
    "Arabic": "الأخبار",
    "Greek": "Ειδήσεις",
    "Hebrew": "חדשות",
}


def picture(text: str) -> bytes:
    """Draw text as the PDF would set it."""
    page = (
        b'#set page(width: 90mm, height: 20mm)\n#set text(font: ("Inter", "DejaVu Sans"))\n#sys.inputs.text'
    )
    made = typst.compile(page, font_paths=pdf._fonts(), sys_inputs={"text": text}, format="png", ppi=72)
    assert isinstance(made, bytes)
    return made


def pages(made: bytes) -> int:
    """Count the pages of a PDF."""
    return len(re.findall(rb"/Type\s*/Page\b", made))


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_every_letter_of_a_script_has_a_shape(text: str) -> None:
    # A letter that no font holds is drawn as an empty box, the same for all of them.
    boxes = {picture(letter) for letter in "\ua000\ua001"}

    drawn = {letter: picture(letter) for letter in set(text)}

    assert len(boxes) == 1
    assert not [letter for letter, png in drawn.items() if png in boxes]


def test_a_report_becomes_a_pdf_whose_text_is_never_markup() -> None:
    made = pdf.pdf(report(HOSTILE, rows=300))

    assert made.startswith(b"%PDF-")
    assert made == pdf.pdf(report(HOSTILE, rows=300))


def test_a_report_of_any_instant_becomes_a_pdf() -> None:
    made = msgspec.structs.replace(report(), blocks=[], as_of=dt.datetime(2026, 11, 18, 7, 0, 3, 141_592))

    assert pdf.pdf(made).startswith(b"%PDF-")


def test_a_tear_sheet_is_one_page_where_another_report_takes_two() -> None:
    long = report(rows=40)
    table = next(block for block in long.blocks if isinstance(block, Table))
    long = msgspec.structs.replace(long, blocks=[*long.blocks, table, table])
    sheet = msgspec.structs.replace(long, kind="author")

    assert [pages(made) for made in (pdf.pdf(sheet), pdf.pdf(long))] == [1, 4]


def test_a_title_from_right_to_left_keeps_its_own_direction() -> None:
    story = Story(title="قرار EU رقم 2065", href="/", number="5", words="reads")
    rows = pdf._block(Stories(title="Most read", rows=[story]))["rows"]

    assert [row["title"] for row in rows] == ["\u2068قرار EU رقم 2065\u2069"]


def test_an_empty_report_is_a_page_too() -> None:
    bare = msgspec.structs.replace(report(), blocks=[], nothing="Nobody read anything in these days.")

    assert pdf.pdf(bare).startswith(b"%PDF-")


def test_the_fonts_are_there_with_their_licences() -> None:
    folder = fonts.ensure()

    assert folder is not None
    assert {path.name for path in folder.glob("*.ttf")} == {
        name.rpartition("/")[2] for names in fonts.FILES.values() for name in names
    }
    assert len(list((folder / "licences").iterdir())) == len(fonts.FILES)
