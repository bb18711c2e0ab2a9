-- Sums that a screen needs again and again, kept small: a question of 28 days reads some rows a day, however many
-- views there were.

DROP TABLE reader_days;

CREATE TABLE dimension_days (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    dimension VARCHAR NOT NULL,
    value VARCHAR,
    readers BIGINT NOT NULL,
    sessions BIGINT NOT NULL,
    bounces BIGINT NOT NULL,
    bounce_known BIGINT NOT NULL,
    page_loads BIGINT NOT NULL,
    views BIGINT NOT NULL,
    repeat_views BIGINT NOT NULL,
    fresh_views BIGINT NOT NULL,
    signal_views BIGINT NOT NULL,
    no_signal_views BIGINT NOT NULL,
    no_beacon_views BIGINT NOT NULL,
    engaged BIGINT NOT NULL,
    reads BIGINT NOT NULL,
    read_known BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    depth_known BIGINT NOT NULL,
    scroll_known BIGINT NOT NULL,
    exits BIGINT NOT NULL,
    closed_views BIGINT NOT NULL,
    recirculated BIGINT NOT NULL,
    recirculated_any BIGINT NOT NULL
);
COMMENT ON TABLE dimension_days IS 'Views summed and people recounted, by day and value of one dimension: never add over rows of one day.';
COMMENT ON COLUMN dimension_days.site_id IS 'Site.';
COMMENT ON COLUMN dimension_days.day_local IS 'Local day.';
COMMENT ON COLUMN dimension_days.dimension IS 'site, section, article, author, topic, channel, source, device, country, author_first or topic_first.';
COMMENT ON COLUMN dimension_days.value IS 'Id within the dimension; null is none or unknown.';
COMMENT ON COLUMN dimension_days.readers IS 'Distinct visitors of the local day.';
COMMENT ON COLUMN dimension_days.sessions IS 'Sessions of the day of their first view.';
COMMENT ON COLUMN dimension_days.bounces IS 'Entries that left at once.';
COMMENT ON COLUMN dimension_days.bounce_known IS 'Closed, fully measured sessions that entered here.';
COMMENT ON COLUMN dimension_days.page_loads IS 'Loads of any page.';
COMMENT ON COLUMN dimension_days.views IS 'Loads of article pages.';
COMMENT ON COLUMN dimension_days.repeat_views IS 'Views again in the same session.';
COMMENT ON COLUMN dimension_days.fresh_views IS 'Views that are no repeat.';
COMMENT ON COLUMN dimension_days.signal_views IS 'Views whose source can tell reading time.';
COMMENT ON COLUMN dimension_days.no_signal_views IS 'Views whose source cannot tell.';
COMMENT ON COLUMN dimension_days.no_beacon_views IS 'Measured views without any beacon.';
COMMENT ON COLUMN dimension_days.engaged IS 'Engaged seconds.';
COMMENT ON COLUMN dimension_days.reads IS 'Views that are reads.';
COMMENT ON COLUMN dimension_days.read_known IS 'Views of which we know whether they are reads.';
COMMENT ON COLUMN dimension_days.finished IS 'Reads to the end.';
COMMENT ON COLUMN dimension_days.depth_known IS 'Views with a read depth.';
COMMENT ON COLUMN dimension_days.scroll_known IS 'Views with body scroll.';
COMMENT ON COLUMN dimension_days.exits IS 'Views that end a closed session.';
COMMENT ON COLUMN dimension_days.closed_views IS 'Views in closed sessions.';
COMMENT ON COLUMN dimension_days.recirculated IS 'Fresh views followed by another article.';
COMMENT ON COLUMN dimension_days.recirculated_any IS 'Fresh views followed by another page.';

CREATE TABLE site_minutes (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    hour_at TIMESTAMP NOT NULL,
    minute_at TIMESTAMP NOT NULL,
    readers BIGINT NOT NULL,
    sessions BIGINT NOT NULL,
    bounces BIGINT NOT NULL,
    bounce_known BIGINT NOT NULL,
    page_loads BIGINT NOT NULL,
    views BIGINT NOT NULL,
    repeat_views BIGINT NOT NULL,
    fresh_views BIGINT NOT NULL,
    signal_views BIGINT NOT NULL,
    no_signal_views BIGINT NOT NULL,
    no_beacon_views BIGINT NOT NULL,
    engaged BIGINT NOT NULL,
    reads BIGINT NOT NULL,
    read_known BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    depth_known BIGINT NOT NULL,
    scroll_known BIGINT NOT NULL,
    exits BIGINT NOT NULL,
    closed_views BIGINT NOT NULL,
    recirculated BIGINT NOT NULL,
    recirculated_any BIGINT NOT NULL
);
COMMENT ON TABLE site_minutes IS 'The whole site by minute: a day cut at any time of day is a sum of its minutes.';
COMMENT ON COLUMN site_minutes.site_id IS 'Site.';
COMMENT ON COLUMN site_minutes.day_local IS 'Local day.';
COMMENT ON COLUMN site_minutes.hour_at IS 'UTC instant at which the local hour began.';
COMMENT ON COLUMN site_minutes.minute_at IS 'UTC instant at which the minute began.';
COMMENT ON COLUMN site_minutes.readers IS 'Visitors whose first load of the local day falls in the minute.';
COMMENT ON COLUMN site_minutes.sessions IS 'Sessions whose first view falls in the minute.';
COMMENT ON COLUMN site_minutes.bounces IS 'Entries that left at once.';
COMMENT ON COLUMN site_minutes.bounce_known IS 'Closed, fully measured sessions that entered here.';
COMMENT ON COLUMN site_minutes.page_loads IS 'Loads of any page.';
COMMENT ON COLUMN site_minutes.views IS 'Loads of article pages.';
COMMENT ON COLUMN site_minutes.repeat_views IS 'Views again in the same session.';
COMMENT ON COLUMN site_minutes.fresh_views IS 'Views that are no repeat.';
COMMENT ON COLUMN site_minutes.signal_views IS 'Views whose source can tell reading time.';
COMMENT ON COLUMN site_minutes.no_signal_views IS 'Views whose source cannot tell.';
COMMENT ON COLUMN site_minutes.no_beacon_views IS 'Measured views without any beacon.';
COMMENT ON COLUMN site_minutes.engaged IS 'Engaged seconds.';
COMMENT ON COLUMN site_minutes.reads IS 'Views that are reads.';
COMMENT ON COLUMN site_minutes.read_known IS 'Views of which we know whether they are reads.';
COMMENT ON COLUMN site_minutes.finished IS 'Reads to the end.';
COMMENT ON COLUMN site_minutes.depth_known IS 'Views with a read depth.';
COMMENT ON COLUMN site_minutes.scroll_known IS 'Views with body scroll.';
COMMENT ON COLUMN site_minutes.exits IS 'Views that end a closed session.';
COMMENT ON COLUMN site_minutes.closed_views IS 'Views in closed sessions.';
COMMENT ON COLUMN site_minutes.recirculated IS 'Fresh views followed by another article.';
COMMENT ON COLUMN site_minutes.recirculated_any IS 'Fresh views followed by another page.';

INSERT INTO dirty_hours
SELECT r.site_id, timezone('UTC', timezone(s.zone, r.day_local::TIMESTAMP)), r.day_local, 0
FROM rolled_days AS r JOIN sites AS s USING (site_id);
