import { Menu } from '@mantine/core';
import { Link } from 'react-router';
import type { ShipmentBoardView } from '../../../api/index.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { STATE_WORDS } from '../shipment/state-words.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import css from './ShipmentMap.module.css';
import type { Spot } from './spots.ts';

export type PlacedShipment = ShipmentBoardView['positions'][number];

const MARK_PX = 18;
/** Closer than this, marks or the numbers beside them lie on each other. */
export const SPOT_PX = 26;

/** The mark of one shipment, which leads to it, or of several at one spot, which opens their list. */
export function SpotMark({ spot: { at, all } }: { spot: Spot<PlacedShipment> }) {
  const [worst] = all;
  const [x, y] = at;
  const mark = (
    <g transform={`translate(${x - MARK_PX / 2} ${y - MARK_PX / 2})`}>
      <ConditionMark state={worst.state} size={MARK_PX} label={null} />
    </g>
  );
  if (all.length === 1) {
    return (
      <Link to={pathOf(worst)} aria-label={textOf(worst)}>
        <title>{textOf(worst)}</title>
        {mark}
      </Link>
    );
  }
  const text = say('map.spot', { count: all.length, state: STATE_WORDS[worst.state] });
  return (
    <Menu shadow="md" width={280} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        {/* biome-ignore lint/a11y/useSemanticElements: a button cannot stand in a drawing */}
        <g role="button" tabIndex={0} aria-label={text} className={css.spot} onKeyDown={pressed}>
          <title>{text}</title>
          {mark}
          <g transform={`translate(${x + MARK_PX / 2} ${y - MARK_PX / 2})`}>
            <rect className={css.many} x="-8" y="-9" width={badgeWidth(all.length)} height="16" rx="8" />
            <text className={css.manyText} x={badgeWidth(all.length) / 2 - 8} y="3" textAnchor="middle">
              {count(all.length)}
            </text>
          </g>
        </g>
      </Menu.Target>
      <Menu.Dropdown className={css.spotList}>
        {all.map((one) => (
          <Menu.Item
            key={`${one.shipment} ${one.device}`}
            component={Link}
            to={pathOf(one)}
            leftSection={<ConditionMark state={one.state} size={14} label={null} />}
          >
            {textOf(one)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function pressed(event: React.KeyboardEvent<SVGGElement>): void {
  if (event.key !== 'Enter' && event.key !== ' ') return;
  event.preventDefault();
  event.currentTarget.dispatchEvent(new MouseEvent('click', { bubbles: true }));
}

function badgeWidth(size: number): number {
  return 10 + 7 * String(size).length;
}

function pathOf({ shipment }: PlacedShipment): string {
  return `/shipments/${encodeURIComponent(shipment)}`;
}

function textOf({ shipment, device, state }: PlacedShipment): string {
  return say('map.position', { shipment, device, state: STATE_WORDS[state] });
}
