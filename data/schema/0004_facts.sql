-- Facts and rollups. A local day is replaced whole, never added to (docs/decisions/0002-recompute-never-add.md).

CREATE TABLE view_facts (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    hour_at TIMESTAMP NOT NULL,
    event_at TIMESTAMP NOT NULL,
    view_id VARCHAR NOT NULL,
    visitor UBIGINT,
    reader_id UBIGINT,
    session_id UBIGINT,
    article_id VARCHAR,
    section VARCHAR,
    published_at TIMESTAMP,
    channel VARCHAR,
    source VARCHAR,
    device VARCHAR,
    country VARCHAR,
    format VARCHAR NOT NULL,
    is_article BOOLEAN NOT NULL,
    is_measured BOOLEAN NOT NULL,
    is_silent BOOLEAN NOT NULL,
    is_clipped BOOLEAN NOT NULL,
    engaged_s BIGINT,
    scroll_depth DOUBLE,
    page_scroll DOUBLE,
    short_body BOOLEAN,
    acts BIGINT,
    is_read BOOLEAN,
    read_depth DOUBLE,
    is_finished BOOLEAN,
    is_repeat BOOLEAN NOT NULL,
    is_exit BOOLEAN,
    is_recirculated BOOLEAN NOT NULL,
    is_recirculated_any BOOLEAN NOT NULL
);
COMMENT ON TABLE view_facts IS 'One row per view, made once: the base of all figures of reading.';
COMMENT ON COLUMN view_facts.site_id IS 'Site of the view.';
COMMENT ON COLUMN view_facts.day_local IS 'Local day of the view; owns all that follows.';
COMMENT ON COLUMN view_facts.hour_at IS 'UTC instant at which the local hour of the view began.';
COMMENT ON COLUMN view_facts.event_at IS 'When the page was loaded, UTC.';
COMMENT ON COLUMN view_facts.view_id IS 'The view.';
COMMENT ON COLUMN view_facts.visitor IS 'Keyed hash of the visitor of the day.';
COMMENT ON COLUMN view_facts.reader_id IS 'Keyed hash of a consented reader.';
COMMENT ON COLUMN view_facts.session_id IS 'Session of the view; null without a visitor.';
COMMENT ON COLUMN view_facts.article_id IS 'Article, aliases resolved; null for other pages.';
COMMENT ON COLUMN view_facts.section IS 'Section of the article now.';
COMMENT ON COLUMN view_facts.published_at IS 'Publication of the article, UTC.';
COMMENT ON COLUMN view_facts.channel IS 'Way in; null where the source cannot tell.';
COMMENT ON COLUMN view_facts.source IS 'Named source within the channel.';
COMMENT ON COLUMN view_facts.device IS 'Device class.';
COMMENT ON COLUMN view_facts.country IS 'Country code.';
COMMENT ON COLUMN view_facts.format IS 'Format that the view came in.';
COMMENT ON COLUMN view_facts.is_article IS 'The page is an article.';
COMMENT ON COLUMN view_facts.is_measured IS 'The source can tell reading time.';
COMMENT ON COLUMN view_facts.is_silent IS 'Measured, but nothing arrived after the load.';
COMMENT ON COLUMN view_facts.is_clipped IS 'Engaged time was cut to the cap or to the time since the view.';
COMMENT ON COLUMN view_facts.engaged_s IS 'Engaged seconds; null where the source cannot tell.';
COMMENT ON COLUMN view_facts.scroll_depth IS 'Deepest visible part of the body, 0 to 1.';
COMMENT ON COLUMN view_facts.page_scroll IS 'Deepest visible part of the page, 0 to 1.';
COMMENT ON COLUMN view_facts.short_body IS 'The body is lower than the window.';
COMMENT ON COLUMN view_facts.acts IS 'Acts in the view; null where not measured.';
COMMENT ON COLUMN view_facts.is_read IS 'The view is a read; null where unknown.';
COMMENT ON COLUMN view_facts.read_depth IS 'Part of the article that was read, 0 to 1.';
COMMENT ON COLUMN view_facts.is_finished IS 'A read of at least three quarters.';
COMMENT ON COLUMN view_facts.is_repeat IS 'Same session, same article, less than the session gap after the view before.';
COMMENT ON COLUMN view_facts.is_exit IS 'The last view of a closed session; null while it is open.';
COMMENT ON COLUMN view_facts.is_recirculated IS 'The next fresh article view of the session is another article.';
COMMENT ON COLUMN view_facts.is_recirculated_any IS 'Another page follows in the session.';

