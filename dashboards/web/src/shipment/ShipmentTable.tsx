import { useMediaQuery } from '@mantine/hooks';
import { type Range, useWindowVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ShipmentView } from '../../../api/index.ts';
import { blocksAround } from '../parts/row-blocks.ts';
import { StillnessContext, useScrolling } from '../parts/stillness.ts';
import { usePrinting } from '../parts/usePrinting.ts';
import { say } from '../text/say.ts';
import { ShipmentRow } from './ShipmentRow.tsx';
import css from './Shipments.module.css';

/** A row's height before any is drawn: on a desk, and as a card on a phone, px. */
const ROW_PX = 66;
const CARD_PX = 190;
const NARROW = '(max-width: 860px)';
/** Rows beyond the edge of the window, at least; and how many come and go at once: each time costs some 20 ms, however many. */
const BLOCKS = { around: 8, block: 12 };
/** So many rows before the end the next page is asked for. */
const AHEAD = 60;
const COLUMNS = 8;
/** For `aria-rowcount` (WAI-ARIA 1.2, 6.7). */
const UNKNOWN = -1;

/** The rows in view, and no others: thousands of shipments are as smooth as twenty. The page itself scrolls. */
export function ShipmentTable({
  shipments,
  total,
  now,
  onNearEnd,
}: {
  shipments: readonly ShipmentView[];
  /** How many there are, loaded or not; null: more than are loaded. */
  total: number | null;
  now: number;
  onNearEnd: () => void;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const top = useTopOf(body);
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const ids = useSameIds(shipments);
  const [rowPx, setUsual] = useUsualHeight(isNarrow);
  const rows = useWindowVirtualizer({
    count: shipments.length,
    // All rows are reckoned anew whenever one has come out higher: nothing may be asked of the browser for each.
    estimateSize: () => rowPx,
    // biome-ignore lint/correctness/useExhaustiveDependencies: another usual height is another reckoning of all
    getItemKey: useCallback((index: number) => ids[index] ?? index, [ids, rowPx]),
    scrollMargin: top,
    // Rows are drawn ahead of the scrolling, not while it waits for them.
    useFlushSync: false,
    rangeExtractor: useCallback((range: Range) => blocksAround(range, BLOCKS), []),
  });
  const shown = rows.getVirtualItems();
  useMeasured(body, { areDrawn: shown.length > 0, isNarrow, onMeasured: setUsual });
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= shipments.length - AHEAD) onNearEnd();
  }, [last, shipments.length, onNearEnd]);
  const stillness = useScrolling();
  const isPrinting = usePrinting();
  // On paper nobody scrolls: every row that is loaded, and no gap of a hundred empty pages.
  const drawn = isPrinting ? shipments.map(({ id }, index) => ({ index, key: id })) : shown;
  const above = isPrinting ? 0 : (shown[0]?.start ?? top) - top;
  const below = isPrinting ? 0 : rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  return (
    <div className="panel">
      <table className={`table ${css.shipments}`} aria-rowcount={total === null ? UNKNOWN : total + 1}>
        <thead>
          <tr aria-rowindex={1}>
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
          <StillnessContext value={stillness}>
            {drawn.map(({ index, key }) => {
              const shipment = shipments[index];
              return shipment === undefined ? null : (
                <ShipmentRow key={key} shipment={shipment} now={now} index={index} measure={rows.measureElement} />
              );
            })}
          </StillnessContext>
          <Gap height={below} />
        </tbody>
      </table>
    </div>
  );
}

/**
 * Where an element begins on the page, px. Measured when the page has become higher or lower (what stands above may, with
 * the window and the filters), after it was laid out: measured with each row that is drawn, it would have to be laid out
 * for that alone.
 */
function useTopOf(element: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => {
      const measured = (element.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
      setTop((before) => (Math.abs(measured - before) > 1 ? measured : before));
    };
    measure();
    const watched = new ResizeObserver(measure);
    watched.observe(document.body);
    return () => watched.disconnect();
  }, [element]);
  return top;
}

/**
 * How high rows are here, px: with the texts, the language and the width of this list, which no constant knows. One that
 * comes out higher than it was taken for moves everything below it, and who scrolls up is moved back by a second scroll.
 */
function useUsualHeight(isNarrow: boolean): [number, (px: number) => void] {
  const [usual, setUsual] = useState<{ readonly px: number; readonly isNarrow: boolean } | null>(null);
  const px = usual?.isNarrow === isNarrow ? usual.px : isNarrow ? CARD_PX : ROW_PX;
  return [px, useCallback((measured: number) => setUsual({ px: measured, isNarrow }), [isNarrow])];
}

/** Tells of the rows that are drawn first, which are not there yet when the list is: the height of the window is asked before. */
function useMeasured(
  body: RefObject<HTMLElement | null>,
  { areDrawn, isNarrow, onMeasured }: { areDrawn: boolean; isNarrow: boolean; onMeasured: (usual: number) => void },
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: as cards rows have another height
  useLayoutEffect(() => {
    const rows = areDrawn ? [...(body.current?.querySelectorAll<HTMLElement>('[data-index]') ?? [])] : [];
    if (rows.length === 0) return;
    const heights = rows.map(({ offsetHeight }) => offsetHeight).toSorted((a, b) => a - b);
    // What most of them have: of a mean none has, each row that comes is corrected.
    onMeasured(heights[Math.floor(heights.length / 2)] ?? ROW_PX);
  }, [body, areDrawn, isNarrow, onMeasured]);
}

/** The same list for as long as it has the same shipments in the same order, whatever is heard of them meanwhile. */
function useSameIds(shipments: readonly ShipmentView[]): readonly string[] {
  const [kept, setKept] = useState<readonly string[]>([]);
  if (kept.length === shipments.length && shipments.every(({ id }, index) => kept[index] === id)) return kept;
  const ids = shipments.map(({ id }) => id);
  setKept(ids);
  return ids;
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
