-- What a fact speaks of, as `kind:id`, in a column of its own. A JSON path over the facts fails for all of them where one
-- holds a NUL, which json keeps and text does not; an index of such a path refuses the fact itself.
ALTER TABLE facts ADD COLUMN subject text COLLATE "C";
COMMENT ON COLUMN facts.subject IS 'What it speaks of, as kind:id (device:logger-7); null where it could not be read.';
DO $$
DECLARE kept record;
BEGIN
  FOR kept IN SELECT position, type, fact FROM facts WHERE type IN ('device', 'setAside') LOOP
    BEGIN
      UPDATE facts SET subject = 'device:' || coalesce(kept.fact -> 'device' ->> 'id', kept.fact -> 'setAside' ->> 'device')
       WHERE position = kept.position;
    EXCEPTION WHEN data_exception THEN NULL;
    END;
  END LOOP;
END $$;
DROP INDEX facts_device;
DROP INDEX facts_set_aside;
CREATE INDEX facts_subject ON facts (subject, type, position);
