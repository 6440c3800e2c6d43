-- Digital Links by which an event names items, unless it is withdrawn: when one becomes known by its EPC, the event is
-- told anew. `by`: whose event it is, for what is told then.
ALTER TABLE epcis_events ADD links text[], ADD by text;
CREATE INDEX epcis_events_links ON epcis_events USING gin (links) WHERE links IS NOT NULL;
CREATE INDEX epcis_events_linked ON epcis_events (position) WHERE links IS NOT NULL;
