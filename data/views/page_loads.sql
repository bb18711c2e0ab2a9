CREATE VIEW page_loads AS
SELECT f.*, timezone(s.zone, timezone('UTC', f.event_at)) AS event_local, {bases view_facts}
FROM stored.view_facts AS f JOIN stored.sites AS s USING (site_id);
COMMENT ON VIEW page_loads IS 'One row per load of any page; the columns to add up are 1 where the load counts and 0 elsewhere.';
COMMENT ON COLUMN page_loads.event_local IS 'When the page was loaded, in the zone of the site.';
