-- The decision log: what the newsroom did, in its own words, so that its effect can be looked up.

CREATE TABLE notes (
    site_id VARCHAR NOT NULL,
    note_id VARCHAR NOT NULL,
    article_id VARCHAR,
    kind VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    done_at TIMESTAMP NOT NULL,
    who VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    removed_at TIMESTAMP
);
COMMENT ON TABLE notes IS 'Editorial notes: what was decided, when and by whom, on an article or the site (null); also those taken back.';
COMMENT ON COLUMN notes.site_id IS 'Site.';
COMMENT ON COLUMN notes.note_id IS 'The note.';
COMMENT ON COLUMN notes.article_id IS 'Article.';
COMMENT ON COLUMN notes.kind IS 'lead (moved to lead), push (push sent), title (headline changed) or other.';
COMMENT ON COLUMN notes.text IS 'What was done, in a line.';
COMMENT ON COLUMN notes.done_at IS 'When it was done, UTC.';
COMMENT ON COLUMN notes.who IS 'Name of the editor who wrote it.';
COMMENT ON COLUMN notes.created_at IS 'When it was written, UTC.';
COMMENT ON COLUMN notes.removed_at IS 'When it was taken back, UTC; null while it stands.';
