CREATE VIEW views AS
SELECT f.* FROM page_loads AS f WHERE {when views};
COMMENT ON VIEW views IS 'One row per view of an article: count(*) is the metric views.';
COMMENT ON COLUMN views.event_local IS 'When the page was loaded, in the zone of the site.';
