-- What Grafana may read: names that stay while the tables behind them change (dashboards/grafana/, docs/grafana.md).
-- Times are timestamptz, names are the house's words, and nothing here tells who signs in.
CREATE SCHEMA grafana;

-- The role every reader is a member of; `CREATE ROLE grafana LOGIN PASSWORD '...' IN ROLE isotherm_reader` makes one.
-- Roles belong to the server: it may be there already, or ours to make only for somebody else (docs/grafana.md).
DO $$
BEGIN
  CREATE ROLE isotherm_reader NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN
  NULL;
END $$;

CREATE TABLE grafana.metrics (
  code smallint PRIMARY KEY,
  metric text NOT NULL UNIQUE,
  unit text NOT NULL
);
COMMENT ON TABLE grafana.metrics IS 'domain/metric.ts, for people; a test compares the two.';
COMMENT ON COLUMN grafana.metrics.code IS 'Code of the metric.';
COMMENT ON COLUMN grafana.metrics.metric IS 'Its name.';
COMMENT ON COLUMN grafana.metrics.unit IS 'Its unit; empty where it has none.';
INSERT INTO grafana.metrics VALUES
  (1, 'temperature', '°C'), (2, 'humidity', '%RH'), (3, 'shock', 'g'), (4, 'light', 'lux'), (5, 'pressure', 'hPa'),
  (6, 'battery', '%'), (7, 'tilt', '°'), (8, 'door', '');

-- Readings of some devices in buckets of `width`: n, min, mean, max, so that an extreme is never averaged away.
-- Functions and not views: their text is read when they run, so `readings` can be replaced behind them (it is, on the way
-- to TimescaleDB), and every plan is made for the devices and times at hand: one index range and one set of buckets each.
-- Whole hours and minutes come from the rollups. Hours with more than 120 readings have minutes of their own (SPARSE_HOUR
-- in storage/readings/rollups.ts); those with fewer are as quickly read themselves.
CREATE FUNCTION grafana.readings(devices text[], metric text, "from" timestamptz, "to" timestamptz, width interval)
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

-- The last reading of every key, or of some devices' keys: one index probe each.
CREATE FUNCTION grafana.latest(devices text[] DEFAULT NULL)
  RETURNS TABLE (device text, metric text, unit text, "time" timestamptz, value double precision)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
AS $$
BEGIN
  RETURN QUERY EXECUTE
    'SELECT d.name::text, m.metric, m.unit, r.time, r.value
       FROM devices d JOIN reading_keys k ON k.device_id = d.id JOIN grafana.metrics m ON m.code = k.metric
       CROSS JOIN LATERAL (
         SELECT readings.time, readings.value FROM readings
          WHERE readings.device_id = k.device_id AND readings.metric = k.metric ORDER BY readings.time DESC LIMIT 1
       ) r
      WHERE $1 IS NULL OR d.name = ANY ($1)'
    USING devices;
END $$;

CREATE VIEW grafana.devices AS SELECT name::text AS device FROM devices;

CREATE VIEW grafana.shipments AS
  SELECT id AS shipment, profile, origin, destination, state, to_timestamp(departs / 1000.0) AS departs,
    to_timestamp(arrives / 1000.0) AS arrives, to_timestamp(left_at / 1000.0) AS left_at,
    to_timestamp(received_at / 1000.0) AS received_at
  FROM shipments;

-- Which device measured a shipment's unit, and when; open ends are null.
CREATE VIEW grafana.shipment_devices AS
  SELECT u.shipment, u.unit, a.device, to_timestamp(a.since / 1000.0) AS "from", to_timestamp(a.until / 1000.0) AS "to"
  FROM shipment_units u JOIN attachments a ON a.subject = u.unit AND a.holds;

CREATE VIEW grafana.alerts AS
  SELECT id AS alert, number, kind, severity, state, rule::text AS rule, device, metric, portal, shipments, summary,
    from_at AS "from", to_at AS "to", detected_at, detected_late, affected_count AS serials
  FROM alerts WHERE merged_into IS NULL;

