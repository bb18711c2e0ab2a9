"""Counters and lists as HTML, SVG and RSS. A library writes every tag, so that no title can close one."""

from __future__ import annotations

import datetime as dt
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from email.utils import format_datetime
from urllib.parse import urlsplit

import msgspec

DC = "http://purl.org/dc/elements/1.1/"
INK = {"light": "#1a1a1a", "dark": "#f2f2f2"}
SIZE_PX, HEIGHT_PX, WIDE_PX, NARROW_PX = 14, 20, 15, 8.5  # room for the broadest letters of usual fonts
_SILENT = {"Cc", "Cs", "Zl", "Zp"}
_TURNS = {*"\u061c\u200e\u200f\ufeff", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}

ET.register_namespace("dc", DC)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One article of a list, as wire-formats.md F.1 has it."""

    rank: int
    id: str
    url: str | None
    title: str
    authors: list[str]
    section: str | None
    published_at: dt.datetime | None
    image: str | None
    value: int | None


def plain(text: str) -> str:
    """Take out of a text from outside what is no letter but acts: controls and turns of direction.

    What stays can stand in XML: its other forbidden signs go too.
    """
    spaced = "".join(" " if unicodedata.category(sign) in _SILENT else sign for sign in text)
    return " ".join(
        "".join(sign for sign in spaced if sign not in _TURNS and sign not in "\ufffe\uffff").split()
    )


def web_address(text: str | None) -> str | None:
    """Give an address back if it leads to a page; a link that runs something is none."""
    try:
        parts = urlsplit(text or "")
    except ValueError:
        return None
    return plain(text or "") if parts.scheme in {"http", "https"} and parts.netloc else None


def counter_html(words: str, lang: str, told: str, told_in: str) -> bytes:
    """Write a counter as a fragment; no words give an empty one."""
    if not words:
        return b""
    outer = ET.Element("span", {"class": "tearsheet-counter", "lang": told_in, "title": told})
    ET.SubElement(outer, "span", {"lang": lang, "dir": "auto"}).text = words
    return _html(outer)


def counter_svg(words: str, lang: str, told: str, theme: str) -> bytes:
    """Draw a counter: a text, and its title for those who hear the page; no words give an empty drawing."""
    width = round(sum(WIDE_PX if unicodedata.east_asian_width(s) in "WF" else NARROW_PX for s in words))
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "role": "img",
            "width": str(width),
            "height": str(HEIGHT_PX if words else 0),
            "viewBox": f"0 0 {width} {HEIGHT_PX}",
        },
    )
    ET.SubElement(root, "title").text = f"{words}. {told}" if words else ""
    if words:
        place = {"x": "0", "y": "15", "font-family": "system-ui, sans-serif", "font-size": str(SIZE_PX)}
        ET.SubElement(root, "text", {**place, "fill": INK[theme], "xml:lang": lang}).text = words
    return bytes(ET.tostring(root, encoding="utf-8"))


def list_html(rows: Sequence[Row], lang: str, period: str, thousands: str) -> bytes:
    """Write a list as a fragment; without rows it is empty."""
    if not rows:
        return b""
    root = ET.Element("ol", {"class": "tearsheet-most-read", "lang": lang, "data-period": period})
    for row in rows:
        item = ET.SubElement(root, "li", {"value": str(row.rank), "dir": "auto"})
        name = ET.SubElement(item, "a", {"href": row.url, "target": "_top"}) if row.url else item
        name.text = row.title
        if row.value is not None:
            number = ET.SubElement(item, "span", {"class": "tearsheet-value"})
            number.text = grouped(row.value, thousands)
            if name is not item:
                name.tail = " "
            else:
                name.text += " "
    return _html(root)


def list_rss(rows: Sequence[Row], title: str, home: str, lang: str, at: dt.datetime) -> bytes:
    """Write a list as RSS 2.0; an article keeps its guid through all lists."""
    root = ET.Element("rss", {"version": "2.0"})
    channel = ET.SubElement(root, "channel")
    for name, text in (
        ("title", title),
        ("link", home),
        ("description", title),
        ("language", lang),
        ("lastBuildDate", _mail_date(at)),
        ("ttl", "1"),
    ):
        ET.SubElement(channel, name).text = text
    for row in rows:
        item = ET.SubElement(channel, "item")
        ET.SubElement(item, "title").text = row.title
        if row.url:
            ET.SubElement(item, "link").text = row.url
        ET.SubElement(item, "guid", {"isPermaLink": "false"}).text = row.id
        if row.published_at:
            ET.SubElement(item, "pubDate").text = _mail_date(row.published_at)
        if row.section:
            ET.SubElement(item, "category").text = row.section
        for author in row.authors:
            ET.SubElement(item, f"{{{DC}}}creator").text = author
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def grouped(number: int, thousands: str) -> str:
    """Write a whole number with the site's sign between thousands."""
    return f"{number:,}".replace(",", thousands)


def _html(root: ET.Element) -> bytes:
    return bytes(ET.tostring(root, encoding="utf-8", method="html"))


def _mail_date(at: dt.datetime) -> str:
    return format_datetime(at.replace(tzinfo=dt.UTC), usegmt=True)
