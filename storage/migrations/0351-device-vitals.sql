-- What was noticed of devices while their messages came in. Nothing is judged by it: it is shown.
CREATE TABLE device_vitals (
  device text COLLATE "C" PRIMARY KEY,
  behind_ms bigint,
  messages int,
  clock_at timestamptz,
  rssi double precision,
  snr double precision,
  signal_at timestamptz
);
COMMENT ON TABLE device_vitals IS 'How the clocks of devices go and how well they are received, by their latest messages.';
COMMENT ON COLUMN device_vitals.device IS 'Its device id.';
COMMENT ON COLUMN device_vitals.behind_ms IS 'Arrival minus stated time, median of the latest live messages; null: not known.';
COMMENT ON COLUMN device_vitals.messages IS 'How many messages that is the median of.';
COMMENT ON COLUMN device_vitals.clock_at IS 'Arrival of the latest of them.';
COMMENT ON COLUMN device_vitals.rssi IS 'Signal strength, dBm; null: never said.';
COMMENT ON COLUMN device_vitals.snr IS 'Signal above the noise, dB; null: not said.';
COMMENT ON COLUMN device_vitals.signal_at IS 'Arrival of the message that was received so.';