CREATE VIEW grafana.portals AS SELECT id AS portal, name, site FROM portals;

-- `since` is the epoch ms that `from` is made of: it has the index.
CREATE VIEW grafana.passes AS
  SELECT 'pass-' || id AS pass, portal, to_timestamp(since / 1000.0) AS "from", to_timestamp(until / 1000.0) AS "to", since,
    direction, verdict ->> 'verdict' AS verdict, is_provisional, verdict ->> 'reason' AS reason,
    (verdict -> 'counts' ->> 'expected')::int AS expected, (verdict -> 'counts' ->> 'seen')::int AS seen,
    (verdict -> 'counts' ->> 'missing')::int AS missing, (verdict -> 'counts' ->> 'unexpected')::int AS unexpected,
    (verdict -> 'counts' ->> 'stray')::int AS stray
  FROM passes WHERE verdict IS NOT NULL;

-- How far each consumer of the log is behind; within a segment positions are dense (storage/log/checkpoints.ts).
CREATE VIEW grafana.consumers AS
  WITH segments AS (
    SELECT family, partition, number, last FROM log_segments
    UNION ALL SELECT family, partition, segment, position FROM log_head
  )
  SELECT c.consumer, c.family, k.mandatory AS is_mandatory, c.detached IS NOT NULL AS is_detached,
    coalesce(sum(greatest(s.last - greatest(c.position, s.number * 1048576 - 1, 0), 0)), 0)::bigint AS behind
  FROM log_checkpoints c JOIN log_consumers k ON k.name = c.consumer
  JOIN segments s ON s.family = c.family AND s.partition = c.partition
  GROUP BY c.consumer, c.family, k.mandatory, c.detached IS NOT NULL;

CREATE VIEW grafana.dead_records AS
  SELECT consumer, family, kind, source, reason, to_timestamp(at / 1000.0) AS at FROM log_dead;

CREATE VIEW grafana.refusals AS SELECT arrival AS at, source, topic, reason, detail FROM quarantine;

CREATE VIEW grafana.messages AS
  SELECT channel, type, created_at, attempts, last_error, delivered_at, dead_at FROM outbox;

-- TimescaleDB's chunks lie in a schema of their own: what counts is where the table is that they belong to. What its
-- columnstore has compressed it keeps elsewhere again; that is not in here.
CREATE VIEW grafana.tables AS
  SELECT coalesce(parent.relname, own.relname)::text AS "table", sum(pg_total_relation_size(own.oid))::bigint AS bytes
  FROM pg_class own LEFT JOIN pg_inherits i ON i.inhrelid = own.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
  WHERE own.relkind IN ('r', 'm')
    AND coalesce(parent.relnamespace, own.relnamespace) = 'public'::regnamespace GROUP BY 1;

COMMENT ON VIEW grafana.devices IS 'Every device that ever sent a reading.';
COMMENT ON VIEW grafana.shipments IS 'Shipments with their times.';
COMMENT ON VIEW grafana.shipment_devices IS 'Which device measured a shipment''s unit, and when; open ends are null.';
COMMENT ON VIEW grafana.alerts IS 'Alerts, without those that were merged into another.';
COMMENT ON VIEW grafana.portals IS 'Portals with their site.';
COMMENT ON VIEW grafana.passes IS 'Passes that were judged; `since` is the epoch ms that `from` is made of: it has the index.';
COMMENT ON VIEW grafana.consumers IS 'How far each consumer of the log is behind, in records.';
COMMENT ON VIEW grafana.dead_records IS 'Records that a consumer could not take.';
COMMENT ON VIEW grafana.refusals IS 'What ingest refused.';
COMMENT ON VIEW grafana.messages IS 'Messages to people and systems.';
COMMENT ON VIEW grafana.tables IS 'Bytes of each table with its indexes and what is stored beside it; partitions count for their table.';

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'isotherm_reader') THEN
    GRANT USAGE ON SCHEMA grafana TO isotherm_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA grafana TO isotherm_reader;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA grafana TO isotherm_reader;
  END IF;
END $$;
