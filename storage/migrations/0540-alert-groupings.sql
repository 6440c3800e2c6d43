-- The alerts of a site or a gateway, and of a rule or of who looks after them, latest first: what the inbox puts together and filters by.
CREATE INDEX routed_alerts_by_site ON routed_alerts USING gin (sites);
CREATE INDEX routed_alerts_by_gateway ON routed_alerts USING gin (gateways);
CREATE INDEX alerts_by_rule ON alerts (rule, detected_at DESC);
CREATE INDEX alerts_by_assignee ON alerts (assigned_to, detected_at DESC) WHERE assigned_to IS NOT NULL;
