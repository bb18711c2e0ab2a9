-- The catalogue: what articles are, who wrote them, what they are about. Events carry only ids,
-- so a correction here applies to all history.

CREATE TABLE articles (
    site_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    url VARCHAR,
    title VARCHAR,
    section VARCHAR,
    kind VARCHAR,
    language VARCHAR,
    published_at TIMESTAMP,
    modified_at TIMESTAMP,
    word_count BIGINT,
    image VARCHAR,
    access VARCHAR,
    state VARCHAR,
    translation_of VARCHAR,
    catalogued_at TIMESTAMP
);
COMMENT ON TABLE articles IS 'One row per article, also of those that only their readers told us of.';
COMMENT ON COLUMN articles.site_id IS 'Site of the article.';
COMMENT ON COLUMN articles.article_id IS 'Id in the CMS as text, or u- and a hash of the address.';
COMMENT ON COLUMN articles.url IS 'Canonical address; null where the source has none.';
COMMENT ON COLUMN articles.title IS 'Present title.';
COMMENT ON COLUMN articles.section IS 'Section by name.';
COMMENT ON COLUMN articles.kind IS 'article, live, video, gallery or page; null counts as article.';
COMMENT ON COLUMN articles.language IS 'BCP 47 tag of the text.';
COMMENT ON COLUMN articles.published_at IS 'First publication, UTC.';
COMMENT ON COLUMN articles.modified_at IS 'Last change, UTC.';
COMMENT ON COLUMN articles.word_count IS 'Words of the body.';
COMMENT ON COLUMN articles.image IS 'Address of the picture; linked, never fetched.';
COMMENT ON COLUMN articles.access IS 'free, metered or paid.';
COMMENT ON COLUMN articles.state IS 'live or withdrawn.';
COMMENT ON COLUMN articles.translation_of IS 'Article that this one translates.';
COMMENT ON COLUMN articles.catalogued_at IS 'When a catalogue first described it, UTC; null while only reads are known.';

CREATE TABLE article_titles (
    site_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE article_titles IS 'Every title that an article has borne, with the time it was first seen.';
COMMENT ON COLUMN article_titles.site_id IS 'Site of the article.';
COMMENT ON COLUMN article_titles.article_id IS 'The article.';
COMMENT ON COLUMN article_titles.title IS 'The title.';
COMMENT ON COLUMN article_titles.seen_at IS 'When the catalogue first gave it, UTC.';

CREATE TABLE article_aliases (
    site_id VARCHAR NOT NULL,
    alias VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL
);
COMMENT ON TABLE article_aliases IS 'Other ids and addresses of an article; reads under an alias count for the article.';
COMMENT ON COLUMN article_aliases.site_id IS 'Site of the article.';
COMMENT ON COLUMN article_aliases.alias IS 'Former id or address.';
COMMENT ON COLUMN article_aliases.article_id IS 'Article that it means.';

CREATE TABLE authors (
    site_id VARCHAR NOT NULL,
    author_id VARCHAR NOT NULL,
    name VARCHAR,
    url VARCHAR
);
COMMENT ON TABLE authors IS 'People in bylines.';
COMMENT ON COLUMN authors.site_id IS 'Site of the author.';
COMMENT ON COLUMN authors.author_id IS 'Given id, else the slug of the name.';
COMMENT ON COLUMN authors.name IS 'Name as readers see it; null until one arrives.';
COMMENT ON COLUMN authors.url IS 'Page of the author.';

CREATE TABLE article_authors (
    site_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    author_id VARCHAR NOT NULL,
    position BIGINT NOT NULL
);
COMMENT ON TABLE article_authors IS 'Who wrote what, in the order of the byline.';
COMMENT ON COLUMN article_authors.site_id IS 'Site of the article.';
COMMENT ON COLUMN article_authors.article_id IS 'The article.';
COMMENT ON COLUMN article_authors.author_id IS 'The author.';
COMMENT ON COLUMN article_authors.position IS 'Place in the byline, from 1.';

CREATE TABLE topics (
    site_id VARCHAR NOT NULL,
    topic_id VARCHAR NOT NULL,
    name VARCHAR,
    kind VARCHAR NOT NULL
);
COMMENT ON TABLE topics IS 'What articles are about.';
COMMENT ON COLUMN topics.site_id IS 'Site of the topic.';
COMMENT ON COLUMN topics.topic_id IS 'Given id, else the slug of the name.';
COMMENT ON COLUMN topics.name IS 'Name as shown.';
COMMENT ON COLUMN topics.kind IS 'tag, group or iptc.';

CREATE TABLE article_topics (
    site_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    topic_id VARCHAR NOT NULL,
    position BIGINT NOT NULL
);
COMMENT ON TABLE article_topics IS 'Topics of an article, in the order given.';
COMMENT ON COLUMN article_topics.site_id IS 'Site of the article.';
COMMENT ON COLUMN article_topics.article_id IS 'The article.';
COMMENT ON COLUMN article_topics.topic_id IS 'The topic.';
COMMENT ON COLUMN article_topics.position IS 'Place in the list, from 1.';

CREATE TABLE opening_balances (
    site_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    views BIGINT NOT NULL,
    comments BIGINT,
    as_of DATE NOT NULL,
    note VARCHAR
);
COMMENT ON TABLE opening_balances IS 'Last figures of a former counter; they enter the public counter and no other figure.';
COMMENT ON COLUMN opening_balances.site_id IS 'Site of the article.';
COMMENT ON COLUMN opening_balances.article_id IS 'The article.';
COMMENT ON COLUMN opening_balances.views IS 'Reads that the former counter showed.';
COMMENT ON COLUMN opening_balances.comments IS 'Comments that it showed.';
COMMENT ON COLUMN opening_balances.as_of IS 'Last local day in those figures.';
COMMENT ON COLUMN opening_balances.note IS 'Where they come from.';
