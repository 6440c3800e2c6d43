-- As in 0750, planned once a connection and not at each call (docs/decisions/0229): the statement stands in the function, where
-- its plan is kept, and partitions are passed over when it runs. VOLATILE as before: each call has a snapshot of its own,
-- taken behind its locks. Where `readings` is replaced, the plan is made anew.
CREATE OR REPLACE FUNCTION grafana.readings(devices text[], metric text, "from" timestamptz, "to" timestamptz, width interval)
  RETURNS TABLE ("time" timestamptz, device text, n bigint, min double precision, mean double precision, max double precision)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
  SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  -- Of the rollups: [rolled_from, rolled_to), whole hours; empty where buckets are no whole minutes.
  rolled_from timestamptz := "from";
  rolled_to timestamptz := "from";
  state rollup_state%ROWTYPE;
  seconds numeric := extract(epoch FROM width);
  is_hourly boolean := seconds % 3600 = 0;
  metric_code smallint := (SELECT known.code FROM grafana.metrics AS known WHERE known.metric = readings.metric);
  marked_from timestamptz;
BEGIN
  IF seconds >= 60 AND seconds % 60 = 0 THEN
    SELECT * INTO state FROM rollup_state;
    rolled_from := date_bin('1 hour', "from" + interval '1 hour' - interval '1 microsecond', 'epoch');
    rolled_to := greatest(rolled_from, least(date_bin('1 hour', "to", 'epoch'), state.rolled));
  END IF;
  marked_from := coalesce(state.kept, '-infinity');
  RETURN QUERY
    SELECT bucket.time, d.name::text, bucket.n, bucket.min, bucket.sum / bucket.n, bucket.max
       FROM devices d CROSS JOIN LATERAL (
         WITH hour AS MATERIALIZED (
           SELECT * FROM readings_1h h
            WHERE h.device_id = d.id AND h.metric = metric_code AND h.time >= rolled_from AND h.time < rolled_to AND NOT EXISTS (
              SELECT FROM rollup_marks k WHERE k.device_id = d.id AND k.metric = metric_code AND k.day >= marked_from
                 AND k.day = date_bin('1 day', h.time, 'epoch'))
         )
         SELECT date_bin(greatest(width, interval '1 ms'), part.time, 'epoch') AS time, sum(part.n)::bigint AS n,
                sum(part.sum) AS sum, min(part.min), max(part.max)
           FROM (
             SELECT r.time, 1 AS n, r.value AS sum, r.value AS min, r.value AS max
               FROM readings_between(d.id, metric_code, "from", least(rolled_from, "to")) r
             UNION ALL
             SELECT r.time, 1, r.value, r.value, r.value
               FROM readings_between(d.id, metric_code, greatest(rolled_to, "from"), "to") r
             UNION ALL
             SELECT h.time, h.n, h.sum, h.min, h.max FROM hour h WHERE is_hourly
             UNION ALL
             SELECT m.time, m.n, m.sum, m.min, m.max FROM hour h CROSS JOIN LATERAL (
                 SELECT * FROM readings_1m m WHERE m.device_id = d.id AND m.metric = metric_code
                    AND m.time >= h.time AND m.time < h.time + interval '1 hour' OFFSET 0
               ) m WHERE NOT is_hourly AND h.n > 120
             UNION ALL
             SELECT r.time, 1, r.value, r.value, r.value FROM hour h CROSS JOIN LATERAL (
                 SELECT * FROM readings r WHERE r.device_id = d.id AND r.metric = metric_code
                    AND r.time >= h.time AND r.time < h.time + interval '1 hour' OFFSET 0
               ) r WHERE NOT is_hourly AND h.n <= 120
             UNION ALL
             SELECT one.time, 1, one.value, one.value, one.value FROM packed_readings p
                 CROSS JOIN LATERAL unpacked_between(p.device_id, p.metric, p.since, p.packed, rolled_from, rolled_to, 0) one
                WHERE NOT is_hourly AND p.device_id = d.id AND p.metric = metric_code
                  AND p.since > rolled_from - interval '24 hours' AND p.since < rolled_to
                  AND one.time >= rolled_from AND one.time < rolled_to
                  AND date_bin('1 hour', one.time, 'epoch') IN (SELECT h.time FROM hour h WHERE h.n <= 120)
             UNION ALL
             SELECT r.time, 1, r.value, r.value, r.value FROM (
                SELECT DISTINCT k.day FROM rollup_marks k WHERE k.device_id = d.id AND k.metric = metric_code
                   AND k.day >= marked_from AND k.day < rolled_to AND k.day > rolled_from - interval '1 day'
              ) marked CROSS JOIN LATERAL
                readings_between(d.id, metric_code, greatest(marked.day, rolled_from),
                  least(marked.day + interval '1 day', rolled_to)) r
           ) part GROUP BY 1
       ) bucket
      WHERE d.name = ANY (devices) ORDER BY 1, 2;
END $$;
