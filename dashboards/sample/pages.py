"""The pages of the sample site as HTML: front page, article, author. Plain text in, everything escaped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape

import msgspec

from analytics import wording
from analytics.periods import local_time
from data import demo
from data.demo.prose import paragraphs
from data.demo.story import Story

FRONT = "/sample/"
AUTHORS = "authors/"
LIMIT = 512  # metrics.md: comment_limit
RIGHT_TO_LEFT = {"ar"}
FEED, LATEST, NEXT = 6, 14, 2


def front(out: Sequence[Story]) -> bytes:
    """Draw the front page: the latest stories, each with its counter, and the news feed."""
    latest = "".join(_teaser(story, is_lead=not place) for place, story in enumerate(out[:LATEST]))
    main = f'<h1>Latest news</h1>\n<ol class="teasers">\n{latest}</ol>'
    return _page(demo.NAME, main, _feed(out))


def article(story: Story, out: Sequence[Story]) -> bytes:
    """Draw an article: head, counter, text, comment box, and where to read on."""
    local = _local(story)
    names = wording.listed(
        [
            f'<a rel="author" href="{FRONT}{AUTHORS}{escape(key)}">{escape(name)}</a>'
            for key, name in story.authors
        ]
    )
    byline = f'<span class="by">By {names}</span>' if names else '<span class="by">From our agencies</span>'
    key = escape(story.article_id)
    text = "\n".join(f"<p>{escape(each)}</p>" for each in paragraphs(demo.SEED, story))
    onward = "".join(
        f'<li><a href="{address(each)}"{_tongue(each)}>{escape(each.title)}</a></li>'
        for each in _others(story, out)[:NEXT]
    )
    main = f"""<article>
<header>
<p class="section">{escape(story.section.name)}</p>
<h1{_tongue(story)}>{escape(story.title)}</h1>
<p class="meta">{byline}
{_time(local, f"{wording.day_long(local.date())}, {wording.clock(local)}")}
<span class="read" data-read="{key}" hidden></span>
<noscript><img class="read" src="/w/{demo.SITE}/counter.svg?id={key}" alt="Read counter" height="20">
</noscript></p>
</header>
<div class="text" data-tearsheet-body>
{text}
</div>
</article>
<nav class="onward" aria-labelledby="onward"><h2 id="onward">Read next</h2><ul>{onward}</ul></nav>
{COMMENTS}"""
    return _page(f"{story.title} | {demo.NAME}", main, _feed(out), _linked(story, local), story.article_id)


def author(name: str, written: Sequence[Story]) -> bytes:
    """Draw what somebody has written."""
    teasers = "".join(_teaser(story) for story in written)
    main = f'<h1>{escape(name)}</h1>\n<ol class="teasers">\n{teasers}</ol>'
    return _page(f"{name} | {demo.NAME}", main, _feed(written))


def lost() -> bytes:
    """Draw the page for an address where nothing stands."""
    main = f'<h1>There is no such page</h1>\n<p>Read on at the <a href="{FRONT}">front page</a>.</p>'
    return _page(f"Not found | {demo.NAME}", main, "", is_counted=False)


def address(story: Story) -> str:
    """Give the address of a story here."""
    return f"{FRONT}{escape(story.article_id)}"


# --- parts -------------------------------------------------------------------------------------------------

COMMENTS = f"""<section class="talk" aria-labelledby="talk">
<h2 id="talk">Comments</h2>
<form data-tearsheet-comments="below-article" data-tearsheet-limit="{LIMIT}" data-limit="{LIMIT}">
<label for="comment">Your comment</label>
<textarea id="comment" name="comment" rows="5" required aria-describedby="left house"></textarea>
<p class="warning" data-tearsheet-warning role="status" hidden></p>
<p class="row"><button type="submit">Send</button>
<output id="left" for="comment">{LIMIT} characters left</output></p>
<p class="small" id="house">Comments are read before they appear. This is a sample: what you type stays in
this window, and Tearsheet is told its length only.</p>
</form>
<ol class="comments" aria-label="Your comments" aria-live="polite"></ol>
<noscript><p>The comment box needs JavaScript.</p></noscript>
</section>"""


def _page(
    title: str, main: str, aside: str, head: str = "", article_id: str = "", *, is_counted: bool = True
) -> bytes:
    ours = (
        f'<a href="/articles/{escape(article_id)}">Open this article in Tearsheet</a>' if article_id else ""
    )
    told = f' data-article-id="{escape(article_id)}"' if article_id else ""
    tracker = f'<script defer src="/t/tearsheet.js" data-domain="{demo.SITE}"{told}></script>'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{FRONT}courier.css">
{head}{tracker if is_counted else ""}
<script defer src="{FRONT}courier.js" data-site="{demo.SITE}" data-front="{FRONT}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the news</a>
<aside class="demo" aria-label="About this sample"><p>A sample newspaper: town, people and news are invented.
<a href="/">Tearsheet’s overview</a> {ours}</p></aside>
<header class="paper"><p><a href="{FRONT}">{demo.NAME}</a></p></header>
<div class="columns">
<main id="main" tabindex="-1">
{main}
</main>
{aside}
</div>
<footer class="small"><p>{demo.NAME} does not exist. Served by <code>tearsheet demo</code>.</p></footer>
</body>
</html>
""".encode()


