CREATE VIEW topics AS
WITH filed AS (
    SELECT b.site_id, b.topic_id, count(*) AS article_count, min(a.published_at) AS first_published_at,
        max(a.published_at) AS last_published_at
    FROM stored.article_topics AS b JOIN stored.articles AS a USING (site_id, article_id) GROUP BY ALL)
SELECT f.*, coalesce(article_count, 0) AS article_count, first_published_at, last_published_at
FROM stored.topics AS f LEFT JOIN filed USING (site_id, topic_id);
COMMENT ON VIEW topics IS 'One row per topic.';
COMMENT ON COLUMN topics.article_count IS 'Articles about it.';
COMMENT ON COLUMN topics.first_published_at IS 'Publication of the first of them, UTC.';
COMMENT ON COLUMN topics.last_published_at IS 'Publication of the latest of them, UTC.';
