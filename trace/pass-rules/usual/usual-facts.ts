import type pg from 'pg';
import type { Portal } from '../../../domain/index.ts';
import { type Hour, hourOf, sameHours } from './local-hours.ts';
import { antennaSubject } from './observations.ts';

/** So many days back the same hour is compared with. */
export const USUAL_DAYS = 28;
/** So many observations are compared with, the latest. */
export const MOST_OBSERVATIONS = 100;
/** Of so many passes at most the present is told by. */
export const MOST_RECENT = 20;

/** What a door read in the hour of a pass, and in the same hour of the days before. */
export interface HourFacts {
  /** When the hour began and ended, epoch ms UTC, and on the clocks of the site. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  /** Tags of earlier passes of the hour. */
  readonly earlier: number;
  /** Tags of the whole hour, of each day before on which there were any; latest first. */
  readonly days: readonly number[];
}

/** Shares that an antenna read of the tags, or a door of what should have been there; per cent, latest first. */
export interface ShareSeries {
  /** null: the door, over all its antennas. */
  readonly antenna: { readonly reader: string; readonly antenna: number } | null;
  readonly shares: readonly { readonly pass: number; readonly value: number }[];
}

/** @param at of the pass */
export async function hourFacts(client: pg.ClientBase, portal: Portal, at: number): Promise<HourFacts> {
  const zone = await zoneOf(client, portal.site);
  const hour = hourOf(zone, at);
  const days = sameHours(zone, hour, USUAL_DAYS);
  const before = { from: hour.from, to: at };
  const tags = await tagsByDay(client, portal.id, [...days, ...(at > hour.from ? [before] : [])]);
  return {
    ...{ ...hour, zone, earlier: tags.get(hour.from) ?? 0 },
    days: days.flatMap(({ from }) => tags.get(from) ?? []),
  };
}

/** Tags read at a door in some hours, by when each begins; without those in which there were none. */
export async function tagsByDay(
  client: pg.ClientBase,
  portal: string,
  hours: readonly Hour[],
): Promise<ReadonlyMap<number, number>> {
  const { rows } = await client.query<{ since: number; tags: number }>(
    `SELECT h.since, sum(o.value) AS tags FROM unnest($2::bigint[], $3::bigint[]) AS h (since, until)
       JOIN door_observations o ON o.measure = 'tags' AND o.subject = $1 AND o.at >= h.since AND o.at < h.until
     GROUP BY h.since`,
    [portal, hours.map(({ from }) => from), hours.map(({ to }) => to)],
  );
  return new Map(rows.map(({ since, tags }) => [since, tags]));
}

/** Shares up to a moment, as far back as rules ask: of a door and of each of its antennas. */
export async function shareSeries(client: pg.ClientBase, portal: Portal, at: number): Promise<ShareSeries[]> {
  const antennas = [null, ...portal.antennas.map(({ reader, antenna }) => ({ reader, antenna }))];
  const subjects = shareSubjects(portal);
  const { rows } = await client.query<{ subject: string; pass: number; value: number }>(
    `SELECT s.subject, o.pass, o.value FROM unnest($1::text[]) AS s (subject) CROSS JOIN LATERAL (
       SELECT pass, value, at FROM door_observations d WHERE d.measure = 'share' AND d.subject = s.subject AND d.at <= $2
       ORDER BY d.at DESC LIMIT $3) AS o ORDER BY s.subject, o.at DESC`,
    [subjects, at, MOST_RECENT + MOST_OBSERVATIONS + 1],
  );
  const bySubject = Map.groupBy(rows, ({ subject }) => subject);
  return antennas.map((antenna, index) => ({ antenna, shares: bySubject.get(subjects[index] ?? '') ?? [] }));
}

/** The latest observations of a place or lane before a moment: minutes. */
export async function minutesBefore(
  client: pg.ClientBase,
  measure: 'stay' | 'way',
  subjects: readonly string[],
  at: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { rows } = await client.query<{ subject: string; value: number }>(
    `SELECT s.subject, o.value FROM unnest($1::text[]) AS s (subject) CROSS JOIN LATERAL (
       SELECT value FROM door_observations d WHERE d.measure = $2 AND d.subject = s.subject AND d.at < $3
       ORDER BY d.at DESC LIMIT $4) AS o`,
    [subjects, measure, at, MOST_OBSERVATIONS],
  );
  const bySubject = Map.groupBy(rows, ({ subject }) => subject);
  return new Map(subjects.map((one) => [one, (bySubject.get(one) ?? []).map(({ value }) => value)]));
}

/** Later passes of a door that are judged by what it told at some moments. */
export async function laterAtDoor(
  client: pg.ClientBase,
  portal: Portal,
  times: readonly number[],
  asks: { readonly surge: boolean; readonly weakReads: boolean },
): Promise<number[]> {
  const ids: number[] = [];
  if (asks.surge) {
    const zone = await zoneOf(client, portal.site);
    const hours = new Map<number, Hour>();
    const told = new Map(times.map((at) => hourOf(zone, at)).map((hour) => [hour.from, hour]));
    for (const hour of told.values()) {
      for (const one of [hour, ...sameHours(zone, hour, -USUAL_DAYS)]) hours.set(one.from, one);
    }
    const { rows } = await client.query<{ id: number }>(
      `SELECT p.id FROM unnest($2::bigint[], $3::bigint[]) AS h (since, until) JOIN passes p
         ON p.portal = $1 AND p.since >= h.since AND p.since < h.until WHERE p.since > $4`,
      [portal.id, [...hours.keys()], [...hours.values()].map(({ to }) => to), Math.min(...times)],
    );
    for (const { id } of rows) ids.push(id);
  }
  if (asks.weakReads) {
    const { rows } = await client.query<{ id: number }>(
      `SELECT DISTINCT o.pass AS id FROM unnest($1::text[]) AS s (subject), unnest($2::bigint[]) AS t (at)
       CROSS JOIN LATERAL (
         SELECT pass FROM door_observations d WHERE d.measure = 'share' AND d.subject = s.subject AND d.at > t.at
         ORDER BY d.at LIMIT $3) AS o`,
      [shareSubjects(portal), times, MOST_RECENT + MOST_OBSERVATIONS + 1],
    );
    for (const { id } of rows) ids.push(id);
  }
  return ids;
}

/** The door itself first. */
function shareSubjects(portal: Portal): string[] {
  return [portal.id, ...portal.antennas.map(({ reader, antenna }) => antennaSubject(portal, reader, antenna))];
}

/** IANA; where nothing is known of the site, UTC. */
export async function zoneOf(client: pg.ClientBase, site: string): Promise<string> {
  const { rows } = await client.query<{ zone: string }>('SELECT zone FROM places WHERE id = $1', [site]);
  return rows[0]?.zone ?? 'UTC';
}
