-- The alerts of a unit, for its page.
CREATE INDEX alert_exposures_by_unit ON alert_exposures (unit) WHERE unit IS NOT NULL;
