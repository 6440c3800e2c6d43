import type pg from 'pg';

/** A moment as EPCIS events have it. */
export interface LocalTime {
  /** UTC, `2026-11-22T10:00:00.000Z`. */
  readonly eventTime: string;
  /** What the clocks there showed beside it, `+01:00`. */
  readonly eventTimeZoneOffset: string;
}

/** A moment at a place; where the place is not known, in UTC. @param at epoch ms UTC */
export async function localTime(client: pg.ClientBase, place: string, at: number): Promise<LocalTime> {
  const { rows } = await client.query<{ zone: string }>('SELECT zone FROM places WHERE id = $1', [place]);
  return { eventTime: new Date(at).toISOString(), eventTimeZoneOffset: offsetIn(rows[0]?.zone ?? 'UTC', at) };
}

/** @param zone IANA time zone */
export function offsetIn(zone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return /^GMT([+-]\d\d:\d\d)$/.exec(name)?.[1] ?? '+00:00';
}
