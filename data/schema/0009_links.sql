-- The link over midnight goes two days later; what a session over midnight needs of it stays here.

CREATE TABLE session_links (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    visitor UBIGINT NOT NULL,
    visitor_prev UBIGINT NOT NULL,
    last_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE session_links IS 'Visitors of sealed days who were there on both sides of midnight: their sessions say so, too.';
COMMENT ON COLUMN session_links.site_id IS 'Site.';
COMMENT ON COLUMN session_links.day_local IS 'Local day that begins.';
COMMENT ON COLUMN session_links.visitor IS 'Visitor under the key of that day.';
COMMENT ON COLUMN session_links.visitor_prev IS 'The same visitor under the key of the day before.';
COMMENT ON COLUMN session_links.last_at IS 'Last event that bore the link, UTC.';

ALTER TABLE rolled_days ADD COLUMN sealed_at TIMESTAMP;
COMMENT ON COLUMN rolled_days.sealed_at IS 'When its links to the day before were cleared, UTC; null before, and after a recount.';