def _linked(story: Story, local: dt.datetime) -> str:
    """Write JSON-LD, as search engines and the tracker read it; `<` would let a title end the script."""
    told = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "identifier": story.article_id,
        "headline": story.title,
        "author": [{"@type": "Person", "name": name} for _, name in story.authors],
        "articleSection": story.section.name,
        "keywords": list(story.topics),
        "datePublished": local.isoformat(timespec="seconds"),
        "inLanguage": story.language,
        "isAccessibleForFree": story.access == "free",
    }
    text = msgspec.json.encode(told).decode().replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>\n'


def _teaser(story: Story, *, is_lead: bool = False) -> str:
    local = _local(story)
    lead = f'<p class="lead">{escape(paragraphs(demo.SEED, story)[0])}</p>\n' if is_lead else ""
    names = wording.listed([escape(name) for _, name in story.authors])
    return f"""<li><p class="section">{escape(story.section.name)}</p>
<h2{_tongue(story)}><a href="{address(story)}">{escape(story.title)}</a></h2>
{lead}<p class="meta">{f'<span class="by">{names}</span>' if names else ""}
{_time(local, _brief(local))}
<span class="read" data-read="{escape(story.article_id)}" hidden></span></p></li>
"""


def _feed(out: Sequence[Story]) -> str:
    latest = "".join(
        f"<li>{_time(_local(each), _brief(_local(each)))} "
        f'<a href="{address(each)}"{_tongue(each)}>{escape(each.title)}</a></li>'
        for each in out[:FEED]
    )
    return f"""<aside class="feed" aria-label="News feed">
<section class="most" aria-labelledby="most" hidden><h2 id="most">Most read</h2><ol></ol></section>
<section aria-labelledby="latest"><h2 id="latest">News feed</h2><ul>{latest}</ul></section>
</aside>"""


def _others(story: Story, out: Sequence[Story]) -> list[Story]:
    """Order the other stories: those of the same desk first."""
    others = [each for each in out if each.article_id != story.article_id and not each.evergreen]
    return sorted(others, key=lambda each: each.section.name != story.section.name)


def _tongue(story: Story) -> str:
    if story.language == "en":
        return ""
    return f' lang="{escape(story.language)}"' + (' dir="rtl"' if story.language in RIGHT_TO_LEFT else "")


def _time(at: dt.datetime, words: str) -> str:
    return f'<time datetime="{at.isoformat(timespec="minutes")}">{words}</time>'


def _brief(at: dt.datetime) -> str:
    return f"{wording.day_short(at.date())}, {wording.clock(at)}"


def _local(story: Story) -> dt.datetime:
    return local_time(story.published_at, demo.ZONE)
