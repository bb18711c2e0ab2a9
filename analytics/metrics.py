"""METRICS and DIMENSIONS: the one home of every definition.

A *base* is an additive count over rows of facts: the sum of `value` where all of `when` hold. Rollups
store bases; a *metric* is a base, or a ratio of two, or a median of a fact, with its fold. Jobs turn
bases into Polars, queries into SQL; screens, command line, glossary and docs/metrics.md read the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from analytics.errors import UnknownDimensionError, UnknownMetricError, did_you_mean
from analytics.language import N_, _, inside

FEW_N = 30  # metrics.md 9: rates, medians and changes below are grey, unranked, without arrow
FEW_WEEKS = 4  # metrics.md 7: no typical band from fewer values
FEW_SET = 20  # metrics.md 9: scores and expectations from fewer articles are grey


@dataclass(frozen=True, slots=True)
class FormulaSettings:
    """What a newsroom may set about the formulas; a change opens a new definition version.

    Attributes:
        read_after_s: Engaged seconds from which a view with an act is a read.
        wpm: Words read per minute.
        finished_at: Read depth from which a read counts as finished.
        session_gap_min: Minutes of silence that end a session.
        engaged_cap_s: Longest engaged time believed of one view.
        require_acts: `when_measured`, or `always`: views without measured acts have no `is_read`.
        comment_limit: Longest comment, in code points.
    """

    read_after_s: Annotated[int, Meta(ge=1)] = 10
    wpm: Annotated[int, Meta(ge=1)] = 300
    finished_at: Annotated[float, Meta(gt=0, le=1)] = 0.75
    session_gap_min: Annotated[int, Meta(ge=1)] = 30
    engaged_cap_s: Annotated[int, Meta(ge=1)] = 7200
    require_acts: Literal["when_measured", "always"] = "when_measured"
    comment_limit: Annotated[int, Meta(ge=1)] = 512


class Fold(StrEnum):
    """How a metric adds up over time and over rows."""

    SUM = "sum"
    RATIO = "ratio"
    MEDIAN = "median"
    P90 = "p90"
    PEOPLE = "people"
    DISTINCT = "distinct"
    INSTANT = "instant"
    STANDING = "standing"


FOLDS = {
    Fold.SUM: N_("adds up over time and over rows"),
    Fold.RATIO: N_("sum of numerators ÷ sum of denominators over the selected rows; never a mean of ratios"),
    Fold.MEDIAN: N_("exact median over the selected rows; never a median of medians"),
    Fold.P90: N_("exact 90th percentile over the selected rows"),
    Fold.PEOPLE: N_("recounted for every local day and dimension; over several days the sum of daily counts"),
    Fold.DISTINCT: N_("counted once over the whole selection"),
    Fold.INSTANT: N_("how it is now; never added or averaged over time"),
    Fold.STANDING: N_("recomputed against articles of the same age; of several articles from each one's own"),
}


@dataclass(frozen=True, slots=True)
class Base:
    """An additive count: the sum of `value` over the rows of `facts` where every flag of `when` holds.

    Attributes:
        name: Column of the rollups.
        facts: Table of facts that it is counted over.
        when: Boolean columns; `~x` means not x, `x?` means x is known.
        value: Column that is summed; empty counts rows.
        about: One line for the column's comment.
    """

    name: str
    facts: str
    when: tuple[str, ...]
    value: str = ""
    about: str = ""


LEFT_OUT: dict[str, str] = {  # flag of a base -> what rows without it are
    "is_article": N_("not the page of an article"),
    "is_repeat": N_("no repeat"),
    "~is_repeat": N_("repeats"),
    "is_measured": N_("from a source that cannot tell reading time"),
    "~is_measured": N_("from a source that can tell reading time"),
    "is_silent": N_("something arrived after the load"),
    "is_read": N_("no read"),
    "is_read?": N_("not known whether read"),
    "is_finished": N_("not finished"),
    "read_depth?": N_("depth not known"),
    "scroll_depth?": N_("scroll not known"),
    "engaged_s?": N_("reading time not known"),
    "is_exit": N_("not the end of a closed visit"),
    "is_exit?": N_("visit still open, or not known"),
    "is_recirculated": N_("no other article followed"),
    "is_recirculated_any": N_("no other page followed"),
    "visitor?": N_("visitor not known"),
    "is_published": N_("not published"),
    "is_rejected": N_("not rejected"),
    "is_decided": N_("not decided"),
    "is_spam": N_("no spam"),
    "is_pending": N_("not waiting"),
    "is_reply": N_("no reply"),
    "is_at_limit": N_("shorter"),
    "length?": N_("length not known"),
    "lag_min?": N_("not decided by a person"),
    "commenter?": N_("commenter not known"),
    "opened": N_("not opened"),
    "typed": N_("nothing typed"),
    "posted": N_("not sent"),
    "~posted": N_("sent"),
    "hit_limit": N_("limit not reached"),
    "warned": N_("no warning shown"),
}

VIEWS, COMMENTS, BOXES, PEOPLE = "view_facts", "comment_facts", "box_facts", "dimension_days"

BASES: dict[str, Base] = {
    base.name: base
    for base in (
        Base("page_loads", VIEWS, (), about="Loads of any page."),
        Base("views", VIEWS, ("is_article",), about="Loads of article pages."),
        Base("repeat_views", VIEWS, ("is_article", "is_repeat"), about="Views again in the same session."),
        Base("fresh_views", VIEWS, ("is_article", "~is_repeat"), about="Views that are no repeat."),
        Base(
            "signal_views",
            VIEWS,
            ("is_article", "is_measured"),
            about="Views whose source can tell reading time.",
        ),
        Base(
            "no_signal_views", VIEWS, ("is_article", "~is_measured"), about="Views whose source cannot tell."
        ),
        Base(
            "no_beacon_views", VIEWS, ("is_article", "is_silent"), about="Measured views without any beacon."
        ),
        Base("engaged", VIEWS, ("is_article", "is_measured"), "engaged_s", "Engaged seconds."),
        Base("reads", VIEWS, ("is_article", "is_read"), about="Views that are reads."),
        Base(
            "read_known",
            VIEWS,
            ("is_article", "is_read?"),
            about="Views of which we know whether they are reads.",
        ),
        Base("finished", VIEWS, ("is_article", "is_finished"), about="Reads to the end."),
        Base("depth_known", VIEWS, ("is_article", "read_depth?"), about="Views with a read depth."),
        Base("scroll_known", VIEWS, ("is_article", "scroll_depth?"), about="Views with body scroll."),
        Base("exits", VIEWS, ("is_article", "is_exit"), about="Views that end a closed session."),
        Base("closed_views", VIEWS, ("is_article", "is_exit?"), about="Views in closed sessions."),
        Base(
            "recirculated",
            VIEWS,
            ("is_article", "~is_repeat", "is_recirculated"),
            about="Fresh views followed by another article.",
        ),
        Base(
            "recirculated_any",
            VIEWS,
            ("is_article", "~is_repeat", "is_recirculated_any"),
            about="Fresh views followed by another page.",
        ),
        Base("readers", PEOPLE, (), "readers", "Distinct visitors of the local day."),
        Base("sessions", PEOPLE, (), "sessions", "Sessions of the day of their first view."),
        Base("bounces", PEOPLE, (), "bounces", "Entries that left at once."),
        Base(
            "bounce_known", PEOPLE, (), "bounce_known", "Closed, fully measured sessions that entered here."
        ),
        Base("comments_created", COMMENTS, (), about="Comments written."),
        Base("comments", COMMENTS, ("is_published",), about="Comments now published."),
        Base("comments_rejected", COMMENTS, ("is_rejected",), about="Comments now rejected."),
        Base("comments_decided", COMMENTS, ("is_decided",), about="Comments now published or rejected."),
        Base("comments_spam", COMMENTS, ("is_spam",), about="Comments now marked as spam."),
        Base("comments_pending", COMMENTS, ("is_pending",), about="Comments still waiting."),
        Base(
            "replies", COMMENTS, ("is_published", "is_reply"), about="Published comments that answer another."
        ),
        Base("length_known", COMMENTS, ("length?",), about="Comments whose length is known."),
        Base("at_limit", COMMENTS, ("is_at_limit",), about="Comments of at least 95 % of the limit."),
        Base("boxes_opened", BOXES, ("opened",), about="Comment boxes opened."),
        Base("boxes_typed", BOXES, ("typed",), about="Comment boxes in which something was typed."),
        Base("boxes_posted", BOXES, ("posted",), about="Comment boxes that were sent."),
        Base("boxes_at_limit", BOXES, ("hit_limit",), about="Comment boxes in which the limit was reached."),
        Base("boxes_warned", BOXES, ("warned",), about="Comment boxes that showed the warning."),
        Base(
            "boxes_abandoned", BOXES, ("warned", "~posted"), about="Warned comment boxes without a comment."
        ),
    )
}

AGED = ("views", "fresh_views", "reads", "read_known", "engaged")  # bases that are kept by age of the article


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to split or filter. `overlaps`: an article can stand in several rows, so rows need not add up."""

    id: str
    label_en: str
    plural_en: str
    overlaps: bool = False

    @property
    def label(self) -> str:
        """Name of one, in the language of the request."""
        return _(self.label_en)

    @property
    def plural(self) -> str:
        """Name of several, in the language of the request."""
        return _(self.plural_en)


