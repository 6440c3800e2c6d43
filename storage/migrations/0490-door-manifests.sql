-- What each gateway's doors expect was said to it in versions that only rise.
CREATE TABLE door_manifests (
  gateway text PRIMARY KEY,
  version bigint NOT NULL,
  made_at bigint NOT NULL,
  complete_until bigint NOT NULL,
  digest text NOT NULL,
  shipments integer NOT NULL,
  things integer NOT NULL,
  left_shipments integer NOT NULL,
  left_things integer NOT NULL,
  bytes integer NOT NULL
);
COMMENT ON TABLE door_manifests IS 'The last manifest that was made for the doors of each gateway.';
COMMENT ON COLUMN door_manifests.gateway IS 'Id of the gateway.';
COMMENT ON COLUMN door_manifests.version IS 'Its version, one more with each.';
COMMENT ON COLUMN door_manifests.made_at IS 'When it was made.';
COMMENT ON COLUMN door_manifests.complete_until IS 'Everything that had been taken in before is in it.';
COMMENT ON COLUMN door_manifests.digest IS 'SHA-256 of what it says, without version and times.';
COMMENT ON COLUMN door_manifests.shipments IS 'Shipments in it.';
COMMENT ON COLUMN door_manifests.things IS 'Serials and units in it.';
COMMENT ON COLUMN door_manifests.left_shipments IS 'Shipments that did not fit.';
COMMENT ON COLUMN door_manifests.left_things IS 'Serials and units that did not fit.';
COMMENT ON COLUMN door_manifests.bytes IS 'Size as it was sent.';

-- What lights showed while the platform was away, as the gateways said afterwards.
CREATE TABLE door_lights (
  portal text NOT NULL,
  gateway text NOT NULL,
  at bigint NOT NULL,
  since bigint NOT NULL,
  until bigint NOT NULL,
  light text NOT NULL,
  manifest bigint NOT NULL,
  reason text NOT NULL,
  differs text,
  position bigint NOT NULL,
  PRIMARY KEY (portal, since, at, gateway)
);
COMMENT ON TABLE door_lights IS 'What stack lights showed by the gateway''s own judgement while the platform was away.';
COMMENT ON COLUMN door_lights.portal IS 'Portal.';
COMMENT ON COLUMN door_lights.gateway IS 'Gateway that judged.';
COMMENT ON COLUMN door_lights.at IS 'When it was shown, by the gateway''s clock.';
COMMENT ON COLUMN door_lights.since IS 'Start of the pass as the gateway saw it then.';
COMMENT ON COLUMN door_lights.until IS 'Its end.';
COMMENT ON COLUMN door_lights.light IS 'green, amber, red.';
COMMENT ON COLUMN door_lights.manifest IS 'Version of the manifest; 0: there was none.';
COMMENT ON COLUMN door_lights.reason IS 'Why, for a person.';
COMMENT ON COLUMN door_lights.differs IS 'How the platform''s answer differs; null: it does not, or the light was amber.';
COMMENT ON COLUMN door_lights.position IS 'Log position it came at.';

-- Goods that are stopped, wherever they are: few, and doors must know them. What was dispensed or destroyed comes to no door.
CREATE INDEX serials_stopped ON serials (status_since DESC)
  WHERE status IN ('recalled', 'stolen', 'expired', 'quarantined', 'rejected');
