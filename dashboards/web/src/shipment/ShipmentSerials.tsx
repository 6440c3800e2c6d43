import { useEffect, useMemo, useRef, useState } from 'react';
import type { ShipmentDetail, ShipmentSerialView } from '../../../api/index.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { Failed, Loading } from '../parts/States.tsx';
import { useZone } from '../parts/Zone.tsx';
import { type SerialColumn, SerialList } from '../serial-list/SerialList.tsx';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { reasonText } from '../words/said.ts';
import css from './ShipmentSerials.module.css';
import {
  markOf,
  markOfGroup,
  serialsByUnit,
  stateOfGroup,
  stateOfSerial,
  type UnitSerials,
} from './serials-by-unit.ts';
import { useShipmentSerials } from './shipment-queries.ts';

/** Every serial that the shipment lists, by unit and lot, and whether it may move on. */
export function ShipmentSerials({ shipment }: { shipment: ShipmentDetail }) {
  const place = useRef<HTMLElement>(null);
  const isSeen = useSeen(place);
  const { data, error, refetch } = useShipmentSerials(shipment, isSeen);
  if (shipment.serialCount === 0) return null;
  return (
    <section ref={place} className="section-open" aria-labelledby="serials">
      <h2 id="serials">
        {say('shipment.serials')} <span className="muted figure">{count(shipment.serialCount)}</span>
      </h2>
      {data !== undefined ? (
        <Listed shipment={shipment} serials={data} />
      ) : error === null ? (
        <Loading rows={4} height={52} />
      ) : (
        <Failed error={error} what={say('shipment.serials')} onRetry={() => void refetch()} />
      )}
    </section>
  );
}

function Listed({ shipment, serials }: { shipment: ShipmentDetail; serials: readonly ShipmentSerialView[] }) {
  const zone = useZone();
  const [onlyStopped, setOnlyStopped] = useState(false);
  const stopped = useMemo(() => serials.filter(({ mayMoveOn }) => !mayMoveOn), [serials]);
  const names = new Map(shipment.products.map(({ gtin, name }) => [gtin, name]));
  const isFiltered = onlyStopped && stopped.length > 0;
  const shown = isFiltered ? stopped : serials;
  return (
    <>
      {stopped.length === 0 ? null : (
        <label className={css.only}>
          <input
            type="checkbox"
            checked={onlyStopped}
            onChange={(event) => setOnlyStopped(event.currentTarget.checked)}
          />
          {say('serials.onlyStopped')} <span className="muted figure">{count(stopped.length)}</span>
        </label>
      )}
      <div className="panel">
        <SerialList
          label={say('serials.ofShipment', { id: shipment.id })}
          serials={shown}
          total={shown.length}
          groupsOf={serialsByUnit}
          columns={columns(zone)}
          about={({ gtin }) => (
            <>
              {names.get(gtin) ?? null} <span className="figure">{say('alert.gtin', { gtin })}</span>
            </>
          )}
        />
      </div>
    </>
  );
}

function columns(zone: string): SerialColumn<ShipmentSerialView, UnitSerials>[] {
  const nothing = () => null;
  const dash = <span className="muted">–</span>;
  return [
    {
      ...{ id: 'state', title: say('serials.state'), width: 320 },
      ofGroup: (group) => <State state={markOfGroup(group)} text={stateOfGroup(group)} />,
      ofSerial: (serial) => (
        <State
          state={markOf(serial)}
          text={stateOfSerial(serial)}
          title={serial.findings.map((one) => reasonText(one, zone)).join('\n')}
        />
      ),
    },
    {
      ...{ id: 'unit', title: say('shipment.unit'), width: 230, className: 'figure' },
      ofGroup: ({ unit }) =>
        unit === null ? <span className="muted">{say('serials.travelsInNothing')}</span> : unitText(unit),
      ofSerial: nothing,
    },
    { id: 'lot', title: say('shipment.lot'), width: 120, ofGroup: ({ lot }) => lot ?? dash, ofSerial: nothing },
    {
      ...{ id: 'expires', title: say('shipment.expires'), width: 120, className: 'figure' },
      ofGroup: ({ expiry }) => expiry ?? dash,
      ofSerial: nothing,
    },
  ];
}

/** In words and shape, not by colour alone. */
function State({ state, text, title }: { state: ReturnType<typeof markOf>; text: string; title?: string }) {
  return (
    <span className={css.state} title={title}>
      <ConditionMark state={state} size={15} label={null} />
      <span className={`ink-${state}`}>{text}</span>
    </span>
  );
}

/** Thousands of serials are asked for once somebody comes to where they are shown. */
function useSeen(element: React.RefObject<HTMLElement | null>): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const { current } = element;
    if (current === null || isSeen) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
      },
      { rootMargin: '600px' },
    );
    observer.observe(current);
    return () => observer.disconnect();
  }, [element, isSeen]);
  return isSeen;
}
