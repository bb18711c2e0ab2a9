CREATE VIEW daily_articles AS
WITH counted AS (
    SELECT value AS article_id, * EXCLUDE (value) FROM stored.dimension_days WHERE dimension = 'article'
    UNION ALL BY NAME FROM comments_created WHERE article_id IS NOT NULL
    UNION ALL BY NAME FROM comment_boxes WHERE article_id IS NOT NULL),
summed AS (
    SELECT site_id, day_local, article_id, {sums dimension_days}, {sums view_facts}, {sums comment_facts},
        {sums box_facts}
    FROM counted GROUP BY site_id, day_local, article_id)
SELECT f.site_id, f.day_local, f.article_id, {columns dimension_days}, {columns view_facts},
    {columns comment_facts}, {columns box_facts}, {rates dimension_days view_facts comment_facts box_facts}
FROM summed AS f;
COMMENT ON VIEW daily_articles IS 'One row per article and local day: counts and rates. Readers and sessions are the article''s own: never add them over articles.';
COMMENT ON COLUMN daily_articles.day_local IS 'Local day.';
COMMENT ON COLUMN daily_articles.article_id IS 'The article.';
COMMENT ON COLUMN daily_articles.sessions IS 'Sessions with a view of the article.';
