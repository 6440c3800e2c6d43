-- Newest of the subscriptions that have ended.
CREATE INDEX epcis_subscriptions_ended ON epcis_subscriptions (ended_at DESC, id) WHERE ended_at IS NOT NULL;
-- What was damaged of some serials.
CREATE INDEX pass_damages_of ON pass_damages USING gin (epcs);
