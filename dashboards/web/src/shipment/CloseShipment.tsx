import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ShipmentDetail } from '../../../api/index.ts';
import { WhenExact } from '../parts/When.tsx';
import { useCloseShipment } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';

/** Closing is for good, so it is asked twice. */
export function CloseShipment({ shipment }: { shipment: ShipmentDetail }) {
  const mayClose = useMay('shipment.close');
  const close = useCloseShipment(shipment.id);
  const [isAsking, setAsking] = useState(false);
  // Shipment.tsx tells of a cancelled one.
  if (shipment.cancelled !== null) return null;
  if (shipment.closedAt !== null) {
    return (
      <p className="muted section-open">
        <Say text="shipment.closedOnNothingIsExpected" values={{ whenExact: <WhenExact at={shipment.closedAt} /> }} />
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
              {say('shipment.closeForGood')}
            </Button>
            <Button variant="subtle" color="gray" onClick={() => setAsking(false)}>
              {say('shipment.cancel')}
            </Button>
            <span className="muted">{say('shipment.itsSerialsWillNotBe')}</span>
          </>
        ) : (
          <Button variant="default" onClick={() => setAsking(true)}>
            {say('shipment.closeShipment')}
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
