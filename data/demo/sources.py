"""The names behind the ways in: sources with their referrers, the readers' devices and countries."""

from __future__ import annotations

import datetime as dt

from data.demo.chance import Urn

# Small sites link to the paper for some weeks, then another one does: new sources have something to show.
PARISH = "osmere-parish.example"
NEIGHBOURS = (
    PARISH,
    "quayside-diary.example",
    "tide-tables.example",
    "gullcliff-walkers.example",
    "old-dock-market.example",
    "estuary-birds.example",
    "harbour-choir.example",
    "bridge-street-traders.example",
)
NEIGHBOUR_DAYS = 23

_REFERENCES = ("source", "referrer_host", "referrer_path", "utm_source", "utm_medium")
_SOURCES: dict[str, list[tuple[object, ...]]] = {
    "search": [
        (66, "Google", "google.com", "/", None, None),
        (12, "Google Discover", "com.google.android.googlequicksearchbox", "/", None, None),
        (9, "Bing", "bing.com", "/search", None, None),
        (7, "Google News", "news.google.com", "/", None, None),
        (3, "DuckDuckGo", "duckduckgo.com", "/", None, None),
        (1.5, "Yahoo", "uk.search.yahoo.com", "/", None, None),
        (1.5, "Ecosia", "ecosia.org", "/", None, None),
    ],
    "social": [
        (47, "Facebook", "facebook.com", "/", None, None),
        (17, "WhatsApp", "web.whatsapp.com", "/", None, None),
        (14, "X", "t.co", "/", None, None),
        (11, "Reddit", "reddit.com", "/", None, None),
        (6, "Instagram", "instagram.com", "/", None, None),
        (3, "Bluesky", "bsky.app", "/", None, None),
        (2, "LinkedIn", "linkedin.com", "/", None, None),
    ],
    "direct": [(1, None, None, None, None, None)],
    "newsletter": [
        (62, "Morning briefing", None, None, "morning-briefing", "newsletter"),
        (26, "Evening edition", None, None, "evening-edition", "newsletter"),
        (12, "Rovers weekly", None, None, "rovers-weekly", "newsletter"),
    ],
    "chatgpt": [(1, "ChatGPT", "chatgpt.com", "/", "chatgpt.com", None)],
    "assistants": [
        (52, "Perplexity", "perplexity.ai", "/", None, None),
        (22, "Copilot", "copilot.microsoft.com", "/", None, None),
        (17, "Gemini", "gemini.google.com", "/", None, None),
        (9, "Claude", "claude.ai", "/", None, None),
    ],
    "other": [
        (34, "harbourwatch.example", "harbourwatch.example", "/links", None, None),
        (26, "rovers-forum.example", "rovers-forum.example", "/thread/news", None, None),
        (22, PARISH, PARISH, "/notices", None, None),
        (18, "en.wikipedia.org", "en.wikipedia.org", "/wiki", None, None),
    ],
    "push": [(1, "App push", None, None, "courier-app", "push")],
}
SOURCES = Urn.of(_REFERENCES, _SOURCES)

DEVICES = ("phone", "desktop", "tablet")
AGENTS = Urn.of(
    ("browser", "os"),
    {
        "phone": [
            (43, "Mobile Safari 26", "iOS"),
            (36, "Chrome Mobile 142", "Android"),
            (9, "Samsung Internet 28", "Android"),
            (7, "Facebook 530", "iOS"),
            (5, "Firefox Mobile 144", "Android"),
        ],
        "desktop": [
            (47, "Chrome 142", "Windows"),
            (22, "Edge 142", "Windows"),
            (17, "Safari 26", "Mac OS X"),
            (9, "Firefox 144", "Windows"),
            (5, "Firefox 144", "Linux"),
        ],
        "tablet": [(68, "Mobile Safari 26", "iOS"), (32, "Chrome 142", "Android")],
    },
)
HOMES = Urn.of(
    ("country", "language"),
    {
        "reader": [
            (79, "GB", "en"),
            (4.6, "IE", "en"),
            (3.9, "US", "en"),
            (1.6, "DE", "de"),
            (1.4, "FR", "fr"),
            (1.4, "AU", "en"),
            (1.1, "ES", "en"),
            (1.0, "CA", "en"),
            (0.9, "PL", "pl"),
            (0.8, "NL", "nl"),
            (0.6, "GE", "ka"),
            (0.5, "IN", "en"),
            (0.5, "AZ", "az"),
            (0.4, "IT", "it"),
            (0.4, "NZ", "en"),
            (0.3, "UA", "uk"),
            (0.3, "AE", "ar"),
            (0.3, "NO", "nb"),
            (1.0, None, None),
        ],
    },
)


def neighbour(day: dt.date) -> str:
    """Name the small site that stands in the place of PARISH on a day."""
    return NEIGHBOURS[day.toordinal() // NEIGHBOUR_DAYS % len(NEIGHBOURS)]
