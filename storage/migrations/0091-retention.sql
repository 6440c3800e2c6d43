-- Retention (docs/decisions/0022-retention-export-backup.md): what people hold, what was deleted and why, and what a
-- partition was last thinned out for.

-- A hold keeps everything of a shipment or a device until quality releases it. Rows are never taken away.
CREATE TABLE holds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- `shipment:ID` or `device:ID`
  subject text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  set_by text NOT NULL,
  set_at bigint NOT NULL,
  released_by text,
  released_at bigint,
  release_reason text
);
CREATE UNIQUE INDEX holds_standing ON holds (subject) WHERE released_at IS NULL;
CREATE INDEX holds_by_subject ON holds (subject, id);

-- Append only: an entry is written before anything is deleted, and its result once.
CREATE TABLE deletions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  -- `readings` or `originals`
  what text NOT NULL,
  -- Event times [from, to) of readings, arrival of originals; epoch ms UTC.
  from_at bigint NOT NULL,
  to_at bigint NOT NULL,
  -- The setting that asked for it, with its value.
  setting text NOT NULL,
  -- `all` or `all but what is kept`
  extent text NOT NULL,
  deleted bigint,
  kept bigint,
  finished_at bigint
);
CREATE FUNCTION deletions_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.finished_at IS NULL AND ROW(OLD.id, OLD.at, OLD.what, OLD.from_at, OLD.to_at, OLD.setting,
      OLD.extent) IS NOT DISTINCT FROM ROW(NEW.id, NEW.at, NEW.what, NEW.from_at, NEW.to_at, NEW.setting, NEW.extent) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the log of deletions is not changed';
END $$;
CREATE TRIGGER deletions_stand BEFORE UPDATE OR DELETE ON deletions FOR EACH ROW EXECUTE FUNCTION deletions_stand();
CREATE TRIGGER deletions_remain BEFORE TRUNCATE ON deletions FOR EACH STATEMENT EXECUTE FUNCTION deletions_stand();

-- A partition that has been thinned out for these kept ranges needs no second look.
CREATE TABLE retention_swept (
  from_at bigint PRIMARY KEY,
  kept_sha256 bytea NOT NULL,
  swept_at bigint NOT NULL
);
