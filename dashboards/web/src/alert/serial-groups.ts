import type { AffectedSerialView } from '../../../api/index.ts';

/** Serials that share unit, product, lot and expiry: one line instead of 48 equal ones. */
export interface SerialGroup {
  readonly key: string;
  readonly serials: readonly AffectedSerialView[];
  readonly gtin: string | null;
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly unit: string | null;
  readonly reason: string | null;
  /** Earliest and latest; `to` null = at least one is still there. */
  readonly from: string;
  readonly to: string | null;
  /** Least and most minutes out of range of a serial; null = not measured. */
  readonly minutes: { readonly least: number; readonly most: number } | null;
  readonly min: number | null;
  readonly max: number | null;
}

/**
 * @param serials in the order they are listed
 * @param reasonOf why this one, where the alert has reasons
 * @returns groups by what is worst first, then as listed
 */
export function groupsOf(
  serials: readonly AffectedSerialView[],
  reasonOf: (epc: string) => string | null,
): SerialGroup[] {
  const byKey = Map.groupBy(serials, ({ epc, unit, gtin, lot, expiry }) =>
    JSON.stringify([unit, gtin, lot, expiry, reasonOf(epc)]),
  );
  const groups = [...byKey].flatMap(([key, members]): SerialGroup[] => {
    const [first] = members;
    return first === undefined ? [] : [groupOf(key, first, members, reasonOf(first.epc))];
  });
  return groups.toSorted((a, b) => (b.minutes?.most ?? 0) - (a.minutes?.most ?? 0));
}

function groupOf(
  key: string,
  first: AffectedSerialView,
  members: readonly AffectedSerialView[],
  reason: string | null,
): SerialGroup {
  const minutes = members.flatMap(({ minutesOutOfRange }) => (minutesOutOfRange === null ? [] : [minutesOutOfRange]));
  const lows = members.flatMap(({ min }) => (min === null ? [] : [min]));
  const highs = members.flatMap(({ max }) => (max === null ? [] : [max]));
  const ends = members.map(({ to }) => to);
  return {
    ...{ key, reason, gtin: first.gtin, lot: first.lot, expiry: first.expiry, unit: first.unit },
    serials: members.toSorted((a, b) => inOrder.compare(a.serial ?? a.epc, b.serial ?? b.epc)),
    from: members.reduce((earliest, { from }) => (from < earliest ? from : earliest), first.from),
    to: ends.reduce((latest, to) => (to === null || latest === null ? null : to > latest ? to : latest), first.to),
    minutes: minutes.length === 0 ? null : { least: least(minutes), most: most(minutes) },
    min: lows.length === 0 ? null : least(lows),
    max: highs.length === 0 ? null : most(highs),
  };
}

const inOrder = new Intl.Collator('en', { numeric: true });

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}
