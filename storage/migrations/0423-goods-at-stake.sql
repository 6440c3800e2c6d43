-- What is at stake in an alert: its severity may follow it.
ALTER TABLE alerts ADD COLUMN at_stake jsonb;
COMMENT ON COLUMN alerts.at_stake IS 'Value classes of the serials it touches and the least stability budget that one of them has left, minutes; null: nothing is known.';
