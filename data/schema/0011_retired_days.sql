-- From which day on a site still has all its events: days before are never recounted.

CREATE TABLE retired_days (
    site_id VARCHAR NOT NULL,
    before_day DATE NOT NULL
);
COMMENT ON TABLE retired_days IS 'Sites whose old events went by their retention; one row each.';
COMMENT ON COLUMN retired_days.site_id IS 'The site.';
COMMENT ON COLUMN retired_days.before_day IS 'First local day with all its events; days before keep the sums that they had.';
