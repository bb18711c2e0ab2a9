-- What editors correct. It stands beside what the sources say and never over it, so that it can be taken back.

CREATE TABLE edits (
    site_id VARCHAR NOT NULL,
    edit_id VARCHAR NOT NULL,
    article_id VARCHAR,
    kind VARCHAR NOT NULL,
    words VARCHAR NOT NULL,
    who VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL,
    told JSON NOT NULL,
    before JSON NOT NULL,
    undone_at TIMESTAMP,
    undone_by VARCHAR
);
COMMENT ON TABLE edits IS 'Corrections by editors, also those that were undone: what, who, when, and what stood there before.';
COMMENT ON COLUMN edits.site_id IS 'Site.';
COMMENT ON COLUMN edits.edit_id IS 'The correction.';
COMMENT ON COLUMN edits.article_id IS 'Article that it is about, where it is about one.';
COMMENT ON COLUMN edits.kind IS 'exclude, include, join_author, join_topic, join_article, rename_topic, describe, add_gap, set_goal or readmit.';
COMMENT ON COLUMN edits.words IS 'What was done, in words.';
COMMENT ON COLUMN edits.who IS 'Name of the editor.';
COMMENT ON COLUMN edits.made_at IS 'When, UTC.';
COMMENT ON COLUMN edits.told IS 'The correction as it was given.';
COMMENT ON COLUMN edits.before IS 'What stood there before, for the way back.';
COMMENT ON COLUMN edits.undone_at IS 'When it was undone, UTC; null while it stands.';
COMMENT ON COLUMN edits.undone_by IS 'Name of who undid it.';

CREATE TABLE excluded_articles (
    site_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    edit_id VARCHAR NOT NULL
);
COMMENT ON TABLE excluded_articles IS 'Articles that no list, board or widget names; they stay in every total.';
COMMENT ON COLUMN excluded_articles.site_id IS 'Site.';
COMMENT ON COLUMN excluded_articles.article_id IS 'The article.';
COMMENT ON COLUMN excluded_articles.why IS 'The reason, as the editor gave it; may be empty.';
COMMENT ON COLUMN excluded_articles.edit_id IS 'The correction that put it there.';

CREATE TABLE joined (
    site_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    alias VARCHAR NOT NULL,
    into_id VARCHAR NOT NULL,
    edit_id VARCHAR NOT NULL
);
COMMENT ON TABLE joined IS 'Authors, topics and articles that count as another one.';
COMMENT ON COLUMN joined.site_id IS 'Site.';
COMMENT ON COLUMN joined.kind IS 'author, topic or article.';
COMMENT ON COLUMN joined.alias IS 'Id that sources use.';
COMMENT ON COLUMN joined.into_id IS 'Id that it counts for; may be joined with another one itself.';
COMMENT ON COLUMN joined.edit_id IS 'The correction that joined them.';

CREATE TABLE renamed_topics (
    site_id VARCHAR NOT NULL,
    topic_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    former VARCHAR,
    edit_id VARCHAR NOT NULL
);
COMMENT ON TABLE renamed_topics IS 'Topics that bear a name given by an editor.';
COMMENT ON COLUMN renamed_topics.site_id IS 'Site.';
COMMENT ON COLUMN renamed_topics.topic_id IS 'The topic.';
COMMENT ON COLUMN renamed_topics.name IS 'The name shown.';
COMMENT ON COLUMN renamed_topics.former IS 'The name that the sources give it.';
COMMENT ON COLUMN renamed_topics.edit_id IS 'The correction that renamed it.';

CREATE TABLE given_authors (
    site_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    author_id VARCHAR NOT NULL,
    position BIGINT NOT NULL
);
COMMENT ON TABLE given_authors IS 'Bylines as the sources give them; article_authors follows from them and from joined.';
COMMENT ON COLUMN given_authors.site_id IS 'Site of the article.';
COMMENT ON COLUMN given_authors.article_id IS 'The article.';
COMMENT ON COLUMN given_authors.author_id IS 'The author as given.';
COMMENT ON COLUMN given_authors.position IS 'Place in the byline, from 1.';

CREATE TABLE given_topics (
    site_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    topic_id VARCHAR NOT NULL,
    position BIGINT NOT NULL
);
COMMENT ON TABLE given_topics IS 'Topics as the sources give them; article_topics follows from them and from joined.';
COMMENT ON COLUMN given_topics.site_id IS 'Site of the article.';
COMMENT ON COLUMN given_topics.article_id IS 'The article.';
COMMENT ON COLUMN given_topics.topic_id IS 'The topic as given.';
COMMENT ON COLUMN given_topics.position IS 'Place in the list, from 1.';

INSERT INTO given_authors FROM article_authors;
INSERT INTO given_topics FROM article_topics;

CREATE TABLE goals (
    site_id VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    target DOUBLE NOT NULL,
    edit_id VARCHAR NOT NULL
);
COMMENT ON TABLE goals IS 'What a newsroom wants to reach in a week, one goal a metric.';
COMMENT ON COLUMN goals.site_id IS 'Site.';
COMMENT ON COLUMN goals.metric IS 'The metric.';
COMMENT ON COLUMN goals.target IS 'What a week should reach, in the unit of the metric.';
COMMENT ON COLUMN goals.edit_id IS 'The correction that set it.';

CREATE TABLE readmitted_hits (
    site_id VARCHAR NOT NULL,
    event_id UUID NOT NULL,
    received_at TIMESTAMP NOT NULL,
    day_local DATE NOT NULL,
    of_table VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    rule VARCHAR,
    event JSON NOT NULL,
    edit_id VARCHAR NOT NULL
);
COMMENT ON TABLE readmitted_hits IS 'What a rule had kept out and somebody had counted after all, for 30 days: the way back.';
COMMENT ON COLUMN readmitted_hits.site_id IS 'Site of the event.';
COMMENT ON COLUMN readmitted_hits.event_id IS 'Id of the event.';
COMMENT ON COLUMN readmitted_hits.received_at IS 'When it reached us, UTC.';
COMMENT ON COLUMN readmitted_hits.day_local IS 'Local day of the event.';
COMMENT ON COLUMN readmitted_hits.of_table IS 'Table that it went to.';
COMMENT ON COLUMN readmitted_hits.reason IS 'Why it did not count.';
COMMENT ON COLUMN readmitted_hits.rule IS 'The rule within the reason.';
COMMENT ON COLUMN readmitted_hits.event IS 'The event; nothing personal is in it.';
COMMENT ON COLUMN readmitted_hits.edit_id IS 'The correction that counted it.';

ALTER TABLE collection_gaps ADD COLUMN why VARCHAR;
ALTER TABLE collection_gaps ADD COLUMN edit_id VARCHAR;
COMMENT ON COLUMN collection_gaps.why IS 'What happened, where somebody said so.';
COMMENT ON COLUMN collection_gaps.edit_id IS 'The correction that added or explained it; null for those of tearsheet.toml.';
