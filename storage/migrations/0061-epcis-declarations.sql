-- An event may be declared an error more than once, each time with another reason or other corrections: each is kept.
-- `declaration` is a digest of what the declaration says; empty for what is none.
ALTER TABLE epcis_events ADD declaration text NOT NULL DEFAULT '';
DROP INDEX epcis_events_content;
CREATE UNIQUE INDEX epcis_events_content
  ON epcis_events (content, coalesce(event_id, ''), is_declaration, declaration);
