import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { ShipmentDetail } from '../../../api/index.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { CancelForm, Cancelled, isCancellable } from './CancelShipment.tsx';
import { CorrectShipment } from './CorrectShipment.tsx';

/** What may be changed of a shipment, and where its history stands. */
export function ShipmentChanges({ shipment }: { shipment: ShipmentDetail }) {
  const mayChange = useMay('shipment.announce');
  const maySeeTrail = useMay('audit.read');
  const [asking, setAsking] = useState<'correct' | 'cancel' | null>(null);
  const [said, setSaid] = useState('');
  const done = (what: string) => {
    setSaid(what);
    setAsking(null);
  };
  return (
    <>
      <Cancelled shipment={shipment} />
      <div className="actions buttons">
        {mayChange && asking === null ? (
          <>
            <Button variant="default" size="xs" onClick={() => setAsking('correct')}>
              {say('shipment.correct')}
            </Button>
            {isCancellable(shipment) ? (
              <Button variant="default" size="xs" onClick={() => setAsking('cancel')}>
                {say('shipment.cancelShipment')}
              </Button>
            ) : null}
          </>
        ) : null}
        {maySeeTrail ? (
          <Link to={`/admin/audit?subject=${encodeURIComponent(`shipment:${shipment.id}`)}`}>
            {say('shipment.history')}
          </Link>
        ) : null}
        <span role="status">{said}</span>
      </div>
      {asking === 'correct' ? <CorrectShipment shipment={shipment} onDone={done} /> : null}
      {asking === 'cancel' ? (
        <section className="panel section" aria-labelledby="cancel">
          <h2 id="cancel">{say('shipment.cancelShipment')}</h2>
          <CancelForm shipment={shipment} verb="cancel" onDone={() => done('')} />
        </section>
      ) : null}
    </>
  );
}