CREATE TABLE comment_facts (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    hour_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    comment_id VARCHAR NOT NULL,
    article_id VARCHAR,
    section VARCHAR,
    commenter UBIGINT,
    parent_id VARCHAR,
    status VARCHAR NOT NULL,
    length BIGINT,
    decided_at TIMESTAMP,
    decided_day DATE,
    lag_min DOUBLE,
    is_auto BOOLEAN,
    is_published BOOLEAN NOT NULL,
    is_rejected BOOLEAN NOT NULL,
    is_decided BOOLEAN NOT NULL,
    is_spam BOOLEAN NOT NULL,
    is_pending BOOLEAN NOT NULL,
    is_reply BOOLEAN NOT NULL,
    is_at_limit BOOLEAN NOT NULL
);
COMMENT ON TABLE comment_facts IS 'One row per comment with its present state.';
COMMENT ON COLUMN comment_facts.site_id IS 'Site of the comment.';
COMMENT ON COLUMN comment_facts.day_local IS 'Local day on which it was written.';
COMMENT ON COLUMN comment_facts.hour_at IS 'UTC instant at which the local hour of writing began.';
COMMENT ON COLUMN comment_facts.created_at IS 'When it was written, UTC.';
COMMENT ON COLUMN comment_facts.comment_id IS 'The comment.';
COMMENT ON COLUMN comment_facts.article_id IS 'Article, aliases resolved.';
COMMENT ON COLUMN comment_facts.section IS 'Section of the article now.';
COMMENT ON COLUMN comment_facts.commenter IS 'Keyed hash of the writer.';
COMMENT ON COLUMN comment_facts.parent_id IS 'Comment that it answers.';
COMMENT ON COLUMN comment_facts.status IS 'Present status.';
COMMENT ON COLUMN comment_facts.length IS 'Code points; null where unknown.';
COMMENT ON COLUMN comment_facts.decided_at IS 'First decision, UTC.';
COMMENT ON COLUMN comment_facts.decided_day IS 'Local day of the first decision.';
COMMENT ON COLUMN comment_facts.lag_min IS 'Minutes from writing to a first decision by a person; null for automatic ones.';
COMMENT ON COLUMN comment_facts.is_auto IS 'The first decision was automatic.';
COMMENT ON COLUMN comment_facts.is_published IS 'Now published.';
COMMENT ON COLUMN comment_facts.is_rejected IS 'Now rejected.';
COMMENT ON COLUMN comment_facts.is_decided IS 'Now published or rejected.';
COMMENT ON COLUMN comment_facts.is_spam IS 'Now marked as spam.';
COMMENT ON COLUMN comment_facts.is_pending IS 'Still waiting.';
COMMENT ON COLUMN comment_facts.is_reply IS 'Answers another comment.';
COMMENT ON COLUMN comment_facts.is_at_limit IS 'At least 95 % of the limit.';

CREATE TABLE box_facts (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    hour_at TIMESTAMP NOT NULL,
    view_id VARCHAR NOT NULL,
    box VARCHAR NOT NULL,
    article_id VARCHAR,
    section VARCHAR,
    opened BOOLEAN NOT NULL,
    typed BOOLEAN NOT NULL,
    hit_limit BOOLEAN NOT NULL,
    warned BOOLEAN NOT NULL,
    posted BOOLEAN NOT NULL
);
COMMENT ON TABLE box_facts IS 'One row per comment box that a view showed.';
COMMENT ON COLUMN box_facts.site_id IS 'Site of the box.';
COMMENT ON COLUMN box_facts.day_local IS 'Local day of the view.';
COMMENT ON COLUMN box_facts.hour_at IS 'UTC instant at which the local hour of the view began.';
COMMENT ON COLUMN box_facts.view_id IS 'View that showed the box.';
COMMENT ON COLUMN box_facts.box IS 'The box within the view.';
COMMENT ON COLUMN box_facts.article_id IS 'Article, aliases resolved.';
COMMENT ON COLUMN box_facts.section IS 'Section of the article now.';
COMMENT ON COLUMN box_facts.opened IS 'It was opened.';
COMMENT ON COLUMN box_facts.typed IS 'Something was typed.';
COMMENT ON COLUMN box_facts.hit_limit IS 'The length limit was reached.';
COMMENT ON COLUMN box_facts.warned IS 'The warning was shown.';
COMMENT ON COLUMN box_facts.posted IS 'A comment was sent.';

