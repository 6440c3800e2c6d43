-- What the readers saw, the passes formed from it, and what people and partners add to what the doors saw. All times are
-- epoch milliseconds UTC (`since`, `until` half-open; null = open).

-- EPC memory as read; what it means is decided when passes are formed. LLRP counts antennas, GPI ports and EPC bits in 16
-- unsigned bits: more than a smallint holds.
CREATE TABLE sightings (
  reader text NOT NULL,
  antenna integer NOT NULL,
  first_seen bigint NOT NULL,
  epc_hex text NOT NULL,
  epc_bits integer NOT NULL,
  last_seen bigint NOT NULL,
  count integer NOT NULL,
  rssi double precision,
  position bigint NOT NULL,
  PRIMARY KEY (reader, antenna, first_seen, epc_hex)
);
COMMENT ON TABLE sightings IS 'What the readers saw: a tag at one antenna from first to last read.';
COMMENT ON COLUMN sightings.reader IS 'Id of the reader.';
COMMENT ON COLUMN sightings.antenna IS 'Number of the antenna.';
COMMENT ON COLUMN sightings.first_seen IS 'First read.';
COMMENT ON COLUMN sightings.epc_hex IS 'EPC memory, hex.';
COMMENT ON COLUMN sightings.epc_bits IS 'Its length in bits.';
COMMENT ON COLUMN sightings.last_seen IS 'Last read.';
COMMENT ON COLUMN sightings.count IS 'Number of reads.';
COMMENT ON COLUMN sightings.rssi IS 'Strongest signal, dBm.';
COMMENT ON COLUMN sightings.position IS 'Log position of the batch.';

CREATE TABLE gpi_events (
  reader text NOT NULL,
  port integer NOT NULL,
  at bigint NOT NULL,
  is_high boolean NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (reader, port, at, is_high)
);
COMMENT ON TABLE gpi_events IS 'Changes of readers'' inputs (GPI): light barriers, door contacts.';
COMMENT ON COLUMN gpi_events.reader IS 'Id of the reader.';
COMMENT ON COLUMN gpi_events.port IS 'Number of the input.';
COMMENT ON COLUMN gpi_events.at IS 'When.';
COMMENT ON COLUMN gpi_events.is_high IS 'What it became.';
COMMENT ON COLUMN gpi_events.position IS 'Log position of the batch.';

CREATE TABLE read_gaps (
  reader text NOT NULL,
  since bigint NOT NULL,
  until bigint NOT NULL,
  reason text NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (reader, since, until, reason)
);
COMMENT ON TABLE read_gaps IS 'Times in which a reader was not heard or a batch is missing.';
COMMENT ON COLUMN read_gaps.reader IS 'Id of the reader.';
COMMENT ON COLUMN read_gaps.since IS 'From when on.';
COMMENT ON COLUMN read_gaps.until IS 'Until when.';
COMMENT ON COLUMN read_gaps.reason IS 'Why.';
COMMENT ON COLUMN read_gaps.position IS 'Log position of what said so.';
CREATE INDEX read_gaps_until ON read_gaps (reader, until);

CREATE TABLE complete_until (
  reader text PRIMARY KEY,
  at bigint NOT NULL,
  position bigint NOT NULL
);
COMMENT ON TABLE complete_until IS 'Up to when everything a reader saw has been uplinked.';
COMMENT ON COLUMN complete_until.reader IS 'Id of the reader.';
COMMENT ON COLUMN complete_until.at IS 'Event time.';
COMMENT ON COLUMN complete_until.position IS 'Log position of the batch that said so.';

