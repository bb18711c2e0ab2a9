-- Which desk an author belongs to, where an editor said so; else the section of most of their articles stands for it.

CREATE TABLE author_desks (
    site_id VARCHAR NOT NULL,
    author_id VARCHAR NOT NULL,
    desk VARCHAR NOT NULL,
    edit_id VARCHAR NOT NULL
);
COMMENT ON TABLE author_desks IS 'Desks of authors as editors gave them; who is not here belongs to the section of most of their articles.';
COMMENT ON COLUMN author_desks.site_id IS 'Site.';
COMMENT ON COLUMN author_desks.author_id IS 'The author.';
COMMENT ON COLUMN author_desks.desk IS 'Name of the desk.';
COMMENT ON COLUMN author_desks.edit_id IS 'The correction that gave it.';

COMMENT ON COLUMN edits.kind IS 'exclude, include, join_author, join_topic, join_article, rename_topic, set_desk, describe, file, add_gap, set_goal or readmit.';
