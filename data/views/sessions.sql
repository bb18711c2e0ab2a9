CREATE VIEW sessions AS
SELECT f.*, timezone(s.zone, timezone('UTC', f.first_view_at)) AS first_view_local,
    epoch(f.last_at - f.first_view_at)::BIGINT AS lasted_s
FROM stored.sessions AS f JOIN stored.sites AS s USING (site_id);
COMMENT ON VIEW sessions IS 'One row per session, on the day of its first view: count(*) is the metric sessions.';
COMMENT ON COLUMN sessions.first_view_local IS 'First page load, in the zone of the site.';
COMMENT ON COLUMN sessions.lasted_s IS 'Seconds from its first page load to its last event.';
