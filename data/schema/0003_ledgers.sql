-- What the loader and the jobs remember: positions, repeats, rejects, and what must be recounted.

CREATE SEQUENCE load_gen START 1;

CREATE TABLE spool_offset (
    file VARCHAR NOT NULL,
    seq BIGINT NOT NULL
);
COMMENT ON TABLE spool_offset IS 'How far each file of events has been loaded; written in the transaction of its rows.';
COMMENT ON COLUMN spool_offset.file IS 'Name of the file; never used twice.';
COMMENT ON COLUMN spool_offset.seq IS 'Last sequence number loaded.';

CREATE TABLE imports (
    site_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    rows_read BIGINT NOT NULL,
    rows_loaded BIGINT NOT NULL,
    rows_repeated BIGINT NOT NULL,
    rows_dropped BIGINT NOT NULL,
    rows_rejected BIGINT NOT NULL,
    loaded_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE imports IS 'Ledger of imported files: rows_read = loaded + repeated + dropped + rejected.';
COMMENT ON COLUMN imports.site_id IS 'Site that the rows went to.';
COMMENT ON COLUMN imports.source IS 'Name of the source in the mapping.';
COMMENT ON COLUMN imports.sha256 IS 'Hash of the content of the file.';
COMMENT ON COLUMN imports.file IS 'Name of the file without its folder.';
COMMENT ON COLUMN imports.rows_read IS 'Rows in the file.';
COMMENT ON COLUMN imports.rows_loaded IS 'Rows that are new.';
COMMENT ON COLUMN imports.rows_repeated IS 'Rows that were there already.';
COMMENT ON COLUMN imports.rows_dropped IS 'Rows left out by rule.';
COMMENT ON COLUMN imports.rows_rejected IS 'Rows that could not be read.';
COMMENT ON COLUMN imports.loaded_at IS 'When, UTC.';

CREATE TABLE bad_events (
    site_id VARCHAR,
    source VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    line BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE bad_events IS 'What could not be read: place and reason, never the text.';
COMMENT ON COLUMN bad_events.site_id IS 'Site, where it was known.';
COMMENT ON COLUMN bad_events.source IS 'Format or import name.';
COMMENT ON COLUMN bad_events.file IS 'File that held it.';
COMMENT ON COLUMN bad_events.line IS 'Line, row or sequence number, from 1.';
COMMENT ON COLUMN bad_events.reason IS 'Why it was refused, of a closed set.';
COMMENT ON COLUMN bad_events.hash IS 'Keyed hash of the line.';
COMMENT ON COLUMN bad_events.seen_at IS 'When, UTC.';

CREATE TABLE dirty_hours (
    site_id VARCHAR NOT NULL,
    hour_at TIMESTAMP NOT NULL,
    day_local DATE NOT NULL,
    gen BIGINT NOT NULL
);
COMMENT ON TABLE dirty_hours IS 'Hours whose events or catalogue changed since their day was last recounted.';
COMMENT ON COLUMN dirty_hours.site_id IS 'Site of the hour.';
COMMENT ON COLUMN dirty_hours.hour_at IS 'UTC instant at which the local hour began.';
COMMENT ON COLUMN dirty_hours.day_local IS 'Local day of the hour.';
COMMENT ON COLUMN dirty_hours.gen IS 'Load that changed it; a recount clears the marks it has seen.';

CREATE TABLE rolled_days (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    version BIGINT NOT NULL,
    rolled_at TIMESTAMP NOT NULL,
    open_until TIMESTAMP,
    continued VARCHAR NOT NULL
);
COMMENT ON TABLE rolled_days IS 'When each local day was last recounted, and by which definition.';
COMMENT ON COLUMN rolled_days.site_id IS 'Site of the day.';
COMMENT ON COLUMN rolled_days.day_local IS 'The local day.';
COMMENT ON COLUMN rolled_days.version IS 'Version of the definitions used.';
COMMENT ON COLUMN rolled_days.rolled_at IS 'When, UTC.';
COMMENT ON COLUMN rolled_days.open_until IS 'When its last open session closes and the day must be recounted once more; null when all are closed.';
COMMENT ON COLUMN rolled_days.continued IS 'Digest of how its sessions went on after midnight; another one recounts the day.';
