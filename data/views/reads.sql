CREATE VIEW reads AS
SELECT f.* FROM page_loads AS f WHERE {when reads};
COMMENT ON VIEW reads IS 'One row per read: count(*) is the metric reads.';
COMMENT ON COLUMN reads.event_local IS 'When the page was loaded, in the zone of the site.';
