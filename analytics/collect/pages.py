"""What the address of a page says: canonical address, article, campaign. Pure, and cached by `sites`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from analytics import reference, urls
from analytics.errors import EventError

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
MAX_CAMPAIGN = 300
MAX_FIELDS = 200  # parameters read of a query; 2,000 characters hold more only in bad faith
# First words of paths that list articles on most sites; a site's own patterns go first.
LISTINGS = frozenset(
    [
        "tag",
        "tags",
        "topic",
        "topics",
        "author",
        "authors",
        "category",
        "categories",
        "section",
        "sections",
        "search",
        "page",
        "archive",
        "archives",
        "feed",
        "rss",
        "login",
        "logout",
        "register",
        "account",
        "profile",
        "user",
        "users",
        "subscribe",
        "newsletter",
        "newsletters",
        "comments",
        "wp-admin",
    ]
)
_LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]{2})?", re.IGNORECASE)
_SLUG = re.compile(r"\d|[-_]")
_MARKS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Page:
    """What an address says.

    Attributes:
        url: Canonical address; None where only the article is known.
        path: Its path, for the site's patterns.
        is_ours: Whether it is on a host of the site.
        article_id: Id made of its address, where it is an article by the site's rule.
        campaign: The five utm fields, in the order of UTM.
        clicks: Names of advertisers' click ids in it; never their values.
    """

    url: str | None
    path: str
    is_ours: bool
    article_id: str | None
    campaign: tuple[str | None, ...]
    clicks: tuple[str, ...]


NOWHERE = Page(None, "", is_ours=True, article_id=None, campaign=(None,) * len(UTM), clicks=())


@dataclass(frozen=True, slots=True)
class Rule:
    """How a site reads its addresses.

    Attributes:
        words: Whether `/politics`, one plain word, is an article: in files, which are not corrected by a
            second look, doubt counts.
    """

    hosts: tuple[str, ...]
    keep: tuple[str, ...] = ()
    moved: Mapping[str, str] | None = None
    endings: tuple[str, ...] = ()
    articles: re.Pattern[str] | None = None
    listings: re.Pattern[str] | None = None
    words: bool = False


def page_of(url: str, rule: Rule, *, hash_mode: bool = False) -> Page:
    """Read an address.

    Args:
        url: As it came.
        rule: How the site reads its addresses.
        hash_mode: The page is named by the fragment too (`h`).

    Raises:
        EventError: `bad_url` or `too_long`. A foreign host is no error: a rule drops it later.
    """
    is_ours = True
    try:
        canonical = urls.canonical(url, rule.hosts, rule.keep, rule.moved, rule.endings)
    except EventError as fault:
        if fault.code != "host":
            raise
        is_ours = False
        canonical = urls.canonical(url, (), rule.keep, rule.moved, rule.endings)
    parts = urlsplit(url.strip())
    if hash_mode and parts.fragment:
        canonical = f"{canonical}#{_MARKS.sub('', parts.fragment)}"
    try:
        fields = dict(parse_qsl(parts.query, max_num_fields=MAX_FIELDS))
    except ValueError:  # more fields than that
        fields = {}
    path = unquote(urlsplit(canonical).path)
    return Page(
        url=canonical,
        path=path,
        is_ours=is_ours,
        article_id=urls.article_id_of(canonical) if is_article(path, "?" in canonical, rule) else None,
        campaign=tuple(_campaign(fields.get(name)) for name in UTM),
        clicks=tuple(name for name in reference.CLICK_IDS if name in fields),
    )


def is_article(path: str, has_query: bool, rule: Rule) -> bool:
    """Tell whether a path is an article.

    The site's patterns decide. Without them every path counts but the front page, listings (LISTINGS, page
    numbers, dates alone) and a single plain word, which is a section: `/politics`, but not `/budget-vote`,
    `/a17` or `/a`. Too much is mended by the catalogue (kind `page`); too little would be lost, so doubt
    counts.

    Args:
        path: Of the canonical address, decoded.
        has_query: Whether a parameter names the article, as in `/?p=981`.
        rule: The site's.
    """
    if rule.listings and rule.listings.fullmatch(path):
        return False
    if rule.articles:
        return bool(rule.articles.fullmatch(path))
    return has_query or _looks_like_article([part for part in path.split("/") if part], words=rule.words)


def _looks_like_article(parts: list[str], *, words: bool) -> bool:
    if len(parts) > 1 and _LANGUAGE.fullmatch(parts[0]):
        parts = parts[1:]
    if not parts or parts[0].lower() in LISTINGS:
        return False
    is_numbered = len(parts) > 1 and parts[-2].lower() == "page" and parts[-1].isdigit()
    is_date = len(parts) <= 3 and all(part.isdigit() and len(part) <= 4 for part in parts)
    return not (is_numbered or is_date or (len(parts) == 1 and _is_section(parts[0], words=words)))


def _is_section(word: str, *, words: bool) -> bool:
    if _LANGUAGE.fullmatch(word):
        return True
    return not (words or len(word) == 1 or _SLUG.search(word))


def pattern_of(patterns: Sequence[str]) -> re.Pattern[str] | None:
    """Make one expression of patterns in which `*` stands for anything; None where there are none."""
    if not patterns:
        return None
    return re.compile("|".join(".*".join(re.escape(part) for part in each.split("*")) for each in patterns))


def is_on(origin: str, hosts: Collection[str]) -> bool:
    """Tell whether an Origin header names one of the hosts; whole labels, as pages are compared."""
    try:
        urls.canonical(f"{origin}/", hosts)
    except EventError:
        return False
    return True


def _campaign(text: str | None) -> str | None:
    return _MARKS.sub("", text).strip()[:MAX_CAMPAIGN] or None if text else None
