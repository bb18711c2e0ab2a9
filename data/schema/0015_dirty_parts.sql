-- Who changed in a dirty day: where that is known of every mark, only these visitors are recounted.

CREATE TABLE dirty_parts (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    part VARCHAR NOT NULL,
    visitor UBIGINT,
    view_id VARCHAR,
    gen BIGINT NOT NULL
);
COMMENT ON TABLE dirty_parts IS 'Who changed in a dirty day; a mark of dirty_hours whose load left no row here asks for the whole day.';
COMMENT ON COLUMN dirty_parts.site_id IS 'Site of the day.';
COMMENT ON COLUMN dirty_parts.day_local IS 'The local day.';
COMMENT ON COLUMN dirty_parts.part IS 'visitor, view (of nobody known), comments, boxes, or none.';
COMMENT ON COLUMN dirty_parts.visitor IS 'Visitor whose facts of the day change.';
COMMENT ON COLUMN dirty_parts.view_id IS 'View without a visitor whose facts change.';
COMMENT ON COLUMN dirty_parts.gen IS 'Load that changed it, as in dirty_hours.';

ALTER TABLE rolled_days ADD COLUMN whole_at TIMESTAMP;
COMMENT ON COLUMN rolled_days.whole_at IS 'When the day was last counted whole; a recount of the visitors who changed leaves it.';
COMMENT ON COLUMN rolled_days.continued IS 'Digest of how its sessions went on after midnight; another one recounts the day, and ? is not known.';
