-- Who of the newsroom itself writes comments: without them no lift of staff replies can be told.

CREATE TABLE staff_commenters (
    site_id VARCHAR NOT NULL,
    commenter UBIGINT NOT NULL
);
COMMENT ON TABLE staff_commenters IS 'Keyed hashes of the accounts that staff_commenters in tearsheet.toml names.';
COMMENT ON COLUMN staff_commenters.site_id IS 'Site.';
COMMENT ON COLUMN staff_commenters.commenter IS 'Keyed hash of the writer, as in comment_facts.';
