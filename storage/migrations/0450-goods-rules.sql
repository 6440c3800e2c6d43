-- Rules on goods judge a shipment at a time: which shipments are to be judged, and what was found in which serials.
ALTER TABLE findings ADD COLUMN goods jsonb;
COMMENT ON COLUMN findings.goods IS 'Of rules on goods: the shipment, how many serials, and a digest of which, through what and how long.';

CREATE TABLE goods_watch (
  shipment text PRIMARY KEY,
  devices text[] NOT NULL DEFAULT '{}',
  due_at bigint,
  marks bigint NOT NULL DEFAULT 0,
  reason text,
  judged_at bigint
);
-- Few are due of all there are.
CREATE INDEX goods_watch_due ON goods_watch (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX goods_watch_devices ON goods_watch USING gin (devices);
COMMENT ON TABLE goods_watch IS 'Shipments whose goods rules judge.';
COMMENT ON COLUMN goods_watch.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN goods_watch.devices IS 'Devices that told the air around its goods when it was judged last: their readings have it judged again.';
COMMENT ON COLUMN goods_watch.due_at IS 'When it is to be judged, epoch ms UTC; null = nothing asks for it.';
COMMENT ON COLUMN goods_watch.marks IS 'How often it was marked: one that is marked while it is judged is judged again.';
COMMENT ON COLUMN goods_watch.reason IS 'Which fact asks for it; null where readings or time do.';
COMMENT ON COLUMN goods_watch.judged_at IS 'When it was judged last, epoch ms UTC; null = never.';

CREATE TABLE goods_found (
  rule text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  from_at bigint NOT NULL,
  part integer NOT NULL,
  unit text,
  since bigint NOT NULL,
  until bigint,
  minutes double precision,
  min double precision,
  max double precision,
  mkt double precision,
  epcs text[] NOT NULL,
  PRIMARY KEY (rule, key, from_at, part)
);
-- A part is written and read whole.
ALTER TABLE goods_found ALTER COLUMN epcs SET STORAGE EXTERNAL;
COMMENT ON TABLE goods_found IS 'The groups of serials that a finding on goods rests on: those that went through the same are one row.';
COMMENT ON COLUMN goods_found.rule IS 'Rule of the finding.';
COMMENT ON COLUMN goods_found.key IS 'Key of the finding: `shipment:{id}`.';
COMMENT ON COLUMN goods_found.from_at IS 'When the finding begins, epoch ms UTC.';
COMMENT ON COLUMN goods_found.part IS 'Of the group in its finding, from 1.';
COMMENT ON COLUMN goods_found.unit IS 'What the serials are in; null where that is not one unit.';
COMMENT ON COLUMN goods_found.since IS 'From when on it was found of this group, epoch ms UTC.';
COMMENT ON COLUMN goods_found.until IS 'Until when, epoch ms UTC; null = it lasts.';
COMMENT ON COLUMN goods_found.minutes IS 'Minutes used of the budget or beyond the limit; null where the kind counts none.';
COMMENT ON COLUMN goods_found.min IS 'Least temperature since the shipment began, °C; null where nothing is known.';
COMMENT ON COLUMN goods_found.max IS 'Greatest temperature since the shipment began, °C; null where nothing is known.';
COMMENT ON COLUMN goods_found.mkt IS 'Mean kinetic temperature since the shipment began, °C; null where nothing is known.';
COMMENT ON COLUMN goods_found.epcs IS 'Serials, sorted.';
