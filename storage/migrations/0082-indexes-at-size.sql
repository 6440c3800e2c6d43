-- What `storage/testing/plans.ts` found to read a whole table at size.

-- How much waits, and what was given up: of an outbox that is mostly delivered.
CREATE INDEX outbox_undelivered ON outbox (channel, created_at) WHERE delivered_at IS NULL;

-- Shipments that have not left: a few of all there ever were.
CREATE INDEX shipments_preparing ON shipments (id) WHERE state IN ('created', 'packed');

-- Shipments that are known from their events alone.
CREATE INDEX shipments_not_noticed ON shipments (id) WHERE NOT is_noticed;

-- Asked with a bound that may be infinite, which a bigint cannot be.
CREATE INDEX passes_since_double ON passes ((since::double precision));
