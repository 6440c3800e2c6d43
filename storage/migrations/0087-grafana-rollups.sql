-- grafana.readings (0085) from the hourly rollups (0081) where the buckets are whole hours: of the hours that are rolled
-- up and lie within the time asked for, but for days that are marked for repair and still have their readings. The
-- rest, at the edges and in those days, from the readings themselves.
CREATE OR REPLACE FUNCTION grafana.readings(devices text[], metric text, "from" timestamptz, "to" timestamptz, width interval)
  RETURNS TABLE ("time" timestamptz, device text, n bigint, min double precision, mean double precision, max double precision)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
DECLARE
  -- Of the rollups: [since, until), whole hours; empty where buckets are no whole hours.
  since timestamptz := "from";
  until timestamptz := "from";
  state rollup_state%ROWTYPE;
BEGIN
  IF width >= interval '1 hour' AND extract(epoch FROM width)::numeric % 3600 = 0 THEN
    SELECT * INTO state FROM rollup_state;
    since := date_bin('1 hour', "from" + interval '1 hour' - interval '1 microsecond', 'epoch');
    until := greatest(since, least(date_bin('1 hour', "to", 'epoch'), state.rolled));
  END IF;
  RETURN QUERY EXECUTE
    'SELECT bucket.time, d.name::text, bucket.n, bucket.min, bucket.sum / bucket.n, bucket.max
       FROM devices d CROSS JOIN LATERAL (
         SELECT date_bin(greatest($5, interval ''1 ms''), part.time, ''epoch'') AS time, sum(part.n)::bigint AS n,
                sum(part.sum) AS sum, min(part.min), max(part.max)
           FROM (
             SELECT r.time, 1 AS n, r.value AS sum, r.value AS min, r.value AS max FROM readings r
              WHERE r.device_id = d.id AND r.metric = $2 AND r.time >= $3 AND r.time < least($6, $4)
             UNION ALL
             SELECT r.time, 1, r.value, r.value, r.value FROM readings r
              WHERE r.device_id = d.id AND r.metric = $2 AND r.time >= greatest($7, $3) AND r.time < $4
             UNION ALL
             SELECT h.time, h.n, h.sum, h.min, h.max FROM readings_1h h
              WHERE h.device_id = d.id AND h.metric = $2 AND h.time >= $6 AND h.time < $7 AND NOT EXISTS (
                SELECT FROM rollup_marks k WHERE k.device_id = d.id AND k.metric = $2 AND k.day >= $8
                   AND k.day = date_bin(''1 day'', h.time, ''epoch''))
             UNION ALL
             SELECT r.time, 1, r.value, r.value, r.value FROM (
                SELECT DISTINCT k.day FROM rollup_marks k WHERE k.device_id = d.id AND k.metric = $2 AND k.day >= $8
                   AND k.day < $7 AND k.day > $6 - interval ''1 day''
              ) marked CROSS JOIN LATERAL (
                SELECT * FROM readings r WHERE r.device_id = d.id AND r.metric = $2
                   AND r.time >= greatest(marked.day, $6) AND r.time < least(marked.day + interval ''1 day'', $7) OFFSET 0
              ) r
           ) part GROUP BY 1
       ) bucket
      WHERE d.name = ANY ($1) ORDER BY 1, 2'
    USING devices, (SELECT code FROM grafana.metrics m WHERE m.metric = $2), "from", "to", width, since, until,
      coalesce(state.kept, '-infinity');
END $$;
