-- A broker of others keeps a session for each process that takes messages from it. One whose process is gone still gathers
-- its share; who is there looks here, takes it over and ends it.
CREATE TABLE mqtt_sessions (
  name text PRIMARY KEY,
  broker text NOT NULL,
  opened_at timestamptz NOT NULL
);
COMMENT ON TABLE mqtt_sessions IS 'Sessions that processes of this installation may have at the broker of mqtt.url; whose each is now, a lock says.';
COMMENT ON COLUMN mqtt_sessions.name IS 'The MQTT client id.';
COMMENT ON COLUMN mqtt_sessions.broker IS 'Host and port of the broker.';
COMMENT ON COLUMN mqtt_sessions.opened_at IS 'When a process last took it.';
