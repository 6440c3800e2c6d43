import { useCallback } from 'react';
import type { AffectedSerialView } from '../../../api/index.ts';
import { useZone } from '../parts/Zone.tsx';
import { type SerialColumn, SerialList } from '../serial-list/SerialList.tsx';
import { say } from '../text/say.ts';
import { degrees } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { clock } from '../words/when.ts';
import { groupsOf, type SerialGroup } from './serial-groups.ts';

interface SerialGroupsProps {
  readonly label: string;
  readonly serials: readonly AffectedSerialView[];
  /** How many there are, loaded or not. */
  readonly total: number;
  /** Whether minutes, lowest and highest are known of them. */
  readonly isMeasured: boolean;
  /** Why each may not move on; null: the alert has no reasons. */
  readonly reasons: ReadonlyMap<string, string> | null;
  readonly onSearch: () => void;
}

type Column = SerialColumn<AffectedSerialView, SerialGroup>;

/** Serials by unit and lot: `48 serials, A17, (00)…, 19 minutes, at most 12.5 °C`; each opens to its serials. */
export function SerialGroups({ reasons, isMeasured, ...list }: SerialGroupsProps) {
  const zone = useZone();
  const grouped = useCallback(
    (serials: readonly AffectedSerialView[]) =>
      groupsOf(serials, (epc) => (reasons === null ? null : (reasons.get(epc) ?? '–'))),
    [reasons],
  );
  const nothing = () => null;
  const columns: Column[] = [
    ...(reasons === null
      ? []
      : [
          {
            ...{ id: 'why', title: say('alert.why'), className: 'ink-excursion' },
            ofGroup: ({ reason }: SerialGroup) => reason ?? '–',
            ofSerial: nothing,
          },
        ]),
    { id: 'lot', title: say('alert.lot'), width: 90, ofGroup: ({ lot }) => orDash(lot), ofSerial: nothing },
    {
      ...{ id: 'expires', title: say('alert.expires'), width: 110, className: 'figure' },
      ofGroup: ({ expiry }) => orDash(expiry),
      ofSerial: nothing,
    },
    {
      ...{ id: 'unit', title: say('alert.unit'), width: 190, className: 'figure' },
      ofGroup: ({ unit }) => orDash(unit === null ? null : unitText(unit)),
      ofSerial: nothing,
    },
    {
      ...{ id: 'from', title: isMeasured ? say('alert.from') : say('alert.seenFrom'), width: 92, className: 'figure' },
      ofGroup: ({ from }) => clock(Date.parse(from), zone),
      ofSerial: ({ from }, group) => (group.from === from ? null : clock(Date.parse(from), zone)),
    },
    {
      ...{ id: 'to', title: say('alert.to'), width: 92, className: 'figure' },
      ofGroup: ({ to }) => endText(to, zone),
      ofSerial: ({ to }, group) => (group.to === to ? null : endText(to, zone)),
    },
    ...(isMeasured ? measuredColumns() : []),
  ];
  return (
    <SerialList
      {...list}
      columns={columns}
      groupsOf={grouped}
      about={({ gtin }) => (gtin === null ? null : <span className="figure">{say('alert.gtin', { gtin })}</span>)}
    />
  );
}

/** Of a serial that had what all of its group had, the line above says it. */
function measuredColumns(): Column[] {
  return [
    {
      ...{ id: 'minutes', title: say('alert.minutesOut'), width: 96, isRight: true, className: 'figure strong' },
      ofGroup: ({ minutes }) => minutesText(minutes),
      ofSerial: ({ minutesOutOfRange: minutes }, group) =>
        minutes === null || group.minutes?.least === group.minutes?.most ? null : String(Math.round(minutes)),
    },
    {
      ...{ id: 'lowest', title: say('alert.lowest'), width: 90, isRight: true, className: 'figure' },
      ofGroup: ({ min }) => degreesText(min),
      ofSerial: ({ min }, group) => (min === group.min ? null : degreesText(min)),
    },
    {
      ...{ id: 'highest', title: say('alert.highest'), width: 90, isRight: true, className: 'figure' },
      ofGroup: ({ max }) => degreesText(max),
      ofSerial: ({ max }, group) => (max === group.max ? null : degreesText(max)),
    },
  ];
}

function orDash(text: string | null) {
  return text ?? <span className="muted">–</span>;
}

function degreesText(value: number | null): string {
  return value === null ? '–' : degrees(value);
}

function endText(to: string | null, zone: string | null) {
  return to === null ? <span className="ink-excursion">{say('alert.stillThere')}</span> : clock(Date.parse(to), zone);
}

function minutesText(minutes: SerialGroup['minutes']): string {
  if (minutes === null) return '–';
  const least = Math.round(minutes.least);
  const most = Math.round(minutes.most);
  return least === most ? String(most) : say('alert.to3', { least, most });
}
