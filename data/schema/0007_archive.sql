-- Which files of the archive are older than the store: written with the rows, cleared once the file stands.

CREATE TABLE archive_marks (
    of_table VARCHAR NOT NULL,
    begins TIMESTAMP NOT NULL,
    gen BIGINT NOT NULL
);
COMMENT ON TABLE archive_marks IS 'Parts of the archive that are older than the store and will be written anew.';
COMMENT ON COLUMN archive_marks.of_table IS 'Table whose rows changed.';
COMMENT ON COLUMN archive_marks.begins IS 'UTC hour of the events, or local day of the facts.';
COMMENT ON COLUMN archive_marks.gen IS 'Change that made the mark; a write of the part clears the marks it has seen.';

CREATE TABLE archive_state (
    stamp VARCHAR NOT NULL
);
COMMENT ON TABLE archive_state IS 'Which archive this store was last written to; an archive with another stamp is written anew.';
COMMENT ON COLUMN archive_state.stamp IS 'Made anew with every write of the archive.';