DIMENSIONS: dict[str, Dimension] = {
    dimension.id: dimension
    for dimension in (
        Dimension("article", "Article", "Articles"),
        Dimension("author", "Author", "Authors", overlaps=True),
        Dimension("topic", "Topic", "Topics", overlaps=True),
        Dimension("section", "Section", "Sections"),
        Dimension("channel", "Channel", "Channels"),
        Dimension("source", "Source", "Sources"),
        Dimension("device", "Device", "Devices"),
        Dimension("country", "Country", "Countries"),
    )
}
OF_ARTICLES = ("article", "author", "topic", "section")  # known from the catalogue, for comments too
OF_VIEWS = tuple(DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Metric:
    """One number: what it is called, what it counts, how it folds.

    Attributes:
        id: Name in addresses, columns and commands.
        label_en: Name on screen.
        unit: Unit of the value; `wording.value` prints it.
        fold: How it adds up.
        numerator: Base, or for medians the fact that is ranked.
        denominator: Base of the other side of a ratio, or of the n of a median.
        dimensions: What it can be split by.
        about_en: One plain sentence for readers of the screen.
        formula_en: The definition, in words of the bases.
        origin_en: Where the definition comes from.
        scale: Factor on a ratio; 1000 for rates per thousand.
        interval: `wilson`, `poisson` or empty.
        version: Version of the formula; counts up with a changelog line.
        few: What it rests on must be so many; below, it is grey, unranked, without arrow.
    """

    id: str
    label_en: str
    unit: str
    fold: Fold
    numerator: str
    dimensions: tuple[str, ...]
    about_en: str
    formula_en: str
    origin_en: str
    denominator: str = ""
    scale: int = 1
    interval: str = ""
    version: int = 1
    few: int = FEW_N

    @property
    def label(self) -> str:
        """Name on screen, in the language of the request."""
        return _(self.label_en)

    @property
    def about(self) -> str:
        """What it is in one sentence, in the language of the request."""
        return _(self.about_en)

    @property
    def formula(self) -> str:
        """The definition, in the language of the request."""
        return _(self.formula_en)

    @property
    def origin(self) -> str:
        """Where the definition comes from, in the language of the request."""
        return _(self.origin_en)

    @property
    def facts(self) -> str:
        """Table of facts that the numerator is counted over."""
        base = BASES.get(self.numerator)
        return base.facts if base else (COMMENTS if self.numerator in COMMENT_VALUES else VIEWS)

    @property
    def is_rate(self) -> bool:
        """True where small n makes the value grey: ratios, medians and what is held against others."""
        return self.fold in (Fold.RATIO, Fold.MEDIAN, Fold.P90, Fold.STANDING)


QUANTILE = {Fold.MEDIAN: 0.5, Fold.P90: 0.9}
# A count of reading is unknown, not 0, where none of the views can tell (metrics.md 4 and 12).
NEEDS_SIGNAL = {"reads": "read_known", "engaged": "signal_views", "finished": "depth_known"}
COMMENT_VALUES = ("lag_min", "commenter")  # facts of comments that medians and distinct counts use


def _views(
    id_: str, label: str, about: str, formula: str, origin: str = "own", unit: str = "views"
) -> Metric:
    return Metric(id_, label, unit, Fold.SUM, id_, OF_VIEWS, about, formula, origin)


def _share(
    id_: str,
    label: str,
    part: str,
    whole: str,
    about: str,
    origin: str = "own",
    dims: tuple[str, ...] = OF_VIEWS,
) -> Metric:
    return Metric(
        id_,
        label,
        "share",
        Fold.RATIO,
        part,
        dims,
        about,
        f"{part} ÷ {whole}",
        origin,
        whole,
        interval="wilson",
    )


METRICS: dict[str, Metric] = {
    metric.id: metric
    for metric in (
        _views(
            "page_loads",
            "Page loads",
            "Every accepted load of any page, the front page included.",
            "count of loads",
            "Chartbeat, Plausible",
            "loads",
        ),
        _views(
            "views",
            "Views",
            "Loads of article pages. Addresses of one article are one article.",
            "count of loads of articles",
            "Chartbeat, Plausible",
        ),
        _views(
            "repeat_views",
            "Repeat views",
            "Views of an article that the same session had seen less than 30 minutes before.",
            "count of repeats",
            "own; GoatCounter counts once in 8 h",
        ),
        _views("fresh_views", "Fresh views", "Views that are no repeat.", "views − repeat_views"),
        _share(
            "no_beacon_share",
            "Views without a beacon",
            "no_beacon_views",
            "signal_views",
            "Measured views from which nothing arrived after the load: data quality, not behaviour.",
        ),
        _share(
            "no_signal_share",
            "Views without a signal",
            "no_signal_views",
            "views",
            "Views whose source cannot tell reading time: data quality, not behaviour.",
        ),
        Metric(
            "engaged",
            "Engaged time",
            "s",
            Fold.SUM,
            "engaged",
            OF_VIEWS,
            "Seconds in which the page was visible, focused and in use.",
            "sum of engaged seconds of views with a signal",
            "Chartbeat, Parse.ly (5 s idle stop)",
        ),
        Metric(
            "engaged_median",
            "Median engaged",
            "s",
            Fold.MEDIAN,
            "engaged_s",
            OF_VIEWS,
            "Half of the measured views lasted longer, zeros included.",
            "median of engaged seconds over views with a signal",
            "own; others divide by views, visits or visitors",
            "signal_views",
        ),
        Metric(
            "engaged_mean",
            "Mean engaged",
            "s",
            Fold.RATIO,
            "engaged",
            OF_VIEWS,
            "Engaged time divided by the views with a signal; shown beside the median.",
            "engaged ÷ signal_views",
            "own",
            "signal_views",
        ),
        Metric(
            "reads",
            "Reads",
            "reads",
            Fold.SUM,
            "reads",
            OF_VIEWS,
            "Views of at least 10 engaged seconds with at least one scroll, key, pointer or touch.",
            "count of views that are reads",
            "smartocto (10 s, focus, interaction)",
        ),
        _share(
            "read_rate",
            "Read rate",
            "reads",
            "read_known",
            "Reads divided by the views of which we know whether they were read.",
        ),
        Metric(
            "finished",
            "Finished",
            "reads",
            Fold.SUM,
            "finished",
            OF_VIEWS,
            "Reads whose time and scroll agree that three quarters were read.",
            "count of reads with read depth of at least 0.75",
            "own",
        ),
        _share(
            "finish_rate",
            "Finish rate",
            "finished",
            "depth_known",
            "Finished reads divided by the views with a read depth.",
        ),
        Metric(
            "scroll_depth",
            "Scroll depth",
            "share",
            Fold.MEDIAN,
            "scroll_depth",
            OF_VIEWS,
            "Median of how much of the article body came into sight.",
            "median of the deepest visible edge ÷ height of the body",
            "smartocto, Marfeel",
            "scroll_known",
        ),
        Metric(
            "read_depth",
            "Read depth",
            "share",
            Fold.MEDIAN,
            "read_depth",
            OF_VIEWS,
            "Median of how much was read: the smaller of time used and scroll reached.",
            "median of min(1, engaged ÷ (words ÷ wpm × 60), scroll depth)",
            "smartocto",
            "depth_known",
        ),
        Metric(
            "readers",
            "Daily readers",
            "readers",
            Fold.PEOPLE,
            "readers",
            OF_VIEWS,
            "Distinct visitors per local day with a page load; over several days the sum of daily readers.",
            "distinct visitors per day, summed over days",
            "Plausible (daily salt), Umami",
        ),
        Metric(
            "sessions",
            "Sessions",
            "sessions",
            Fold.PEOPLE,
            "sessions",
            OF_VIEWS,
            "Visits: events of one visitor no more than 30 minutes apart, at most 24 hours.",
            "sessions of the day of their first view",
            "Plausible, Matomo (30 min)",
        ),
        _share(
            "bounce_rate",
            "Left at once",
            "bounces",
            "bounce_known",
            "Measured sessions of one page load and under 10 engaged seconds, of those that entered here.",
            "Plausible, Matomo, with the reading exception",
            OF_VIEWS,
        ),
        _share(
            "exit_rate",
            "Exit rate",
            "exits",
            "closed_views",
            "Views that ended their session, of the views in closed sessions.",
            "Matomo",
        ),
        _share(
            "recirculation",
            "Recirculation",
            "recirculated",
            "fresh_views",
            "Fresh article views that were followed by another article in the session.",
            "Chartbeat",
        ),
        _share(
            "recirculation_any",
            "Recirculation, any page",
            "recirculated_any",
            "fresh_views",
            "Fresh article views that were followed by any other page in the session.",
        ),
        Metric(
            "comments",
            "Comments",
            "comments",
            Fold.SUM,
            "comments",
            OF_ARTICLES,
            "Comments that are published now, in the hour in which they were written.",
            "count of comments now published",
            "own",
        ),
        Metric(
            "comments_created",
            "Comments written",
            "comments",
            Fold.SUM,
            "comments_created",
            OF_ARTICLES,
            "All comments, whatever became of them.",
            "count of comments",
            "own",
        ),
        Metric(
            "comments_pending",
            "Comments waiting",
            "comments",
            Fold.INSTANT,
            "comments_pending",
            OF_ARTICLES,
            "Comments that wait for a decision now.",
            "count of comments still pending",
            "own",
        ),
        _share(
            "rejection_rate",
            "Rejected",
            "comments_rejected",
            "comments_decided",
            "Rejected comments of those published or rejected.",
            "Coral (÷ all)",
            OF_ARTICLES,
        ),
        _share(
            "spam_share",
            "Spam",
            "comments_spam",
            "comments_created",
            "Comments marked as spam, of all written.",
            "own",
            OF_ARTICLES,
        ),
        Metric(
            "comment_rate",
            "Comments per 1,000 reads",
            "per_1000",
            Fold.RATIO,
            "comments",
            OF_ARTICLES,
            "Published comments per thousand reads of the same articles in the same period.",
            "1000 × comments ÷ reads",
            "own",
            "reads",
            1000,
            "poisson",
        ),
        Metric(
            "comments_per_1000_views",
            "Comments per 1,000 views",
            "per_1000",
            Fold.RATIO,
            "comments",
            OF_ARTICLES,
            "For sources that cannot tell reads.",
            "1000 × comments ÷ views",
            "own",
            "views",
            1000,
            "poisson",
        ),
        Metric(
            "commenters",
            "Commenters",
            "people",
            Fold.DISTINCT,
            "commenter",
            OF_ARTICLES,
            "People with a published comment, counted once over the whole period.",
            "distinct commenters with a published comment",
            "own",
        ),
        Metric(
            "moderation_lag",
            "Moderation lag",
            "min",
            Fold.MEDIAN,
            "lag_min",
            OF_ARTICLES,
            "Median minutes from writing to the first decision by a person, in the period of the decision.",
            "median of first decision − created",
            "own",
            "comments_decided",
        ),
        Metric(
            "moderation_lag_p90",
            "Moderation lag, p90",
            "min",
            Fold.P90,
            "lag_min",
            OF_ARTICLES,
            "Nine of ten decisions by people were faster.",
            "90th percentile of first decision − created",
            "own",
            "comments_decided",
        ),
        _share(
            "at_limit_share",
            "At the length limit",
            "at_limit",
            "length_known",
            "Comments of at least 95 % of the permitted length.",
            "own",
            OF_ARTICLES,
        ),
        _share(
            "reply_share",
            "Replies",
            "replies",
            "comments",
            "Published comments that answer another comment.",
            "own",
            OF_ARTICLES,
        ),
        _share(
            "limit_hit_share",
            "Boxes at the limit",
            "boxes_at_limit",
            "boxes_opened",
            "Comment boxes in which the limit was reached, of those opened.",
            "own",
            OF_ARTICLES,
        ),
        _share(
            "warning_abandon",
            "Abandoned after the warning",
            "boxes_abandoned",
            "boxes_warned",
            "Comment boxes that showed the warning and sent nothing.",
            "own",
            OF_ARTICLES,
        ),
        Metric(
            "published",
            "Published",
            "articles",
            Fold.DISTINCT,
            "published_at",
            OF_ARTICLES,
            "Articles first published in the period.",
            "sum of credit weights of articles published in the period",
            "own",
        ),
        Metric(
            "score",
            "Score",
            "score",
            Fold.STANDING,
            "",
            OF_ARTICLES,
            "Where an article's reads stand among those of articles of its section and age: 50 is typical, "
            "100 above all. Of several articles published in the period, the median of their scores.",
            "round(100 × (articles below + 0.5 × articles equal) ÷ n), half up",
            "own; NewsLynx percentiles",
            few=FEW_SET,
        ),
        Metric(
            "vs_expected",
            "Against expectation",
            "ratio",
            Fold.STANDING,
            "",
            ("article",),
            "An article's reads divided by the median of articles of its section when they were as old. "
            "Above and below are said by their range from p10 to p90, never by the ratio.",
            "reads at the last full step of the age ÷ expected p50 there",
            "own",
            few=FEW_SET,
        ),
        Metric(
            "hit_rate",
            "Above expectation",
            "share",
            Fold.STANDING,
            "",
            ("author", "topic", "section"),
            "Part of the articles published in the period that had more reads after 7 days than the median "
            "of articles of their section at that age.",
            "articles above expected p50 at 7 days ÷ articles with an expectation at 7 days",
            "own",
            interval="wilson",
        ),
    )
}

# What stands beside numbers and is asked for on its own (queries/expected.py, effects.py, live.py).
NOTIONS: dict[str, Metric] = {
    metric.id: metric
    for metric in (
        Metric(
            "expected",
            "Expected",
            "reads",
            Fold.STANDING,
            "reads",
            (),
            "What articles of the same section, published in the last 90 days, had gathered when they "
            "were as old: median, and the range of the middle 80 of 100. Fewer than 20: the whole site.",
            "p10, p50 and p90 of cumulative reads at the same age, itself left out; steps of 15 min "
            "up to 48 h, 1 h up to 7 d, then 1 d",
            "own",
            few=FEW_SET,
        ),
        Metric(
            "projection",
            "Projection to 7 days",
            "reads",
            Fold.STANDING,
            "reads",
            (),
            "What an article comes to in its first 7 days if it goes on as articles of its section did; "
            "8 of 10 end inside the interval.",
            "reads so far × median of (reads at 7 days ÷ reads at this age); interval by its p10 and p90",
            "own",
            few=FEW_SET,
        ),
        Metric(
            "velocity",
            "Velocity",
            "ratio",
            Fold.STANDING,
            "fresh_views",
            (),
            "How fast an article gains or loses readers just now: ▲ from 1.5, ▼ up to 0.67, with at least 30 "
            "fresh views in the half hour.",
            "fresh views of the last 15 min ÷ of the 15 min before",
            "own",
        ),
        Metric(
            "title_effect",
            "Effect of a change",
            "ratio",
            Fold.STANDING,
            "fresh_views",
            (),
            "What a new title or a move to the lead did to fresh views within the hour, beyond what articles "
            "of that age do anyway. An effect is called only where its interval leaves 1 out.",
            "(fresh views 60 min after ÷ 60 min before) ÷ the same ratio of expected; interval "
            "exp(ln r ± 1.96 √(1 ÷ after + 1 ÷ before + variance between articles of that age))",
            "own",
            "fresh_views",
        ),
    )
}


def metric(name: str) -> Metric:
    """Look up a metric by its identifier.

    Raises:
        UnknownMetricError: There is none; the hint names the nearest.
    """
    found = METRICS.get(name)
    if found is None:
        raise UnknownMetricError(_("There is no metric {name!r}.", name=name), did_you_mean(name, METRICS))
    return found


def dimension(name: str) -> Dimension:
    """Look up a dimension by its identifier.

    Raises:
        UnknownDimensionError: There is none; the hint names the nearest.
    """
    found = DIMENSIONS.get(name)
    if found is None:
        raise UnknownDimensionError(
            _("There is no dimension {name!r}.", name=name), did_you_mean(name, DIMENSIONS)
        )
    return found


def splittable(metric_: Metric, dimension_: Dimension) -> None:
    """Refuse a split that the metric does not have.

    Raises:
        UnknownDimensionError: The metric cannot be counted by that dimension.
    """
    if dimension_.id not in metric_.dimensions:
        raise UnknownDimensionError(
            _(
                "{label} cannot be split by {dimension}.",
                label=metric_.label,
                dimension=inside(dimension_.label),
            ),
            _("It can be split by {words}.", words=", ".join(metric_.dimensions)),
        )


def bases_of(facts: str) -> list[Base]:
    """List the bases counted over one table of facts, in the order of their rollup columns."""
    return [base for base in BASES.values() if base.facts == facts]
