CREATE VIEW articles AS
WITH written AS (
    SELECT b.site_id, b.article_id, list(b.author_id ORDER BY b.position) AS author_ids,
        list(coalesce(a.name, b.author_id) ORDER BY b.position) AS authors
    FROM stored.article_authors AS b LEFT JOIN stored.authors AS a USING (site_id, author_id) GROUP BY ALL),
filed AS (
    SELECT b.site_id, b.article_id, list(b.topic_id ORDER BY b.position) AS topic_ids,
        list(coalesce(t.name, b.topic_id) ORDER BY b.position) AS topics
    FROM stored.article_topics AS b LEFT JOIN stored.topics AS t USING (site_id, topic_id) GROUP BY ALL)
SELECT f.*, timezone(s.zone, timezone('UTC', f.published_at)) AS published_local,
    timezone(s.zone, timezone('UTC', f.published_at))::DATE AS published_day, authors, author_ids, topics, topic_ids
FROM stored.articles AS f JOIN stored.sites AS s USING (site_id)
LEFT JOIN written USING (site_id, article_id) LEFT JOIN filed USING (site_id, article_id);
COMMENT ON VIEW articles IS 'One row per article with its byline and topics, also of those that only their readers told us of.';
COMMENT ON COLUMN articles.published_local IS 'First publication, in the zone of the site.';
COMMENT ON COLUMN articles.published_day IS 'Local day of the first publication.';
COMMENT ON COLUMN articles.authors IS 'Names in the order of the byline; null without an author.';
COMMENT ON COLUMN articles.author_ids IS 'Their ids, in the same order.';
COMMENT ON COLUMN articles.topics IS 'Names of the topics in the order given; null without a topic.';
COMMENT ON COLUMN articles.topic_ids IS 'Their ids, in the same order.';
