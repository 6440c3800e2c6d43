import { Link, useParams } from 'react-router';
import type { SerialView } from '../../../api/index.ts';
import { AlertRows } from '../alert/AlertRows.tsx';
import { useNow } from '../live/useNow.ts';
import { Failed, Loading } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { WhenExact } from '../parts/When.tsx';
import { useSiteZone } from '../parts/Zone.tsx';
import { useSerial } from '../queries.ts';
import { shortEpc } from '../words/figures.ts';
import { statusText } from '../words/status.ts';
import { reasonText } from '../words/verification.ts';
import { SerialExposure } from './SerialExposure.tsx';

/** One serial: what it is, where it was, in what air, and what was raised about it. */
export function SerialPage() {
  const { epc = '' } = useParams();
  const now = useNow();
  const { data: serial, error, isPending, refetch } = useSerial(epc);
  useSiteZone(serial === undefined ? null : zoneOf(serial));
  useTitle(`Serial ${serial?.serial ?? shortEpc(epc)}`);
  if (isPending) return <Loading rows={4} height={90} />;
  if (serial === undefined)
    return <Failed error={error ?? new Error('')} isScreen what="This serial" onRetry={() => void refetch()} />;
  return (
    <>
      <p className="crumbs">
        <span className="muted">Serial</span>
      </p>
      <div className="panel shipment-head">
        <h1>{serial.serial ?? shortEpc(serial.epc)}</h1>
        <code className="epc">{serial.epc}</code>
        <dl className="figures">
          <Known name="Product" value={serial.product} />
          <Known name="GTIN" value={serial.gtin} />
          <Known name="Lot" value={serial.lot} />
          <Known name="Expires" value={serial.expiry ?? unreadableText(serial.unreadableExpiry)} />
          <Known name="Status" value={serial.status === null ? null : statusText(serial.status)} />
          {serial.findings.length === 0 ? null : (
            <div>
              <dt>May move on</dt>
              <dd className={serial.mayMoveOn ? 'ink-warning' : 'trouble strong'}>
                {serial.mayMoveOn ? 'yes, with a warning' : 'not yet'}:{' '}
                {serial.findings.map(({ reason }) => reasonText(reason)).join('; ')}
              </dd>
            </div>
          )}
          {serial.shipments.length === 0 ? null : (
            <div>
              <dt>Shipment</dt>
              <dd>
                {serial.shipments.map((shipment) => (
                  <Link key={shipment} to={`/shipments/${encodeURIComponent(shipment)}`} className="spaced">
                    {shipment}
                  </Link>
                ))}
              </dd>
            </div>
          )}
        </dl>
      </div>
      {serial.alerts.length === 0 ? null : (
        <section className="section-open" aria-labelledby="alerts">
          <h2 id="alerts">Alerts</h2>
          <AlertRows alerts={serial.alerts} now={now} />
        </section>
      )}
      <SerialExposure serial={serial} />
      <Journey serial={serial} />
    </>
  );
}

function unreadableText(given: string | null): string | null {
  return given === null ? null : `${given} (no date)`;
}

function Known({ name, value }: { name: string; value: string | null }) {
  if (value === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd className="figure">{value}</dd>
    </div>
  );
}

function Journey({ serial }: { serial: SerialView }) {
  const steps = [
    ...serial.presence.map(({ place, from, to }) => ({ what: `At ${place.name}`, from, to })),
    ...serial.containment.map(({ parent, from, to }) => ({
      what: `In unit ${shortEpc(parent)}`,
      from,
      to,
    })),
  ].toSorted((a, b) => a.from.localeCompare(b.from));
  return (
    <section className="panel section" aria-labelledby="journey">
      <h2 id="journey">Where it was</h2>
      {steps.length === 0 ? <p className="muted">Not seen anywhere yet.</p> : null}
      <ol className="history">
        {steps.map(({ what, from, to }) => (
          <li key={`${what}|${from}`}>
            <b>{what}</b>
            <p className="muted">
              <WhenExact at={from} />
              {to === null ? ' until now' : ' to '}
              {to === null ? null : <WhenExact at={to} />}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The clock of where it is, or was last. */
function zoneOf({ presence }: SerialView): string | null {
  return presence.findLast(({ place }) => place.zone !== null)?.place.zone ?? null;
}
