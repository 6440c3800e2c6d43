-- Journeys of a stretch of time, for what usually happens on a lane.
CREATE INDEX shipments_left ON shipments (left_at) WHERE left_at IS NOT NULL;
