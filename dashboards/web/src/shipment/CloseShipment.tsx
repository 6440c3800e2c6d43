import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ShipmentDetail } from '../../../api/index.ts';
import { WhenExact } from '../parts/When.tsx';
import { useCloseShipment, useMay } from '../queries.ts';

/** Closing is for good, so it is asked twice. */
export function CloseShipment({ shipment }: { shipment: ShipmentDetail }) {
  const mayClose = useMay('shipment.close');
  const close = useCloseShipment(shipment.id);
  const [isAsking, setAsking] = useState(false);
  if (shipment.closedAt !== null) {
    return (
      <p className="muted section-open">
        Closed on <WhenExact at={shipment.closedAt} />: nothing is expected of it any more.
      </p>
    );
  }
  if (!mayClose || shipment.state !== 'received') return null;
  return (
    <div className="actions">
      <div className="buttons">
        {isAsking ? (
          <>
            <Button loading={close.isPending} onClick={() => close.mutate()}>
              Close for good
            </Button>
            <Button variant="subtle" color="gray" onClick={() => setAsking(false)}>
              Cancel
            </Button>
            <span className="muted">Its serials will not be expected at any door after that.</span>
          </>
        ) : (
          <Button variant="default" onClick={() => setAsking(true)}>
            Close shipment
          </Button>
        )}
      </div>
      {close.error === null ? null : (
        <p className="trouble" role="alert">
          {close.error.message}
        </p>
      )}
    </div>
  );
}
