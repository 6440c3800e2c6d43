import type { KeyReadings } from '../../domain/index.ts';
import { layoutOf, type StretchKey, type StretchLayout, written } from './packed-stretch.ts';

export interface PackedStretch {
  readonly key: StretchKey;
  readonly readings: number;
  readonly packed: Buffer;
}

/** No stretch reaches into the next UTC day: what is asked for, deleted and repaired goes by days. */
const DAY_MS = 86_400_000;

/**
 * A row of PostgreSQL with more is put out of line (TOAST) in pieces that leave a quarter of their pages empty: measured
 * 3.0 bytes a reading in place of 2.4. Below it four to seven rows share a page.
 */
export const INLINE_BYTES = 1_900;

/**
 * Readings of a day that are looked at together, to see in how many parts they go: a sensor of fifty a second has more a day
 * than one stretch may hold.
 */
const LOOKED_AT = 2 ** 16;

/**
 * One key's readings in stretches of a UTC day or an equal part of one, each small enough to lie in its row.
 * @param readings as {@link packStretch} wants them, of any number of days; none gives none
 * @throws {DefectError} PACKED_READINGS_BAD
 */
export function packStretches(deviceId: number, metric: number, readings: KeyReadings): PackedStretch[] {
  const { count, time } = readings;
  const stretches: PackedStretch[] = [];
  for (let from = 0; from < count; ) {
    const end = (Math.floor((time[from] as number) / DAY_MS) + 1) * DAY_MS;
    let to = from + 1;
    const most = Math.min(count, from + LOOKED_AT);
    while (to < most && (time[to] as number) < end) to++;
    // How many parts it goes in is told by its layout: a backlog's day would be written twice.
    const whole = laidOut(deviceId, metric, readings, from, to);
    const parts = Math.ceil(whole.bytes / INLINE_BYTES);
    if (parts === 1) stretches.push(packed(whole));
    else {
      const size = Math.ceil((to - from) / parts);
      for (let at = from; at < to; at += size) {
        stretches.push(packed(laidOut(deviceId, metric, readings, at, Math.min(to, at + size))));
      }
    }
    from = to;
  }
  return stretches;
}

function laidOut(
  deviceId: number,
  metric: number,
  { time, value }: KeyReadings,
  from: number,
  to: number,
): StretchLayout {
  const key = { deviceId, metric, since: time[from] as number };
  return layoutOf(key, { count: to - from, time: time.subarray(from, to), value: value.subarray(from, to) });
}

function packed(layout: StretchLayout): PackedStretch {
  return { key: layout.key, readings: layout.count, packed: written(layout) };
}
