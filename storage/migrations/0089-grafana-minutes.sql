-- grafana.readings (0087) from the rollups for whole minutes too. Hours with more than 120 readings have minutes of their
-- own (SPARSE_HOUR in storage/readings/rollups.ts); those with fewer are as quickly read themselves.
CREATE OR REPLACE FUNCTION grafana.readings(devices text[], metric text, "from" timestamptz, "to" timestamptz, width interval)
  RETURNS TABLE ("time" timestamptz, device text, n bigint, min double precision, mean double precision, max double precision)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
DECLARE
  -- Of the rollups: [since, until), whole hours; empty where buckets are no whole minutes.
  since timestamptz := "from";
  until timestamptz := "from";
  state rollup_state%ROWTYPE;
  seconds numeric := extract(epoch FROM width);
  rolled text;
BEGIN
  IF seconds >= 60 AND seconds % 60 = 0 THEN
    SELECT * INTO state FROM rollup_state;
    since := date_bin('1 hour', "from" + interval '1 hour' - interval '1 microsecond', 'epoch');
    until := greatest(since, least(date_bin('1 hour', "to", 'epoch'), state.rolled));
  END IF;
  IF seconds % 3600 = 0 THEN
    rolled := 'SELECT h.time, h.n, h.sum, h.min, h.max FROM hour h';
  ELSE
    rolled := 'SELECT m.time, m.n, m.sum, m.min, m.max FROM hour h CROSS JOIN LATERAL (
                 SELECT * FROM readings_1m m WHERE m.device_id = d.id AND m.metric = $2
                    AND m.time >= h.time AND m.time < h.time + interval ''1 hour'' OFFSET 0
               ) m WHERE h.n > 120
               UNION ALL
               SELECT r.time, 1, r.value, r.value, r.value FROM hour h CROSS JOIN LATERAL (
                 SELECT * FROM readings r WHERE r.device_id = d.id AND r.metric = $2
                    AND r.time >= h.time AND r.time < h.time + interval ''1 hour'' OFFSET 0
               ) r WHERE h.n <= 120';
  END IF;
  RETURN QUERY EXECUTE format(
    'SELECT bucket.time, d.name::text, bucket.n, bucket.min, bucket.sum / bucket.n, bucket.max
       FROM devices d CROSS JOIN LATERAL (
         WITH hour AS MATERIALIZED (
           SELECT * FROM readings_1h h
            WHERE h.device_id = d.id AND h.metric = $2 AND h.time >= $6 AND h.time < $7 AND NOT EXISTS (
              SELECT FROM rollup_marks k WHERE k.device_id = d.id AND k.metric = $2 AND k.day >= $8
                 AND k.day = date_bin(''1 day'', h.time, ''epoch''))
         )
         SELECT date_bin(greatest($5, interval ''1 ms''), part.time, ''epoch'') AS time, sum(part.n)::bigint AS n,
                sum(part.sum) AS sum, min(part.min), max(part.max)
           FROM (
             SELECT r.time, 1 AS n, r.value AS sum, r.value AS min, r.value AS max FROM readings r
              WHERE r.device_id = d.id AND r.metric = $2 AND r.time >= $3 AND r.time < least($6, $4)
             UNION ALL
             SELECT r.time, 1, r.value, r.value, r.value FROM readings r
              WHERE r.device_id = d.id AND r.metric = $2 AND r.time >= greatest($7, $3) AND r.time < $4
             UNION ALL
             %s
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
      WHERE d.name = ANY ($1) ORDER BY 1, 2', rolled)
    USING devices, (SELECT code FROM grafana.metrics m WHERE m.metric = $2), "from", "to", width, since, until,
      coalesce(state.kept, '-infinity');
END $$;
