-- What each pass tells of how a door usually goes: what surges and fading antennas are measured against.
CREATE TABLE door_observations (
  pass bigint NOT NULL REFERENCES passes ON DELETE CASCADE,
  measure text NOT NULL CHECK (measure IN ('tags', 'share', 'stay', 'way')),
  subject text NOT NULL,
  at bigint NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (pass, measure, subject)
);
COMMENT ON TABLE door_observations IS 'What each pass tells of how a door, an antenna, a place or a lane usually goes.';
COMMENT ON COLUMN door_observations.pass IS 'Number of the pass.';
COMMENT ON COLUMN door_observations.measure IS 'tags: how many were read; share: how many of those that could be, per cent; stay and way: minutes.';
COMMENT ON COLUMN door_observations.subject IS 'Of what: a portal, a portal and its antenna, a place, or two sites.';
COMMENT ON COLUMN door_observations.at IS 'When the pass began.';
COMMENT ON COLUMN door_observations.value IS 'What was observed.';
CREATE INDEX door_observations_subject ON door_observations (measure, subject, at);

-- Passes that were before count as well.
INSERT INTO door_observations (pass, measure, subject, at, value)
SELECT p.id, 'tags', p.portal, p.since, count(*)
FROM passes p JOIN pass_reads r ON r.pass = p.id WHERE r.status <> 'stray' GROUP BY p.id;
