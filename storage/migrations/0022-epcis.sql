-- EPCIS as captured. A capture stands here from the request on; `finished_at` is null until the tracer has worked it in.
CREATE TABLE epcis_captures (
  id text PRIMARY KEY,
  created_at bigint NOT NULL,
  finished_at bigint,
  error_behaviour text NOT NULL,
  refused json NOT NULL DEFAULT '[]'
);

-- One row an event and declaration: the same content captured twice is one event. `event` as it came, keys in their
-- order; the other columns are what it is searched by, words of the CBV without their namespace. `content` is a digest
-- of all but eventID, recordTime and errorDeclaration. `epcs`, `inputs`, `outputs` hold an identifier as given and, where
-- it is an EPC in another form, as pure identity too; `any_epcs` all of these and the parent.
CREATE TABLE epcis_events (
  position bigint NOT NULL,
  index integer NOT NULL,
  capture text NOT NULL,
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
  -- The parent where the event takes out everything that is in it then, and is not withdrawn.
  empties text,
  context json NOT NULL,
  event json NOT NULL,
  PRIMARY KEY (position, index)
);
CREATE UNIQUE INDEX epcis_events_content ON epcis_events (content, coalesce(event_id, ''), is_declaration);
CREATE INDEX epcis_events_id ON epcis_events (event_id);
CREATE INDEX epcis_events_time ON epcis_events (event_time, position, index);
CREATE INDEX epcis_events_record_time ON epcis_events (record_time, position, index);
CREATE INDEX epcis_events_any_epcs ON epcis_events USING gin (any_epcs);
CREATE INDEX epcis_events_empties ON epcis_events (empties, event_time) WHERE empties IS NOT NULL;
