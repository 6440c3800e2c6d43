-- Global Location Numbers that an event of arrival names as its place, unless it is withdrawn: when a place is registered
-- with one of them, the event puts its EPCs there.
ALTER TABLE epcis_events ADD glns text[];
CREATE INDEX epcis_events_glns ON epcis_events USING gin (glns) WHERE glns IS NOT NULL;
