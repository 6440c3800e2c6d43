-- What people and partners add to what the doors saw: what was found in a unit when it was opened, and differences that
-- a person settled.
CREATE TABLE unit_counts (
  position bigint NOT NULL,
  -- 0 for a person's count, the event's place in its capture for EPCIS.
  index integer NOT NULL,
  unit text NOT NULL,
  at bigint NOT NULL,
  by text NOT NULL,
  found text[] NOT NULL,
  damaged text[] NOT NULL,
  PRIMARY KEY (position, index)
);
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
