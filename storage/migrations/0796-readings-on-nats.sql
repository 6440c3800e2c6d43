-- Once the readings of the log are on NATS, nobody appends them here any more: a process that was started without NATS_URL
-- would acknowledge what no consumer ever comes to. `log_to_streams` is called by whoever enters the first stream.
CREATE FUNCTION log_is_on_streams() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the readings of this log are on NATS: set NATS_URL in every process' USING ERRCODE = 'object_not_in_prerequisite_state';
END $$;

CREATE FUNCTION log_to_streams() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'log_readings'::regclass AND tgname = 'log_readings_on_streams') THEN
    -- Waits for the appends that are under way.
    CREATE TRIGGER log_readings_on_streams BEFORE INSERT ON log_readings
      FOR EACH ROW EXECUTE FUNCTION log_is_on_streams();
  END IF;
END $$;