-- Rebuilt from the sightings records like all of trace (trace/batch-numbers.ts).
CREATE TABLE gateway_batches (
  gateway text PRIMARY KEY,
  position bigint NOT NULL,
  life integer NOT NULL,
  latest bigint NOT NULL,
  ranges jsonb NOT NULL,
  readers jsonb NOT NULL,
  missing jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE gateway_batches IS 'Which batches of each gateway have arrived, and the holes that are shown as missing.';
COMMENT ON COLUMN gateway_batches.gateway IS 'Id of the gateway.';
COMMENT ON COLUMN gateway_batches.position IS 'Of the last record taken in: what is replayed changes nothing.';
COMMENT ON COLUMN gateway_batches.life IS 'Which spool of the gateway, from 1: a lost one counts anew.';
COMMENT ON COLUMN gateway_batches.latest IS 'Latest batch number.';
COMMENT ON COLUMN gateway_batches.ranges IS 'Numbers that arrived, as ranges.';
COMMENT ON COLUMN gateway_batches.readers IS 'Readers it speaks for.';
COMMENT ON COLUMN gateway_batches.missing IS 'Holes that are shown, with the rows of read_gaps that show them.';

CREATE TABLE passes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  portal text NOT NULL,
  since bigint NOT NULL,
  until bigint NOT NULL,
  ended_by text NOT NULL,
  settles_at bigint NOT NULL,
  direction text NOT NULL,
  direction_reason text NOT NULL,
  verdict jsonb,
  is_provisional boolean NOT NULL DEFAULT true,
  findings jsonb NOT NULL DEFAULT '[]',
  position bigint NOT NULL,
  revision integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE passes IS 'Movements through a portal. A pass keeps its id while its sightings change.';
COMMENT ON COLUMN passes.id IS 'Number of the pass.';
COMMENT ON COLUMN passes.portal IS 'Id of the portal.';
COMMENT ON COLUMN passes.since IS 'Trigger or first sighting.';
COMMENT ON COLUMN passes.until IS 'Last sighting.';
COMMENT ON COLUMN passes.ended_by IS 'What ended it.';
COMMENT ON COLUMN passes.settles_at IS 'From when on nothing more is awaited for it.';
COMMENT ON COLUMN passes.direction IS 'in, out or unknown.';
COMMENT ON COLUMN passes.direction_reason IS 'Why that direction.';
COMMENT ON COLUMN passes.verdict IS 'Expected against seen; null until it is judged.';
COMMENT ON COLUMN passes.is_provisional IS 'It may still change.';
COMMENT ON COLUMN passes.findings IS 'What it last made the finding store hold.';
COMMENT ON COLUMN passes.position IS 'Log position it was last formed at.';
COMMENT ON COLUMN passes.revision IS 'Raised by one with every change.';
CREATE INDEX passes_portal ON passes (portal, since);
CREATE INDEX passes_provisional ON passes (portal, settles_at) WHERE is_provisional;
CREATE INDEX passes_settling ON passes (settles_at) WHERE is_provisional;
-- A change of what is in what affects only passes from its moment on.
CREATE INDEX passes_since ON passes (since);
-- Asked with a bound that may be infinite, which a bigint cannot be.
CREATE INDEX passes_since_double ON passes ((since::double precision));

CREATE TABLE pass_reads (
  pass bigint NOT NULL REFERENCES passes ON DELETE CASCADE,
  epc text NOT NULL,
  epc_hex text NOT NULL,
  epc_bits integer NOT NULL,
  first_seen bigint NOT NULL,
  last_seen bigint NOT NULL,
  count integer NOT NULL,
  rssi double precision,
  inside jsonb,
  outside jsonb,
  direction text NOT NULL,
  direction_reason text NOT NULL,
  status text,
  reason text,
  PRIMARY KEY (pass, epc)
);
COMMENT ON TABLE pass_reads IS 'What was read in a pass, a row a tag.';
COMMENT ON COLUMN pass_reads.pass IS 'Number of the pass.';
COMMENT ON COLUMN pass_reads.epc IS 'EPC as pure identity URI, else as hex.';
COMMENT ON COLUMN pass_reads.epc_hex IS 'EPC memory, hex.';
COMMENT ON COLUMN pass_reads.epc_bits IS 'Its length in bits.';
COMMENT ON COLUMN pass_reads.first_seen IS 'First read.';
COMMENT ON COLUMN pass_reads.last_seen IS 'Last read.';
COMMENT ON COLUMN pass_reads.count IS 'Number of reads.';
COMMENT ON COLUMN pass_reads.rssi IS 'Strongest signal, dBm.';
COMMENT ON COLUMN pass_reads.inside IS 'Reads by antennas on the inner side.';
COMMENT ON COLUMN pass_reads.outside IS 'Reads by antennas on the outer side.';
COMMENT ON COLUMN pass_reads.direction IS 'Which way this tag went.';
COMMENT ON COLUMN pass_reads.direction_reason IS 'Why.';
COMMENT ON COLUMN pass_reads.status IS 'expected, unexpected, stray or other.';
COMMENT ON COLUMN pass_reads.reason IS 'Why that status.';
CREATE INDEX pass_reads_epc ON pass_reads (epc);

CREATE TABLE pass_units (
  pass bigint NOT NULL REFERENCES passes ON DELETE CASCADE,
  unit text NOT NULL,
  shipment text,
  inferred_from text NOT NULL,
  direction text NOT NULL,
  direction_reason text NOT NULL,
  serials integer NOT NULL,
  seen integer NOT NULL,
  PRIMARY KEY (pass, unit)
);
COMMENT ON TABLE pass_units IS 'Units that went through in a pass: read themselves, or inferred from enough of what is in them.';
COMMENT ON COLUMN pass_units.pass IS 'Number of the pass.';
COMMENT ON COLUMN pass_units.unit IS 'EPC of the unit.';
COMMENT ON COLUMN pass_units.shipment IS 'Shipment it belongs to.';
COMMENT ON COLUMN pass_units.inferred_from IS 'Whether it was read or inferred.';
COMMENT ON COLUMN pass_units.direction IS 'Which way it went.';
COMMENT ON COLUMN pass_units.direction_reason IS 'Why.';
COMMENT ON COLUMN pass_units.serials IS 'Serials in it.';
COMMENT ON COLUMN pass_units.seen IS 'Serials of it that were read.';
CREATE INDEX pass_units_unit ON pass_units (unit);

CREATE TABLE unit_counts (
  position bigint NOT NULL,
  index integer NOT NULL,
  unit text NOT NULL,
  at bigint NOT NULL,
  by text NOT NULL,
  found text[] NOT NULL,
  damaged text[] NOT NULL,
  PRIMARY KEY (position, index)
);
COMMENT ON TABLE unit_counts IS 'What was found in a unit when it was opened, by people or partners.';
COMMENT ON COLUMN unit_counts.position IS 'Log position of the fact.';
COMMENT ON COLUMN unit_counts.index IS '0 for a person''s count, the event''s place in its capture for EPCIS.';
COMMENT ON COLUMN unit_counts.unit IS 'EPC of the unit.';
COMMENT ON COLUMN unit_counts.at IS 'When it was counted.';
COMMENT ON COLUMN unit_counts.by IS 'Who counted.';
COMMENT ON COLUMN unit_counts.found IS 'EPCs that were there.';
COMMENT ON COLUMN unit_counts.damaged IS 'EPCs that were damaged.';
CREATE INDEX unit_counts_unit ON unit_counts (unit, at);

-- A difference is known by its term, the serial or unit, where and since when; an empty portal is none. When the evidence
-- changes so that it is another, the settlement is of one that is no more.
CREATE TABLE settlements (
  term text NOT NULL,
  epc text NOT NULL,
  portal text NOT NULL,
  since bigint NOT NULL,
  how text NOT NULL,
  reason text NOT NULL,
  by text NOT NULL,
  at bigint NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (term, epc, portal, since)
);
COMMENT ON TABLE settlements IS 'Differences that a person settled.';
COMMENT ON COLUMN settlements.term IS 'What kind of difference.';
COMMENT ON COLUMN settlements.epc IS 'Serial or unit it is about.';
COMMENT ON COLUMN settlements.portal IS 'Where it showed; empty = at no portal.';
COMMENT ON COLUMN settlements.since IS 'Since when.';
COMMENT ON COLUMN settlements.how IS 'How it was settled.';
COMMENT ON COLUMN settlements.reason IS 'Why.';
COMMENT ON COLUMN settlements.by IS 'Who settled it.';
COMMENT ON COLUMN settlements.at IS 'When it was settled.';
COMMENT ON COLUMN settlements.position IS 'Log position of the fact.';

CREATE TABLE verifications (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  by text NOT NULL,
  request json NOT NULL,
  answer json NOT NULL
);
COMMENT ON TABLE verifications IS 'Verification requests with their answers, which an inspector may ask for.';
COMMENT ON COLUMN verifications.id IS 'Number of the verification.';
COMMENT ON COLUMN verifications.at IS 'When it was asked.';
COMMENT ON COLUMN verifications.by IS 'Who asked.';
COMMENT ON COLUMN verifications.request IS 'What was asked.';
COMMENT ON COLUMN verifications.answer IS 'What was answered.';
