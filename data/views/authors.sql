CREATE VIEW authors AS
WITH written AS (
    SELECT b.site_id, b.author_id, count(*) AS article_count, min(a.published_at) AS first_published_at,
        max(a.published_at) AS last_published_at
    FROM stored.article_authors AS b JOIN stored.articles AS a USING (site_id, article_id) GROUP BY ALL)
SELECT f.*, coalesce(article_count, 0) AS article_count, first_published_at, last_published_at
FROM stored.authors AS f LEFT JOIN written USING (site_id, author_id);
COMMENT ON VIEW authors IS 'One row per person in a byline.';
COMMENT ON COLUMN authors.article_count IS 'Articles under the name.';
COMMENT ON COLUMN authors.first_published_at IS 'Publication of the first of them, UTC.';
COMMENT ON COLUMN authors.last_published_at IS 'Publication of the latest of them, UTC.';
