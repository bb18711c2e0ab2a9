"""Twelve queries that work on every home, one for each page of this program that answers a question."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A query to start from."""

    name: str
    text: str


EXAMPLES = (
    Example(
        "Overview: views, reads and readers by day",
        """SELECT day_local AS day, views, reads, readers, read_rate
FROM daily
WHERE site_id = $site AND day_local BETWEEN $from AND $to
ORDER BY day""",
    ),
    Example(
        "Live: views by minute, the last two hours",
        """SELECT date_trunc('minute', event_at) AS minute, count(*) AS views
FROM views
WHERE site_id = $site
  AND event_at > (SELECT max(event_at) - INTERVAL 2 HOURS FROM views WHERE site_id = $site)
GROUP BY minute
ORDER BY minute""",
    ),
    Example(
        "Articles: the top 50 against the week before",
        """WITH days AS (
  SELECT article_id, day_local >= $from::DATE AS is_now, reads
  FROM daily_articles
  WHERE site_id = $site AND day_local BETWEEN $from::DATE - 7 AND $to::DATE
)
SELECT title, section, coalesce(sum(reads) FILTER (is_now), 0)::BIGINT AS reads,
  coalesce(sum(reads) FILTER (NOT is_now), 0)::BIGINT AS before
FROM days JOIN articles USING (article_id)
WHERE articles.site_id = $site
GROUP BY ALL
ORDER BY reads DESC
LIMIT 50""",
    ),
    Example(
        "Article: how far the readers of each story go",
        """SELECT title, count(*) AS views, round(100 * avg(is_read::INT), 1) AS read_rate_pct,
  round(100 * avg(is_finished::INT), 1) AS finish_rate_pct, median(engaged_s) AS engaged_median_s
FROM views JOIN articles USING (site_id, article_id)
WHERE site_id = $site AND is_measured AND day_local BETWEEN $from AND $to
GROUP BY ALL
HAVING count(*) >= 30
ORDER BY finish_rate_pct DESC
LIMIT 50""",
    ),
    Example(
        "Authors: pieces and reads",
        """SELECT author, count(DISTINCT article_id) AS pieces, sum(reads)::BIGINT AS reads,
  round(sum(reads) / count(DISTINCT article_id)) AS reads_a_piece
FROM daily_articles JOIN (SELECT site_id, article_id, unnest(authors) AS author FROM articles)
  USING (site_id, article_id)
WHERE site_id = $site AND day_local BETWEEN $from AND $to
GROUP BY author
ORDER BY reads DESC""",
    ),
    Example(
        "Topics: what is produced against what is read",
        """SELECT section, count(DISTINCT article_id) AS pieces, sum(reads)::BIGINT AS reads,
  round(100 * sum(reads) / sum(sum(reads)) OVER (), 1) AS read_share_pct
FROM daily_articles JOIN articles USING (site_id, article_id)
WHERE site_id = $site AND day_local BETWEEN $from AND $to
GROUP BY section
ORDER BY reads DESC""",
    ),
    Example(
        "Comments: how long they wait",
        """SELECT day_local AS day, count(*) AS comments, round(median(lag_min), 1) AS wait_median_min,
  round(quantile_cont(lag_min, 0.9), 1) AS wait_p90_min
FROM comments_created
WHERE site_id = $site AND is_decided AND day_local BETWEEN $from AND $to
GROUP BY day
ORDER BY day""",
    ),
    Example(
        "Audience: channels by day",
        """SELECT day_local AS day, channel, count(*) AS views
FROM views
WHERE site_id = $site AND day_local BETWEEN $from AND $to
GROUP BY ALL
ORDER BY day, channel""",
    ),
    Example(
        "Time: reads by weekday and hour",
        """SELECT isodow(hour_local) AS weekday, hour(hour_local) AS hour, sum(reads)::BIGINT AS reads
FROM hourly
WHERE site_id = $site AND day_local BETWEEN $from AND $to
GROUP BY ALL
ORDER BY ALL""",
    ),
    Example(
        "Weekly review: sections, this week beside the last",
        """FROM (
  PIVOT (
    SELECT section, if(day_local > $to::DATE - 7, 'this_week', 'last_week') AS week, reads
    FROM daily_articles JOIN articles USING (site_id, article_id)
    WHERE site_id = $site AND day_local BETWEEN $to::DATE - 13 AND $to::DATE
  ) ON week IN ('last_week', 'this_week') USING sum(reads)::BIGINT
)
ORDER BY this_week DESC NULLS LAST""",
    ),
    Example(
        "Alerts: hours that brought less than half of the usual",
        """WITH known AS (
  SELECT hour_local, views,
    median(views) OVER (
      PARTITION BY isodow(hour_local), hour(hour_local)
      ORDER BY hour_local ROWS BETWEEN 8 PRECEDING AND 1 PRECEDING
    ) AS usual
  FROM hourly
  WHERE site_id = $site
)
SELECT hour_local, views, usual, round(views / usual, 2) AS of_usual
FROM known
WHERE usual >= 20 AND views < usual / 2 AND hour_local::DATE BETWEEN $from AND $to
ORDER BY hour_local""",
    ),
    Example(
        "Data health: what each column of the articles holds",
        """SELECT column_name, column_type, approx_unique, null_percentage
FROM (SUMMARIZE articles)""",
    ),
)
