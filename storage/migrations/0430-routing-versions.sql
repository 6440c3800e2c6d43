-- Who is told of alerts, as people wrote it on the page: every version there was. None is ever changed or removed.
CREATE TABLE routing_versions (
  version int PRIMARY KEY CHECK (version > 0),
  text text NOT NULL,
  author text NOT NULL,
  at timestamptz NOT NULL,
  reason text NOT NULL
);
COMMENT ON TABLE routing_versions IS 'The routing as people wrote it on the page, every version: the latest is in force, unless the configuration names a file.';
COMMENT ON COLUMN routing_versions.version IS 'Number, from 1.';
COMMENT ON COLUMN routing_versions.text IS 'The routing, YAML (docs/routing.md).';
COMMENT ON COLUMN routing_versions.author IS 'Name of who wrote it.';
COMMENT ON COLUMN routing_versions.at IS 'When it came into force.';
COMMENT ON COLUMN routing_versions.reason IS 'Why.';
