-- Journeys that came to their end, by lane, the latest first: what a forecast of arrival rests on.
CREATE INDEX shipments_of_lane ON shipments (origin, destination, departs DESC) WHERE received_at IS NOT NULL;
