CREATE VIEW daily AS
WITH counted AS (
    SELECT * FROM stored.dimension_days WHERE dimension = 'site'
    UNION ALL BY NAME FROM comments_created
    UNION ALL BY NAME FROM comment_boxes),
summed AS (
    SELECT site_id, day_local, {sums dimension_days}, {sums view_facts}, {sums comment_facts}, {sums box_facts}
    FROM counted GROUP BY site_id, day_local)
SELECT f.site_id, f.day_local, {columns dimension_days}, {columns view_facts}, {columns comment_facts},
    {columns box_facts}, {rates dimension_days view_facts comment_facts box_facts}
FROM summed AS f;
COMMENT ON VIEW daily IS 'One row per site and local day on which anything happened: counts and rates.';
COMMENT ON COLUMN daily.day_local IS 'Local day.';
