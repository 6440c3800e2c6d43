import { Button, Checkbox } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import type { ShipmentDetail, ShipmentSerialView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { PrintedLabel } from '../parts/PrintedLabel.tsx';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useShipment } from '../queries.ts';
import { say } from '../text/say.ts';
import { counted } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import css from './ShipmentLabels.module.css';
import { useShipmentSerials } from './shipment-queries.ts';

/** Labels of packs on one page: more are printed by lot or pack. */
const MOST_PACKS = 200;

/** The labels of a shipment to print: one a unit, and one a pack where that is wanted. */
export function ShipmentLabels() {
  const { id = '' } = useParams();
  const { data: shipment, error, isPending, refetch } = useShipment(id);
  useTitle(say('labels.of', { id }));
  if (isPending) return <Loading rows={3} height={120} />;
  if (shipment === undefined)
    return (
      <Failed error={error ?? new Error('')} isScreen what={say('labels.of', { id })} onRetry={() => void refetch()} />
    );
  return <Labels shipment={shipment} />;
}

function Labels({ shipment }: { shipment: ShipmentDetail }) {
  const [withPacks, setWithPacks] = useState(false);
  const { id, units, serialCount, products } = shipment;
  const { data: serials, error, refetch } = useShipmentSerials(shipment, withPacks);
  const names = new Map(products.map(({ gtin, name }) => [gtin, name]));
  const packs = withPacks ? (serials ?? []) : [];
  return (
    <>
      <p className={`crumbs ${css.screen}`}>
        <Link to={`/shipments/${segment(id)}`}>{say('labels.back', { id })}</Link>
        <span className="spring" />
        <Button size="compact-sm" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
          {say('labels.print')}
        </Button>
      </p>
      <h1 className={css.screen}>{say('labels.of', { id })}</h1>
      {serialCount === 0 ? null : (
        <Checkbox
          className={css.screen ?? ''}
          label={say('labels.packs', { count: serialCount })}
          checked={withPacks}
          onChange={(event) => setWithPacks(event.currentTarget.checked)}
        />
      )}
      {units.length === 0 && !withPacks ? (
        <Nothing title={say('labels.empty')}>{say('labels.empty.hint')}</Nothing>
      ) : null}
      <div className={css.labels}>
        {units.map(({ epc, serialCount: inside }) => (
          <PrintedLabel
            key={epc}
            link={unitLink(epc)}
            name={say('labels.unit', { id, serials: counted(inside, 'serial') })}
            lines={[unitText(epc)]}
          />
        ))}
        {packs.slice(0, MOST_PACKS).map((pack) => (
          <PrintedLabel
            key={pack.epc}
            link={packLink(pack)}
            name={names.get(pack.gtin) ?? null}
            lines={packLines(pack)}
          />
        ))}
      </div>
      {packs.length > MOST_PACKS ? (
        <p className={`muted ${css.screen}`}>{say('labels.most', { most: MOST_PACKS, count: packs.length })}</p>
      ) : null}
      {withPacks && serials === undefined ? (
        error === null ? (
          <Loading rows={3} height={120} />
        ) : (
          <Failed error={error} what={say('labels.packs', { count: serialCount })} onRetry={() => void refetch()} />
        )
      ) : null}
    </>
  );
}

/** GS1 Digital Link on this installation: a phone that scans it lands on the page of what it is stuck on. */
function unitLink(epc: string): string {
  const digits = /^\(00\) (\d{18})$/.exec(unitText(epc))?.[1];
  return digits === undefined ? `${location.origin}/serials/${segment(epc)}` : `${location.origin}/00/${digits}`;
}

function packLink({ gtin, serial, expiry }: ShipmentSerialView): string {
  const key = `${location.origin}/01/${gtin}/21/${segment(serial)}`;
  return expiry === null ? key : `${key}?17=${shortDate(expiry)}`;
}

function packLines({ gtin, serial, lot, expiry }: ShipmentSerialView): string[] {
  return [
    ...[`(01)${gtin}`, `(21)${serial}`],
    ...(expiry === null ? [] : [`(17)${shortDate(expiry)}`]),
    ...(lot === null ? [] : [`(10)${lot}`]),
  ];
}

/** As AI 17 has it: YYMMDD. */
function shortDate(date: string): string {
  return date.replaceAll('-', '').slice(2);
}
