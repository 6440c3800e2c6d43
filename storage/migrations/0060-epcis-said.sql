-- What the platform itself says in EPCIS events (docs/epcis.md, "What leaves"). A source (`pass:12`, `asn:SHP-1`,
-- `fact:17`, `alert:...`) says its parts anew as a whole; what it said before and does not say any more is declared an
-- error. The events stand among the captured ones, at position 0 with an index of their own, and belong to no capture.
CREATE TABLE epcis_said (
  source text COLLATE "C" NOT NULL,
  part text COLLATE "C" NOT NULL,
  index integer NOT NULL,
  event_id text NOT NULL,
  -- The hash of what is said; `event_id` is another where the same was said and declared an error before.
  hash_id text NOT NULL,
  PRIMARY KEY (source, part)
);
CREATE INDEX epcis_said_event_id ON epcis_said (event_id);
CREATE SEQUENCE epcis_said_index AS integer;
ALTER TABLE epcis_events ALTER capture DROP NOT NULL;
CREATE INDEX passes_settling ON passes (settles_at) WHERE is_provisional;
-- What was declared an error of what the platform has said, by its hash.
CREATE INDEX epcis_events_declared ON epcis_events ((coalesce(event ->> 'isotherm:corrects', event_id)))
  WHERE is_declaration AND position = 0;
