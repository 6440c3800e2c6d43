-- What is still to be told of one alert. Without it the planner takes `alert_notices_due`, which a storm makes long: each
-- of ten thousand findings read all that was due.
CREATE INDEX alert_notices_untold ON alert_notices (alert) WHERE told_at IS NULL AND cancelled_at IS NULL;
