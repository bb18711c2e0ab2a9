CREATE VIEW comment_boxes AS
SELECT f.*, {bases box_facts} FROM stored.box_facts AS f;
COMMENT ON VIEW comment_boxes IS 'One row per comment box that a view showed; the columns to add up are 1 where it counts.';
