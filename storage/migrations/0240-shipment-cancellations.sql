-- A shipment that will not take place is cancelled, not deleted: what it lists stays, with who cancelled it and why.
CREATE TABLE shipment_cancellations (
  shipment text PRIMARY KEY,
  is_cancelled boolean NOT NULL,
  at bigint NOT NULL,
  by text NOT NULL,
  reason text NOT NULL,
  position bigint NOT NULL
);
COMMENT ON TABLE shipment_cancellations IS 'The latest word of a person on whether a shipment is cancelled; kept apart from it as closings are.';
COMMENT ON COLUMN shipment_cancellations.shipment IS 'Id of the shipment.';
COMMENT ON COLUMN shipment_cancellations.is_cancelled IS 'False: the cancellation was taken back.';
COMMENT ON COLUMN shipment_cancellations.at IS 'From when on nothing is expected of it.';
COMMENT ON COLUMN shipment_cancellations.by IS 'Who said so.';
COMMENT ON COLUMN shipment_cancellations.reason IS 'Why, in their words.';
COMMENT ON COLUMN shipment_cancellations.position IS 'Log position of the fact.';

COMMENT ON COLUMN shipments.state IS 'created, packed, in transit, received, closed, cancelled.';
COMMENT ON COLUMN shipments.closed_at IS 'When it was closed, or cancelled: from then on nothing is expected of it.';

-- Those of which nothing is expected any more, closed and cancelled ones, are listed behind the others.
DROP INDEX shipments_open;
DROP INDEX shipments_closed;
CREATE INDEX shipments_open ON shipments (departs DESC, id) WHERE state NOT IN ('closed', 'cancelled');
CREATE INDEX shipments_closed ON shipments (departs DESC, id COLLATE "C") WHERE state IN ('closed', 'cancelled');