CREATE TABLE sessions (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    session_id UBIGINT NOT NULL,
    first_view_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    views BIGINT NOT NULL,
    engaged_s BIGINT,
    is_measured BOOLEAN NOT NULL,
    is_closed BOOLEAN NOT NULL,
    is_bounce BOOLEAN NOT NULL,
    entry_article VARCHAR,
    entry_section VARCHAR,
    entry_channel VARCHAR,
    entry_source VARCHAR,
    entry_device VARCHAR,
    entry_country VARCHAR
);
COMMENT ON TABLE sessions IS 'One row per session, on the day of its first view.';
COMMENT ON COLUMN sessions.site_id IS 'Site.';
COMMENT ON COLUMN sessions.day_local IS 'Local day.';
COMMENT ON COLUMN sessions.session_id IS 'The session.';
COMMENT ON COLUMN sessions.first_view_at IS 'First page load, UTC.';
COMMENT ON COLUMN sessions.last_at IS 'Last event, UTC.';
COMMENT ON COLUMN sessions.views IS 'Page loads.';
COMMENT ON COLUMN sessions.engaged_s IS 'Engaged seconds; null where nothing was measured.';
COMMENT ON COLUMN sessions.is_measured IS 'All its views have a signal.';
COMMENT ON COLUMN sessions.is_closed IS 'Its last event is longer ago than the session gap.';
COMMENT ON COLUMN sessions.is_bounce IS 'One page load, and left before it was a read.';
COMMENT ON COLUMN sessions.entry_article IS 'Article of the first view.';
COMMENT ON COLUMN sessions.entry_section IS 'Section of the first view.';
COMMENT ON COLUMN sessions.entry_channel IS 'Channel of the first view.';
COMMENT ON COLUMN sessions.entry_source IS 'Source of the first view.';
COMMENT ON COLUMN sessions.entry_device IS 'Device of the first view.';
COMMENT ON COLUMN sessions.entry_country IS 'Country of the first view.';

