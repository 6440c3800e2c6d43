-- What rules found, as it stands now; and how it came to stand so. A finding's identity is (rule, key, from).
CREATE TABLE findings (
  rule text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz,
  rule_version int NOT NULL,
  kind text NOT NULL,
  severity text NOT NULL,
  -- The device of a `device/metric` key: exposure changes are looked up by it.
  device text COLLATE "C",
  ended_by text,
  extreme double precision,
  readings int NOT NULL,
  minutes_out_of_range double precision,
  runs jsonb NOT NULL,
  limit_value double precision,
  portal jsonb,
  detected_at timestamptz NOT NULL,
  detected_late boolean NOT NULL,
  -- Raised by one with every change; writing the same finding again raises nothing.
  revision int NOT NULL DEFAULT 1,
  PRIMARY KEY (rule, key, from_at)
);
CREATE INDEX findings_by_device ON findings (device, from_at) WHERE device IS NOT NULL;

-- For explanation: every change but the mere growth of a running finding.
CREATE TABLE finding_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  from_at timestamptz NOT NULL,
  event text NOT NULL,
  reason text,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX finding_changes_by_finding ON finding_changes (rule, key, from_at, id);

-- What the alert desk has to look at, marked in the transaction that changed it. Rows are only ever added by those who
-- mark and taken away by the desk, a group (rule, key) at a time: repeated marks coalesce when they are taken, and
-- marking never waits for the desk, as an upsert of one row per group would.
CREATE TABLE alert_work (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  -- The finding that changed.
  from_at timestamptz NOT NULL,
  reason text,
  -- Exposure changed, not the finding: what is known of the serials is asked again too.
  is_exposure boolean NOT NULL DEFAULT false,
  -- Look again then, not before: readings that made the finding were not stored yet.
  not_before timestamptz,
  attempt int NOT NULL DEFAULT 0
);
CREATE INDEX alert_work_by_group ON alert_work (rule, key, id);
