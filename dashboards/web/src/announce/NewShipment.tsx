import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import type { Announced } from './announce-queries.ts';
import { CsvShipment } from './CsvShipment.tsx';
import { EpcisShipment } from './EpcisShipment.tsx';
import { ShipmentForm } from './ShipmentForm.tsx';

const WAYS = ['form', 'csv', 'epcis'] as const;
type Way = (typeof WAYS)[number];

/** A shipment is announced: by form with scanned or pasted serials, by a CSV file, or by a partner's EPCIS file. */
export function NewShipment() {
  useTitle(say('announce.title'));
  const mayAnnounce = useMay('shipment.announce');
  const [search, setSearch] = useSearchParams();
  const way = WAYS.find((one) => one === search.get('by')) ?? 'form';
  const navigate = useNavigate();
  const [waiting, setWaiting] = useState<Announced | null>(null);
  if (!mayAnnounce) {
    return (
      <Nothing level="h1" title={say('announce.refused')}>
        {say('announce.refused.hint')}
      </Nothing>
    );
  }
  const announced = (shipment: Announced) => {
    if (shipment.state === undefined) setWaiting(shipment);
    else void navigate(`/shipments/${encodeURIComponent(shipment.id)}`);
  };
  return (
    <>
      <p className="crumbs">
        <Link to="/shipments">{say('shipment.shipments')}</Link>
      </p>
      <div className="head">
        <h1>{say('announce.title')}</h1>
        <span className="spring" />
        <SegmentedControl
          aria-label={say('announce.how')}
          data={WAYS.map((value) => ({ value, label: say(`announce.by.${value}`) }))}
          value={way}
          onChange={(value) => setSearch(value === 'form' ? {} : { by: value }, { replace: true })}
        />
      </div>
      {waiting === null ? (
        <By way={way} onAnnounced={announced} />
      ) : (
        <Nothing
          title={say('announce.waiting', { id: waiting.id })}
          action={<Link to={`/shipments/${encodeURIComponent(waiting.id)}`}>{say('announce.open')}</Link>}
        >
          {say('announce.waiting.hint')}
        </Nothing>
      )}
    </>
  );
}

function By({ way, onAnnounced }: { way: Way; onAnnounced: (shipment: Announced) => void }) {
  if (way === 'csv') return <CsvShipment onAnnounced={onAnnounced} />;
  if (way === 'epcis') return <EpcisShipment />;
  return <ShipmentForm onAnnounced={onAnnounced} />;
}
