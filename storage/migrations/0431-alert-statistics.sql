-- Statistics look at every alert of some weeks, and at little of each: found without reading its evidence.
CREATE INDEX alerts_for_statistics ON alerts (detected_at)
  INCLUDE (number, rule, device, state, acknowledged_by, acknowledged_at, resolved_at, from_at, to_at);
