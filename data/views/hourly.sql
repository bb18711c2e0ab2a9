CREATE VIEW hourly AS
WITH counted AS (
    SELECT * EXCLUDE (readers, sessions, bounces, bounce_known) FROM stored.site_minutes
    UNION ALL BY NAME FROM comments_created
    UNION ALL BY NAME FROM comment_boxes),
summed AS (
    SELECT site_id, day_local, hour_at, {sums view_facts}, {sums comment_facts}, {sums box_facts}
    FROM counted GROUP BY site_id, day_local, hour_at)
SELECT f.site_id, f.day_local, f.hour_at, timezone(s.zone, timezone('UTC', f.hour_at)) AS hour_local,
    {columns view_facts}, {columns comment_facts}, {columns box_facts}, {rates view_facts comment_facts box_facts}
FROM summed AS f JOIN stored.sites AS s USING (site_id);
COMMENT ON VIEW hourly IS 'One row per site and local hour in which anything happened: counts and rates.';
COMMENT ON COLUMN hourly.day_local IS 'Local day.';
COMMENT ON COLUMN hourly.hour_at IS 'UTC instant at which the local hour began.';
COMMENT ON COLUMN hourly.hour_local IS 'The same in the zone of the site; in autumn two hours bear one name.';