CREATE TABLE session_carry (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    visitor UBIGINT NOT NULL,
    chain_id UBIGINT NOT NULL,
    chain_began TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE session_carry IS 'Chains of events still open at the end of a local day, for the day after.';
COMMENT ON COLUMN session_carry.site_id IS 'Site.';
COMMENT ON COLUMN session_carry.day_local IS 'Local day that ends.';
COMMENT ON COLUMN session_carry.visitor IS 'Visitor under the key of that day.';
COMMENT ON COLUMN session_carry.chain_id IS 'The chain: events no further apart than the session gap.';
COMMENT ON COLUMN session_carry.chain_began IS 'First event of the chain, UTC; every 24 hours after it a new session begins.';
COMMENT ON COLUMN session_carry.last_at IS 'Last event of the chain in the day, UTC.';

CREATE TABLE article_hours (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    hour_at TIMESTAMP NOT NULL,
    article_id VARCHAR,
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
COMMENT ON TABLE article_hours IS 'Additive counts by hour and article.';
COMMENT ON COLUMN article_hours.site_id IS 'Site.';
COMMENT ON COLUMN article_hours.day_local IS 'Local day.';
COMMENT ON COLUMN article_hours.hour_at IS 'UTC instant at which the local hour began.';
COMMENT ON COLUMN article_hours.article_id IS 'Article; null for other pages.';
COMMENT ON COLUMN article_hours.page_loads IS 'Loads of any page.';
COMMENT ON COLUMN article_hours.views IS 'Loads of article pages.';
COMMENT ON COLUMN article_hours.repeat_views IS 'Views again in the same session.';
COMMENT ON COLUMN article_hours.fresh_views IS 'Views that are no repeat.';
COMMENT ON COLUMN article_hours.signal_views IS 'Views whose source can tell reading time.';
COMMENT ON COLUMN article_hours.no_signal_views IS 'Views whose source cannot tell.';
COMMENT ON COLUMN article_hours.no_beacon_views IS 'Measured views without any beacon.';
COMMENT ON COLUMN article_hours.engaged IS 'Engaged seconds.';
COMMENT ON COLUMN article_hours.reads IS 'Views that are reads.';
COMMENT ON COLUMN article_hours.read_known IS 'Views of which we know whether they are reads.';
COMMENT ON COLUMN article_hours.finished IS 'Reads to the end.';
COMMENT ON COLUMN article_hours.depth_known IS 'Views with a read depth.';
COMMENT ON COLUMN article_hours.scroll_known IS 'Views with body scroll.';
COMMENT ON COLUMN article_hours.exits IS 'Views that end a closed session.';
COMMENT ON COLUMN article_hours.closed_views IS 'Views in closed sessions.';
COMMENT ON COLUMN article_hours.recirculated IS 'Fresh views followed by another article.';
COMMENT ON COLUMN article_hours.recirculated_any IS 'Fresh views followed by another page.';

CREATE TABLE article_days (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    article_id VARCHAR,
    channel VARCHAR,
    source VARCHAR,
    device VARCHAR,
    country VARCHAR,
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
COMMENT ON TABLE article_days IS 'Additive counts by day, article, channel, source, device and country; sparse.';
COMMENT ON COLUMN article_days.site_id IS 'Site.';
COMMENT ON COLUMN article_days.day_local IS 'Local day.';
COMMENT ON COLUMN article_days.article_id IS 'Article; null for other pages.';
COMMENT ON COLUMN article_days.channel IS 'Way in.';
COMMENT ON COLUMN article_days.source IS 'Named source.';
COMMENT ON COLUMN article_days.device IS 'Device class.';
COMMENT ON COLUMN article_days.country IS 'Country code.';
COMMENT ON COLUMN article_days.page_loads IS 'Loads of any page.';
COMMENT ON COLUMN article_days.views IS 'Loads of article pages.';
COMMENT ON COLUMN article_days.repeat_views IS 'Views again in the same session.';
COMMENT ON COLUMN article_days.fresh_views IS 'Views that are no repeat.';
COMMENT ON COLUMN article_days.signal_views IS 'Views whose source can tell reading time.';
COMMENT ON COLUMN article_days.no_signal_views IS 'Views whose source cannot tell.';
COMMENT ON COLUMN article_days.no_beacon_views IS 'Measured views without any beacon.';
COMMENT ON COLUMN article_days.engaged IS 'Engaged seconds.';
COMMENT ON COLUMN article_days.reads IS 'Views that are reads.';
COMMENT ON COLUMN article_days.read_known IS 'Views of which we know whether they are reads.';
COMMENT ON COLUMN article_days.finished IS 'Reads to the end.';
COMMENT ON COLUMN article_days.depth_known IS 'Views with a read depth.';
COMMENT ON COLUMN article_days.scroll_known IS 'Views with body scroll.';
COMMENT ON COLUMN article_days.exits IS 'Views that end a closed session.';
COMMENT ON COLUMN article_days.closed_views IS 'Views in closed sessions.';
COMMENT ON COLUMN article_days.recirculated IS 'Fresh views followed by another article.';
COMMENT ON COLUMN article_days.recirculated_any IS 'Fresh views followed by another page.';

CREATE TABLE engaged_days (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    article_id VARCHAR,
    engaged_s BIGINT NOT NULL,
    n BIGINT NOT NULL
);
COMMENT ON TABLE engaged_days IS 'How many views of an article lasted how many seconds: adds up to exact medians.';
COMMENT ON COLUMN engaged_days.site_id IS 'Site.';
COMMENT ON COLUMN engaged_days.day_local IS 'Local day.';
COMMENT ON COLUMN engaged_days.article_id IS 'Article.';
COMMENT ON COLUMN engaged_days.engaged_s IS 'Engaged seconds.';
COMMENT ON COLUMN engaged_days.n IS 'Views that lasted so long.';

CREATE TABLE reader_days (
    site_id VARCHAR NOT NULL,
    day_local DATE NOT NULL,
    dimension VARCHAR NOT NULL,
    value VARCHAR,
    readers BIGINT NOT NULL,
    sessions BIGINT NOT NULL,
    bounces BIGINT NOT NULL,
    bounce_known BIGINT NOT NULL
);
COMMENT ON TABLE reader_days IS 'People by day and dimension, each recounted: never add over rows of one day.';
COMMENT ON COLUMN reader_days.site_id IS 'Site.';
COMMENT ON COLUMN reader_days.day_local IS 'Local day.';
COMMENT ON COLUMN reader_days.dimension IS 'site, section, article, author, topic, channel, device, country, author_first or topic_first.';
COMMENT ON COLUMN reader_days.value IS 'Id within the dimension; null is none or unknown.';
COMMENT ON COLUMN reader_days.readers IS 'Distinct visitors of the local day.';
COMMENT ON COLUMN reader_days.sessions IS 'Sessions of the day of their first view.';
COMMENT ON COLUMN reader_days.bounces IS 'Entries that left at once.';
COMMENT ON COLUMN reader_days.bounce_known IS 'Closed, fully measured sessions that entered here.';
