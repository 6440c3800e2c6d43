import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ShipmentView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { ShipmentRow } from './ShipmentRow.tsx';
import css from './Shipments.module.css';

/** A row's height before it is drawn: on a desk, and as a card on a phone, px. */
const ROW_PX = 66;
const CARD_PX = 190;
const NARROW = '(max-width: 860px)';
/** Rows beyond the edge of the window. */
const AROUND = 6;
/** So many rows before the end the next page is asked for. */
const AHEAD = 60;
const COLUMNS = 8;

/** The rows in view, and no others: thousands of shipments are as smooth as twenty. The page itself scrolls. */
export function ShipmentTable({
  shipments,
  total,
  now,
  onNearEnd,
}: {
  shipments: readonly ShipmentView[];
  /** How many there are, loaded or not; null: not known. */
  total: number | null;
  now: number;
  onNearEnd: () => void;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  // What stands above may grow and shrink with the window and the filters.
  useLayoutEffect(() => {
    const measured = (body.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
    if (Math.abs(measured - top) > 1) setTop(measured);
  });
  const rows = useWindowVirtualizer({
    count: shipments.length,
    estimateSize: () => (window.matchMedia(NARROW).matches ? CARD_PX : ROW_PX),
    getItemKey: (index) => shipments[index]?.id ?? index,
    overscan: AROUND,
    scrollMargin: top,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= shipments.length - AHEAD) onNearEnd();
  }, [last, shipments.length, onNearEnd]);
  const above = (shown[0]?.start ?? top) - top;
  const below = rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  return (
    <div className="panel">
      <table className={`table ${css.shipments}`} aria-rowcount={(total ?? shipments.length) + 1}>
        <thead>
          <tr>
            <th scope="col" className={css.colName}>
              {say('shipment.shipment2')}
            </th>
            <th scope="col" className={css.colRoute}>
              {say('shipment.route')}
            </th>
            <th scope="col" className={css.colPlace}>
              {say('shipment.nowAt')}
            </th>
            <th scope="col">{say('shipment.temperatureByUnit')}</th>
            <th scope="col" className={css.colTrend}>
              {say('shipment.last24Hours')}
            </th>
            <th scope="col" className={`right ${css.colSerials}`}>
              {say('shipment.serials')}
            </th>
            <th scope="col" className={css.colNext}>
              {say('board.next')}
            </th>
            <th scope="col" className={`right ${css.colHeard}`}>
              {say('shipment.heard')}
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          <Gap height={above} />
          {shown.map(({ index, key }) => {
            const shipment = shipments[index];
            return shipment === undefined ? null : (
              <ShipmentRow key={key} shipment={shipment} now={now} index={index} measure={rows.measureElement} />
            );
          })}
          <Gap height={below} />
        </tbody>
      </table>
    </div>
  );
}

/** Stands for the rows that are not drawn. */
function Gap({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr className={css.gap}>
      <td colSpan={COLUMNS} style={{ height }} />
    </tr>
  );
}
