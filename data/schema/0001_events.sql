-- Events are append-only and stay in arrival order, so that zone maps make every recent question cheap.
-- No primary keys: the one writer drops repeats by an anti-join (docs/decisions/0001-one-owner-process.md).

CREATE TABLE sites (
    site_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    zone VARCHAR NOT NULL,
    hosts VARCHAR[] NOT NULL
);
COMMENT ON TABLE sites IS 'The newsrooms of this home, read from tearsheet.toml at every start.';
COMMENT ON COLUMN sites.site_id IS 'Domain of the site; part of every key.';
COMMENT ON COLUMN sites.name IS 'Name of the newsroom as shown on screen.';
COMMENT ON COLUMN sites.zone IS 'IANA time zone that decides the days of this site.';
COMMENT ON COLUMN sites.hosts IS 'Hosts whose pages belong to the site.';

CREATE TABLE definitions (
    site_id VARCHAR NOT NULL,
    version BIGINT NOT NULL,
    from_day DATE NOT NULL,
    settings JSON NOT NULL
);
COMMENT ON TABLE definitions IS 'Settings of the formulas, versioned: a change opens a new version from a day on.';
COMMENT ON COLUMN definitions.site_id IS 'Site that the settings belong to.';
COMMENT ON COLUMN definitions.version IS 'Counts up from 1 within the site.';
COMMENT ON COLUMN definitions.from_day IS 'First local day on which this version holds.';
COMMENT ON COLUMN definitions.settings IS 'read_after_s, wpm, finished_at, session_gap_min, engaged_cap_s, require_acts, comment_limit.';

CREATE TABLE excluded_days (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    why VARCHAR NOT NULL
);
COMMENT ON TABLE excluded_days IS 'Days that no typical band may use: holidays, outages, stunts.';
COMMENT ON COLUMN excluded_days.site_id IS 'Site of the day.';
COMMENT ON COLUMN excluded_days.day_local IS 'The local day.';
COMMENT ON COLUMN excluded_days.why IS 'The reason, shown beside the band.';

CREATE TABLE collection_gaps (
    site_id VARCHAR NOT NULL,
    began TIMESTAMP NOT NULL,
    ended TIMESTAMP NOT NULL
);
COMMENT ON TABLE collection_gaps IS 'Stretches in which nothing could be collected: unknown, not 0.';
COMMENT ON COLUMN collection_gaps.site_id IS 'Site without collection.';
COMMENT ON COLUMN collection_gaps.began IS 'Begin, UTC.';
COMMENT ON COLUMN collection_gaps.ended IS 'End, UTC, not included.';

