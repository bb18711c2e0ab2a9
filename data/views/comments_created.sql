CREATE VIEW comments_created AS
SELECT f.*, timezone(s.zone, timezone('UTC', f.created_at)) AS created_local, {bases comment_facts}
FROM stored.comment_facts AS f JOIN stored.sites AS s USING (site_id);
COMMENT ON VIEW comments_created IS 'One row per comment, whatever became of it; the columns to add up are 1 where it counts.';
COMMENT ON COLUMN comments_created.created_local IS 'When it was written, in the zone of the site.';
