import { Button } from '@mantine/core';
import { Link } from 'react-router';
import type { ShipmentDetail } from '../../../api/index.ts';
import { useReceive } from '../announce/announce-queries.ts';
import { Trouble } from '../parts/States.tsx';
import { useMay, useSession } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';

/** Where no reader sees goods come in: a person says that they are here, and tells the partner what does not fit. */
export function ReceiveDelivery({ shipment }: { shipment: ShipmentDetail }) {
  const { data: session } = useSession();
  const mayCapture = useMay('events.capture');
  const mayTell = useMay('exception.handle');
  const mayPrint = useMay('partner.read');
  const receive = useReceive(shipment.id);
  if (session?.setUpFor !== 'pharmacy' || shipment.cancelled !== null) return null;
  const { destination, units } = shipment;
  const isComing = shipment.state !== 'received' && shipment.closedAt === null;
  return (
    <div className="actions">
      <div className="buttons">
        {mayCapture && isComing && units.length > 0 ? (
          <Button
            loading={receive.isPending}
            onClick={() => receive.mutate({ place: destination.id, epcs: outermost(units) })}
          >
            {say('receive.here')}
          </Button>
        ) : null}
        {mayTell ? (
          <Button component={Link} variant="default" to={`/admin/exceptions?draft=${encodeURIComponent(shipment.id)}`}>
            {say('receive.tell')}
          </Button>
        ) : null}
        {mayPrint ? (
          <Button
            component="a"
            variant="default"
            href={`/api/v1/transactions/record.pdf?shipment=${encodeURIComponent(shipment.id)}`}
            target="_blank"
            rel="noreferrer"
          >
            {say('receive.record')}
          </Button>
        ) : null}
      </div>
      <Trouble error={receive.error} />
    </div>
  );
}

/** What is in something else comes with it. */
function outermost(units: ShipmentDetail['units']): string[] {
  return units.flatMap(({ epc, parent }) => (parent === null ? [epc] : []));
}
