CREATE VIEW comments AS
SELECT f.* FROM comments_created AS f WHERE {when comments};
COMMENT ON VIEW comments IS 'One row per comment that is published now: count(*) is the metric comments.';
COMMENT ON COLUMN comments.created_local IS 'When it was written, in the zone of the site.';