CREATE TABLE sources (
    site_id VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE sources IS 'From when to when each source of events was live; outside of all of them nothing is known.';
COMMENT ON COLUMN sources.site_id IS 'Site that the source feeds.';
COMMENT ON COLUMN sources.format IS 'Format of the events, or import:<name>.';
COMMENT ON COLUMN sources.kind IS 'views or comments: what the source can tell.';
COMMENT ON COLUMN sources.first_at IS 'Its first event, UTC.';
COMMENT ON COLUMN sources.last_at IS 'Its last event, UTC.';

CREATE TABLE page_views (
    site_id VARCHAR NOT NULL,
    event_id UUID NOT NULL,
    event_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    day_local DATE NOT NULL,
    url VARCHAR,
    article_id VARCHAR,
    visitor UBIGINT,
    visitor_prev UBIGINT,
    reader_id UBIGINT,
    session_given VARCHAR,
    device VARCHAR,
    browser VARCHAR,
    os VARCHAR,
    country VARCHAR,
    language VARCHAR,
    props JSON,
    format VARCHAR NOT NULL,
    view_id VARCHAR NOT NULL,
    title VARCHAR,
    referrer_host VARCHAR,
    referrer_path VARCHAR,
    utm_source VARCHAR,
    utm_medium VARCHAR,
    utm_campaign VARCHAR,
    utm_content VARCHAR,
    utm_term VARCHAR,
    channel VARCHAR,
    source VARCHAR,
    signal VARCHAR NOT NULL
);

CREATE TABLE engagements (
    site_id VARCHAR NOT NULL,
    event_id UUID NOT NULL,
    event_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    day_local DATE NOT NULL,
    url VARCHAR,
    article_id VARCHAR,
    visitor UBIGINT,
    visitor_prev UBIGINT,
    reader_id UBIGINT,
    session_given VARCHAR,
    device VARCHAR,
    browser VARCHAR,
    os VARCHAR,
    country VARCHAR,
    language VARCHAR,
    props JSON,
    format VARCHAR NOT NULL,
    view_id VARCHAR,
    engaged_ms BIGINT,
    engaged_mode VARCHAR NOT NULL,
    body_scroll_pct BIGINT,
    page_scroll_pct BIGINT,
    short_body BOOLEAN,
    acts BIGINT
);

CREATE TABLE comment_states (
    site_id VARCHAR NOT NULL,
    event_id UUID NOT NULL,
    event_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    day_local DATE NOT NULL,
    url VARCHAR,
    article_id VARCHAR,
    visitor UBIGINT,
    visitor_prev UBIGINT,
    reader_id UBIGINT,
    session_given VARCHAR,
    device VARCHAR,
    browser VARCHAR,
    os VARCHAR,
    country VARCHAR,
    language VARCHAR,
    props JSON,
    format VARCHAR NOT NULL,
    comment_id VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    state_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP,
    decided_by VARCHAR,
    parent_id VARCHAR,
    commenter UBIGINT,
    length BIGINT,
    length_limit BIGINT,
    text VARCHAR,
    likes BIGINT,
    dislikes BIGINT,
    origin VARCHAR
);

CREATE TABLE interactions (
    site_id VARCHAR NOT NULL,
    event_id UUID NOT NULL,
    event_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    day_local DATE NOT NULL,
    url VARCHAR,
    article_id VARCHAR,
    visitor UBIGINT,
    visitor_prev UBIGINT,
    reader_id UBIGINT,
    session_given VARCHAR,
    device VARCHAR,
    browser VARCHAR,
    os VARCHAR,
    country VARCHAR,
    language VARCHAR,
    props JSON,
    format VARCHAR NOT NULL,
    view_id VARCHAR,
    kind VARCHAR NOT NULL,
    name VARCHAR,
    revenue JSON
);

COMMENT ON TABLE page_views IS 'One row per load of a page.';
COMMENT ON COLUMN page_views.site_id IS 'Site of the event.';
COMMENT ON COLUMN page_views.event_id IS 'Id of the event, kept over retries; repeats within the dedup window count once.';
COMMENT ON COLUMN page_views.event_at IS 'When it happened, UTC.';
COMMENT ON COLUMN page_views.received_at IS 'When it reached us, UTC; imports carry their event time here.';
COMMENT ON COLUMN page_views.day_local IS 'Local day of event_at in the zone of the site.';
COMMENT ON COLUMN page_views.url IS 'Canonical address of the page.';
COMMENT ON COLUMN page_views.article_id IS 'Article as it came; aliases are resolved in the facts.';
COMMENT ON COLUMN page_views.visitor IS 'Keyed hash of the visitor, new every local day.';
COMMENT ON COLUMN page_views.visitor_prev IS 'The same visitor under the key of the day before; only in the first 30 minutes of a day.';
COMMENT ON COLUMN page_views.reader_id IS 'Keyed hash of a consented or logged-in reader.';
COMMENT ON COLUMN page_views.session_given IS 'Session id of the source; kept, not used.';
COMMENT ON COLUMN page_views.device IS 'phone, tablet, desktop or tv.';
COMMENT ON COLUMN page_views.browser IS 'Browser family and major version.';
COMMENT ON COLUMN page_views.os IS 'Family of the operating system.';
COMMENT ON COLUMN page_views.country IS 'ISO 3166-1 alpha-2 code.';
COMMENT ON COLUMN page_views.language IS 'First subtag of the language of the browser.';
COMMENT ON COLUMN page_views.props IS 'Further properties as JSON.';
COMMENT ON COLUMN page_views.format IS 'Format that the event came in, or import:<name>.';
COMMENT ON COLUMN page_views.view_id IS 'Id of the view; engagement refers to it.';
COMMENT ON COLUMN page_views.title IS 'Document title at the time.';
COMMENT ON COLUMN page_views.referrer_host IS 'Host of the referring page.';
COMMENT ON COLUMN page_views.referrer_path IS 'Path of the referring page.';
COMMENT ON COLUMN page_views.utm_source IS 'Campaign source.';
COMMENT ON COLUMN page_views.utm_medium IS 'Campaign medium.';
COMMENT ON COLUMN page_views.utm_campaign IS 'Campaign name.';
COMMENT ON COLUMN page_views.utm_content IS 'Campaign content.';
COMMENT ON COLUMN page_views.utm_term IS 'Campaign term.';
COMMENT ON COLUMN page_views.channel IS 'Way in: search, social, internal, direct and so on; null where the source cannot tell.';
COMMENT ON COLUMN page_views.source IS 'Named source within the channel.';
COMMENT ON COLUMN page_views.signal IS 'What the source can tell of reading: full, time or none.';

COMMENT ON TABLE engagements IS 'Signs of reading; folded per view.';
COMMENT ON COLUMN engagements.site_id IS 'Site of the event.';
COMMENT ON COLUMN engagements.event_id IS 'Id of the event, kept over retries; repeats within the dedup window count once.';
COMMENT ON COLUMN engagements.event_at IS 'When it happened, UTC.';
COMMENT ON COLUMN engagements.received_at IS 'When it reached us, UTC; imports carry their event time here.';
COMMENT ON COLUMN engagements.day_local IS 'Local day of event_at in the zone of the site.';
COMMENT ON COLUMN engagements.url IS 'Canonical address of the page.';
COMMENT ON COLUMN engagements.article_id IS 'Article as it came; aliases are resolved in the facts.';
COMMENT ON COLUMN engagements.visitor IS 'Keyed hash of the visitor, new every local day.';
COMMENT ON COLUMN engagements.visitor_prev IS 'The same visitor under the key of the day before; only in the first 30 minutes of a day.';
COMMENT ON COLUMN engagements.reader_id IS 'Keyed hash of a consented or logged-in reader.';
COMMENT ON COLUMN engagements.session_given IS 'Session id of the source; kept, not used.';
COMMENT ON COLUMN engagements.device IS 'phone, tablet, desktop or tv.';
COMMENT ON COLUMN engagements.browser IS 'Browser family and major version.';
COMMENT ON COLUMN engagements.os IS 'Family of the operating system.';
COMMENT ON COLUMN engagements.country IS 'ISO 3166-1 alpha-2 code.';
COMMENT ON COLUMN engagements.language IS 'First subtag of the language of the browser.';
COMMENT ON COLUMN engagements.props IS 'Further properties as JSON.';
COMMENT ON COLUMN engagements.format IS 'Format that the event came in, or import:<name>.';
COMMENT ON COLUMN engagements.view_id IS 'View that was read; null where the source has no view ids.';
COMMENT ON COLUMN engagements.engaged_ms IS 'Engaged milliseconds; null for pings.';
COMMENT ON COLUMN engagements.engaged_mode IS 'max: cumulative per view; sum: deltas; ping: a sign of life.';
COMMENT ON COLUMN engagements.body_scroll_pct IS 'Deepest visible edge of the article body, percent.';
COMMENT ON COLUMN engagements.page_scroll_pct IS 'Deepest visible edge of the page, percent.';
COMMENT ON COLUMN engagements.short_body IS 'The body is lower than the window.';
COMMENT ON COLUMN engagements.acts IS 'Scrolls, keys, pointer and touch acts so far in the view.';

COMMENT ON TABLE comment_states IS 'History of every comment; the latest state counts.';
COMMENT ON COLUMN comment_states.site_id IS 'Site of the event.';
COMMENT ON COLUMN comment_states.event_id IS 'Id of the event, kept over retries; repeats within the dedup window count once.';
COMMENT ON COLUMN comment_states.event_at IS 'When it happened, UTC.';
COMMENT ON COLUMN comment_states.received_at IS 'When it reached us, UTC; imports carry their event time here.';
COMMENT ON COLUMN comment_states.day_local IS 'Local day of event_at in the zone of the site.';
COMMENT ON COLUMN comment_states.url IS 'Canonical address of the page.';
COMMENT ON COLUMN comment_states.article_id IS 'Article as it came; aliases are resolved in the facts.';
COMMENT ON COLUMN comment_states.visitor IS 'Keyed hash of the visitor, new every local day.';
COMMENT ON COLUMN comment_states.visitor_prev IS 'The same visitor under the key of the day before; only in the first 30 minutes of a day.';
COMMENT ON COLUMN comment_states.reader_id IS 'Keyed hash of a consented or logged-in reader.';
COMMENT ON COLUMN comment_states.session_given IS 'Session id of the source; kept, not used.';
COMMENT ON COLUMN comment_states.device IS 'phone, tablet, desktop or tv.';
COMMENT ON COLUMN comment_states.browser IS 'Browser family and major version.';
COMMENT ON COLUMN comment_states.os IS 'Family of the operating system.';
COMMENT ON COLUMN comment_states.country IS 'ISO 3166-1 alpha-2 code.';
COMMENT ON COLUMN comment_states.language IS 'First subtag of the language of the browser.';
COMMENT ON COLUMN comment_states.props IS 'Further properties as JSON.';
COMMENT ON COLUMN comment_states.format IS 'Format that the event came in, or import:<name>.';
COMMENT ON COLUMN comment_states.comment_id IS 'Id of the comment.';
COMMENT ON COLUMN comment_states.status IS 'pending, published, rejected, spam or deleted.';
COMMENT ON COLUMN comment_states.state_at IS 'When this state began, UTC.';
COMMENT ON COLUMN comment_states.created_at IS 'When the comment was written, UTC.';
COMMENT ON COLUMN comment_states.decided_by IS 'human or auto.';
COMMENT ON COLUMN comment_states.parent_id IS 'Comment that this one answers.';
COMMENT ON COLUMN comment_states.commenter IS 'Keyed hash of the writer.';
COMMENT ON COLUMN comment_states.length IS 'Code points of the text.';
COMMENT ON COLUMN comment_states.length_limit IS 'Limit of the box when it was written.';
COMMENT ON COLUMN comment_states.text IS 'The text, only where the site stores it.';
COMMENT ON COLUMN comment_states.likes IS 'Likes.';
COMMENT ON COLUMN comment_states.dislikes IS 'Dislikes.';
COMMENT ON COLUMN comment_states.origin IS 'System that the comment came from.';

COMMENT ON TABLE interactions IS 'Acts beside reading: like, bookmark, follow, share, comment box steps, custom.';
COMMENT ON COLUMN interactions.site_id IS 'Site of the event.';
COMMENT ON COLUMN interactions.event_id IS 'Id of the event, kept over retries; repeats within the dedup window count once.';
COMMENT ON COLUMN interactions.event_at IS 'When it happened, UTC.';
COMMENT ON COLUMN interactions.received_at IS 'When it reached us, UTC; imports carry their event time here.';
COMMENT ON COLUMN interactions.day_local IS 'Local day of event_at in the zone of the site.';
COMMENT ON COLUMN interactions.url IS 'Canonical address of the page.';
COMMENT ON COLUMN interactions.article_id IS 'Article as it came; aliases are resolved in the facts.';
COMMENT ON COLUMN interactions.visitor IS 'Keyed hash of the visitor, new every local day.';
COMMENT ON COLUMN interactions.visitor_prev IS 'The same visitor under the key of the day before; only in the first 30 minutes of a day.';
COMMENT ON COLUMN interactions.reader_id IS 'Keyed hash of a consented or logged-in reader.';
COMMENT ON COLUMN interactions.session_given IS 'Session id of the source; kept, not used.';
COMMENT ON COLUMN interactions.device IS 'phone, tablet, desktop or tv.';
COMMENT ON COLUMN interactions.browser IS 'Browser family and major version.';
COMMENT ON COLUMN interactions.os IS 'Family of the operating system.';
COMMENT ON COLUMN interactions.country IS 'ISO 3166-1 alpha-2 code.';
COMMENT ON COLUMN interactions.language IS 'First subtag of the language of the browser.';
COMMENT ON COLUMN interactions.props IS 'Further properties as JSON.';
COMMENT ON COLUMN interactions.format IS 'Format that the event came in, or import:<name>.';
COMMENT ON COLUMN interactions.view_id IS 'View in which it happened.';
COMMENT ON COLUMN interactions.kind IS 'like, bookmark, follow, share, comment_box or custom.';
COMMENT ON COLUMN interactions.name IS 'Name of a custom event.';
COMMENT ON COLUMN interactions.revenue IS 'Currency and amount as JSON.';
