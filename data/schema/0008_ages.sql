-- What an article gathered at each age: compared with others at the same age (docs/decisions/0010).

CREATE TABLE article_ages (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    article_id VARCHAR NOT NULL,
    step SMALLINT NOT NULL,
    views BIGINT NOT NULL,
    fresh_views BIGINT NOT NULL,
    reads BIGINT NOT NULL,
    read_known BIGINT NOT NULL,
    engaged BIGINT NOT NULL
);
COMMENT ON TABLE article_ages IS 'Views by day, article and step of its age, up to 90 days: the sum of all steps up to an age is what it had gathered by then.';
COMMENT ON COLUMN article_ages.site_id IS 'Site.';
COMMENT ON COLUMN article_ages.day_local IS 'Local day.';
COMMENT ON COLUMN article_ages.article_id IS 'Article.';
COMMENT ON COLUMN article_ages.step IS 'Step of its age, from 1: of 15 min up to 192 (48 h), of 1 h up to 312 (7 days), then of 1 day.';
COMMENT ON COLUMN article_ages.views IS 'Loads of article pages.';
COMMENT ON COLUMN article_ages.fresh_views IS 'Views that are no repeat.';
COMMENT ON COLUMN article_ages.reads IS 'Views that are reads.';
COMMENT ON COLUMN article_ages.read_known IS 'Views of which we know whether they are reads.';
COMMENT ON COLUMN article_ages.engaged IS 'Engaged seconds.';

INSERT INTO dirty_hours
SELECT r.site_id, timezone('UTC', timezone(s.zone, r.day_local::TIMESTAMP)), r.day_local, 0
FROM rolled_days AS r JOIN sites AS s USING (site_id);
