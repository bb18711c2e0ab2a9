-- What a rule kept out of the counts, as the event that it would have been: to look at, and to take back.

CREATE TABLE dropped_hits (
    site_id VARCHAR NOT NULL,
    event_id UUID NOT NULL,
    received_at TIMESTAMP NOT NULL,
    day_local DATE NOT NULL,
    of_table VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    rule VARCHAR,
    event JSON NOT NULL
);
COMMENT ON TABLE dropped_hits IS 'Events that a rule kept out, for 30 days: totals with and without a rule, and the way back.';
COMMENT ON COLUMN dropped_hits.site_id IS 'Site of the event.';
COMMENT ON COLUMN dropped_hits.event_id IS 'Id of the event.';
COMMENT ON COLUMN dropped_hits.received_at IS 'When it reached us, UTC.';
COMMENT ON COLUMN dropped_hits.day_local IS 'Local day of the event.';
COMMENT ON COLUMN dropped_hits.of_table IS 'Table that it would have gone to.';
COMMENT ON COLUMN dropped_hits.reason IS 'Why it does not count, of a closed set: bot, staff, prefetch and so on.';
COMMENT ON COLUMN dropped_hits.rule IS 'The rule within the reason, where it has several.';
COMMENT ON COLUMN dropped_hits.event IS 'The event as it would have been; nothing personal is in it.';
