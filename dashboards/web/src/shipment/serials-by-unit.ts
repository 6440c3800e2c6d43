import type { ConditionState, ShipmentSerialView } from '../../../api/index.ts';
import { say, type TextKey } from '../text/say.ts';

/** Serials of a shipment that share unit, product, lot and expiry. */
export interface UnitSerials {
  readonly key: string;
  readonly serials: readonly ShipmentSerialView[];
  readonly gtin: string;
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly unit: string | null;
  /** How many must not move on, and how many may with a warning. */
  readonly stopped: number;
  readonly warned: number;
}

const inOrder = new Intl.Collator('en', { numeric: true });

/** @returns what must not move on first, then by unit and lot; serials in order */
export function serialsByUnit(serials: readonly ShipmentSerialView[]): UnitSerials[] {
  const byKey = Map.groupBy(serials, ({ unit, gtin, lot, expiry }) => JSON.stringify([unit, gtin, lot, expiry]));
  const groups = [...byKey].flatMap(([key, members]): UnitSerials[] => {
    const [first] = members;
    if (first === undefined) return [];
    const { gtin, lot, expiry, unit } = first;
    return [
      {
        ...{ key, gtin, lot, expiry, unit },
        serials: members.toSorted((a, b) => rank(a) - rank(b) || inOrder.compare(a.serial, b.serial)),
        stopped: members.filter((one) => rank(one) === 0).length,
        warned: members.filter((one) => rank(one) === 1).length,
      },
    ];
  });
  return groups.toSorted((a, b) => b.stopped - a.stopped || b.warned - a.warned || inOrder.compare(a.key, b.key));
}

const STATES = ['excursion', 'warning', 'inRange'] as const satisfies readonly ConditionState[];

function rank({ mayMoveOn, findings }: Pick<ShipmentSerialView, 'mayMoveOn' | 'findings'>): 0 | 1 | 2 {
  if (!mayMoveOn) return 0;
  return findings.length > 0 ? 1 : 2;
}

/** Its colour and shape. */
export function markOf(serial: Pick<ShipmentSerialView, 'mayMoveOn' | 'findings'>): ConditionState {
  return STATES[rank(serial)];
}

/** `Must not move on: recalled` */
export function stateOfSerial(serial: Pick<ShipmentSerialView, 'mayMoveOn' | 'findings'>): string {
  const which = rank(serial);
  if (which === 2) return say('serials.mayMoveOn');
  return say(which === 0 ? 'serials.stopped' : 'serials.warned', { why: whyText([serial]) });
}

export function markOfGroup({ stopped, warned }: Pick<UnitSerials, 'stopped' | 'warned'>): ConditionState {
  return STATES[stopped > 0 ? 0 : warned > 0 ? 1 : 2];
}

/** `2 of 48 must not move on: recalled` */
export function stateOfGroup({ serials, stopped, warned }: UnitSerials): string {
  const [only] = serials;
  if (serials.length === 1 && only !== undefined) return stateOfSerial(only);
  const all = serials.length;
  if (stopped > 0) {
    const why = whyText(serials.filter((one) => rank(one) === 0));
    return stopped === all ? say('serials.stopped', { why }) : say('serials.someStopped', { stopped, all, why });
  }
  if (warned === 0) return say('serials.allMayMoveOn');
  const why = whyText(serials.filter((one) => rank(one) === 1));
  return warned === all ? say('serials.warned', { why }) : say('serials.someWarned', { warned, all, why });
}

/** What stops them, each once; where nothing stops them, what is warned of. */
function whyText(serials: readonly Pick<ShipmentSerialView, 'findings' | 'mayMoveOn'>[]): string {
  const found = serials.flatMap(({ findings, mayMoveOn }) =>
    findings.filter(({ stops }) => mayMoveOn || stops).map(({ finding }) => finding),
  );
  return [...new Set(found)].map((finding) => say(`serials.finding.${finding}` satisfies TextKey)).join(', ');
}
