-- EPCIS events: as partners captured them, and what the platform itself publishes (docs/epcis.md).
CREATE TABLE epcis_captures (
  id text PRIMARY KEY,
  created_at bigint NOT NULL,
  finished_at bigint,
  error_behaviour text NOT NULL,
  refused json NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE epcis_captures IS 'Capture jobs, from the request on.';
COMMENT ON COLUMN epcis_captures.id IS 'Id of the capture.';
COMMENT ON COLUMN epcis_captures.created_at IS 'When it was posted, epoch ms UTC.';
COMMENT ON COLUMN epcis_captures.finished_at IS 'When the tracer had worked it in, epoch ms UTC; null until then.';
COMMENT ON COLUMN epcis_captures.error_behaviour IS 'rollback or proceed (EPCIS 2.0, GS1-Capture-Error-Behaviour).';
COMMENT ON COLUMN epcis_captures.refused IS 'Events that were refused, with the reason.';

-- The same content captured twice is one event. An event may be declared an error more than once, each time with another
-- reason or other corrections: each is kept. What the platform publishes stands among the captured ones, at position 0
-- with an index of its own, and belongs to no capture.
CREATE TABLE epcis_events (
  position bigint NOT NULL,
  index integer NOT NULL,
  capture text,
  event_id text,
  content text NOT NULL,
  is_declaration boolean NOT NULL,
  type text NOT NULL,
  event_time bigint NOT NULL,
  record_time bigint NOT NULL,
  action text,
  biz_step text,
  disposition text,
  read_point text,
  biz_location text,
  parents text[] NOT NULL,
  epcs text[] NOT NULL,
  inputs text[] NOT NULL,
  outputs text[] NOT NULL,
  any_epcs text[] NOT NULL,
  empties text,
  context json NOT NULL,
  event json NOT NULL,
  declaration text NOT NULL DEFAULT '',
  glns text[],
  links text[],
  by text,
  PRIMARY KEY (position, index)
);
COMMENT ON TABLE epcis_events IS 'One row an event and declaration.';
COMMENT ON COLUMN epcis_events.position IS 'Log position of its capture; 0 = published by the platform.';
COMMENT ON COLUMN epcis_events.index IS 'Place in the capture, from 0.';
COMMENT ON COLUMN epcis_events.capture IS 'Id of its capture; null = published by the platform.';
COMMENT ON COLUMN epcis_events.event_id IS 'Its eventID.';
COMMENT ON COLUMN epcis_events.content IS 'Digest of all but eventID, recordTime and errorDeclaration.';
COMMENT ON COLUMN epcis_events.is_declaration IS 'It declares an event an error.';
COMMENT ON COLUMN epcis_events.type IS 'Type of the event.';
COMMENT ON COLUMN epcis_events.event_time IS 'Event time, epoch ms UTC.';
COMMENT ON COLUMN epcis_events.record_time IS 'Record time, epoch ms UTC.';
COMMENT ON COLUMN epcis_events.action IS 'ADD, OBSERVE or DELETE.';
COMMENT ON COLUMN epcis_events.biz_step IS 'Business step, a word of the CBV without its namespace.';
COMMENT ON COLUMN epcis_events.disposition IS 'Disposition, a word of the CBV without its namespace.';
COMMENT ON COLUMN epcis_events.read_point IS 'Read point.';
COMMENT ON COLUMN epcis_events.biz_location IS 'Business location.';
COMMENT ON COLUMN epcis_events.parents IS 'Parent, as given and as pure identity.';
COMMENT ON COLUMN epcis_events.epcs IS 'EPCs, as given and, where one is an EPC in another form, as pure identity too.';
COMMENT ON COLUMN epcis_events.inputs IS 'Input EPCs of a transformation, in the same forms.';
COMMENT ON COLUMN epcis_events.outputs IS 'Output EPCs of a transformation, in the same forms.';
COMMENT ON COLUMN epcis_events.any_epcs IS 'All of these and the parent.';
COMMENT ON COLUMN epcis_events.empties IS 'The parent where the event takes out everything that is in it then, and is not withdrawn.';
COMMENT ON COLUMN epcis_events.context IS 'JSON-LD context the event was given in.';
COMMENT ON COLUMN epcis_events.event IS 'The event as it came, keys in their order.';
COMMENT ON COLUMN epcis_events.declaration IS 'Digest of what the declaration says; empty for what is none.';
COMMENT ON COLUMN epcis_events.glns IS 'Global Location Numbers that an event of arrival names as its place, unless it is withdrawn: when a place is registered with one of them, the event puts its EPCs there.';
COMMENT ON COLUMN epcis_events.links IS 'Digital Links by which it names items, unless it is withdrawn: when one becomes known by its EPC, the event is applied again.';
COMMENT ON COLUMN epcis_events.by IS 'Who captured it.';
CREATE UNIQUE INDEX epcis_events_content
  ON epcis_events (content, coalesce(event_id, ''), is_declaration, declaration);
CREATE INDEX epcis_events_id ON epcis_events (event_id);
CREATE INDEX epcis_events_time ON epcis_events (event_time, position, index);
CREATE INDEX epcis_events_record_time ON epcis_events (record_time, position, index);
CREATE INDEX epcis_events_any_epcs ON epcis_events USING gin (any_epcs);
CREATE INDEX epcis_events_empties ON epcis_events (empties, event_time) WHERE empties IS NOT NULL;
CREATE INDEX epcis_events_glns ON epcis_events USING gin (glns) WHERE glns IS NOT NULL;
CREATE INDEX epcis_events_links ON epcis_events USING gin (links) WHERE links IS NOT NULL;
CREATE INDEX epcis_events_linked ON epcis_events (position) WHERE links IS NOT NULL;
-- What was declared an error of what the platform has published, by its hash.
CREATE INDEX epcis_events_declared ON epcis_events ((coalesce(event ->> 'isotherm:corrects', event_id)))
  WHERE is_declaration AND position = 0;

-- A source states its parts as a whole; what it published before and does not state any more is declared an error.
CREATE TABLE epcis_published (
  source text COLLATE "C" NOT NULL,
  part text COLLATE "C" NOT NULL,
  index integer NOT NULL,
  event_id text NOT NULL,
  hash_id text NOT NULL,
  PRIMARY KEY (source, part)
);
COMMENT ON TABLE epcis_published IS 'Which events the platform has published, and for what.';
COMMENT ON COLUMN epcis_published.source IS 'What they are about: `pass:12`, `asn:SHP-1`, `fact:17`, `alert:...`.';
COMMENT ON COLUMN epcis_published.part IS 'Which part of it.';
COMMENT ON COLUMN epcis_published.index IS 'Index of the event at position 0.';
COMMENT ON COLUMN epcis_published.event_id IS 'Its eventID; not the hash where the same was published and declared an error before.';
COMMENT ON COLUMN epcis_published.hash_id IS 'The event hash of the content.';
CREATE INDEX epcis_published_event_id ON epcis_published (event_id);
CREATE SEQUENCE epcis_published_index AS integer;
