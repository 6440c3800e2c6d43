import { Button } from '@mantine/core';
import { IconQrcode } from '@tabler/icons-react';
import { Link, useParams } from 'react-router';
import type { SerialView } from '../../../api/index.ts';
import { AlertRows } from '../alert/AlertRows.tsx';
import { segment } from '../ask.ts';
import { useNow } from '../live/useNow.ts';
import { ReportLink } from '../parts/ReportLink.tsx';
import { Failed, Loading } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { WhenExact } from '../parts/When.tsx';
import { useSiteZone, useZone } from '../parts/Zone.tsx';
import { useSerial } from '../queries.ts';
import { say } from '../text/say.ts';
import { shortEpc } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { reasonText } from '../words/said.ts';
import { statusText } from '../words/status.ts';
import { Decisions } from './Decisions.tsx';
import { LifeLine } from './LifeLine.tsx';
import { SerialCodes } from './SerialCodes.tsx';
import { SerialDocuments } from './SerialDocuments.tsx';
import { SerialExposure } from './SerialExposure.tsx';

/** One serial: what it is, where it was, in what air, and what was raised about it. */
export function SerialPage() {
  const { epc = '' } = useParams();
  const now = useNow();
  const zone = useZone();
  const { data: serial, error, isPending, refetch } = useSerial(epc);
  useSiteZone(serial === undefined ? null : zoneOf(serial));
  useTitle(say('serial.serial', { epc: serial?.serial ?? shortEpc(epc) }));
  if (isPending) return <Loading rows={4} height={90} />;
  if (serial === undefined)
    return (
      <Failed error={error ?? new Error('')} isScreen what={say('serial.thisSerial')} onRetry={() => void refetch()} />
    );
  return (
    <>
      <p className="crumbs">
        <span className="muted">{say('serial.serial2')}</span>
        <span className="spring" />
        {serial.identity === null ? null : (
          <Button
            component={Link}
            to={`/serials/${segment(serial.epc)}/label`}
            variant="default"
            size="compact-sm"
            leftSection={<IconQrcode size={16} />}
          >
            {say('serial.label')}
          </Button>
        )}
        <ReportLink of="serials" id={serial.epc} />
      </p>
      <div className="panel shipment-head">
        <h1>{serial.serial ?? shortEpc(serial.epc)}</h1>
        <dl className="figures">
          <Known name={say('serial.product')} value={serial.product} />
          <Known name={say('serial.gtin')} value={serial.gtin} />
          <Known name={say('serial.lot')} value={serial.lot} />
          <Known name={say('serial.expires')} value={serial.expiry ?? unreadableText(serial.unreadableExpiry)} />
          <Known name={say('serial.status')} value={serial.status === null ? null : statusText(serial.status)} />
          {serial.findings.length === 0 ? null : (
            <div>
              <dt>{say('serial.mayMoveOn')}</dt>
              <dd className={serial.mayMoveOn ? 'ink-warning' : 'trouble strong'}>
                {serial.mayMoveOn ? say('serial.yesWithAWarning') : say('serial.notYet')}:{' '}
                {serial.findings.map((one) => reasonText(one, zone)).join('; ')}
              </dd>
            </div>
          )}
          {serial.shipments.length === 0 ? null : (
            <div>
              <dt>{say('serial.shipment')}</dt>
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
          <h2 id="alerts">{say('serial.alerts')}</h2>
          <AlertRows alerts={serial.alerts} now={now} />
        </section>
      )}
      <LifeLine serial={serial} now={now} />
      <Decisions serial={serial} />
      <SerialExposure serial={serial} />
      <Journey serial={serial} />
      <SerialCodes serial={serial} />
      <SerialDocuments serial={serial} />
    </>
  );
}

function unreadableText(given: string | null): string | null {
  return given === null ? null : say('serial.noDate', { given });
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
    ...serial.presence.map(({ place, from, to }) => ({ what: say('serial.at', { name: place.name }), from, to })),
    ...serial.containment.map(({ parent, from, to }) => ({
      what: say('serial.inUnit', { parent: unitText(parent) }),
      from,
      to,
    })),
  ].toSorted((a, b) => a.from.localeCompare(b.from));
  return (
    <section className="panel section" aria-labelledby="journey">
      <h2 id="journey">{say('serial.whereItWas')}</h2>
      {steps.length === 0 ? <p className="muted">{say('serial.notSeenAnywhereYet')}</p> : null}
      <ol className="history">
        {steps.map(({ what, from, to }) => (
          <li key={`${what}|${from}`}>
            <b>{what}</b>
            <p className="muted">
              <WhenExact at={from} />
              {to === null ? say('serial.untilNow') : say('serial.to')}
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
