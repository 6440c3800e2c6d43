-- Whose installation this is, and which steps of its set-up were left for later.
CREATE TABLE organisation (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  name text NOT NULL,
  gln text,
  zone text NOT NULL
);
COMMENT ON TABLE organisation IS 'Whose installation this is: one row, or none yet.';
COMMENT ON COLUMN organisation.singleton IS 'Always true: there is one row at most.';
COMMENT ON COLUMN organisation.name IS 'What it is called.';
COMMENT ON COLUMN organisation.gln IS 'Its Global Location Number, 13 digits; null = none given.';
COMMENT ON COLUMN organisation.zone IS 'IANA time zone that new sites are offered.';

CREATE TABLE setup_steps_skipped (
  step text COLLATE "C" PRIMARY KEY,
  at timestamptz NOT NULL,
  by text NOT NULL
);
COMMENT ON TABLE setup_steps_skipped IS 'Steps of the set-up that somebody said are not needed here.';
COMMENT ON COLUMN setup_steps_skipped.step IS 'The step, as dashboards/api/setup.ts names it.';
COMMENT ON COLUMN setup_steps_skipped.at IS 'When.';
COMMENT ON COLUMN setup_steps_skipped.by IS 'Name then shown of who said so.';

ALTER TABLE products ADD COLUMN value_class smallint;
COMMENT ON COLUMN products.value_class IS 'What a pack is worth, from 1 (least) to 5; null = not said.';
