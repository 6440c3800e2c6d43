import type pg from 'pg';
import { type GpiEvent, mergeSightings, type Portal, type ReadGap, type Sighting } from '../../domain/index.ts';
import { type Database, numberArray, textArray } from '../../storage/index.ts';
import type { SentStatements } from './sent-statements.ts';

/** A gateway's report with the log position it came at. */
export interface Reported<T> {
  readonly position: number;
  readonly report: T;
}

/** What is new at one portal: its reads and triggers, and from the first to the last of them. */
export interface Arrived {
  readonly from: number;
  readonly to: number;
  readonly sightings: readonly Sighting[];
  readonly gpi: readonly GpiEvent[];
}

/** Keeps sightings; a second report of one identity merges, in any order (domain/sighting.ts). */
export function keepSightings(sent: SentStatements, reported: readonly Reported<Sighting>[]): void {
  const merged = new Map<string, Reported<Sighting>>();
  for (const { position, report } of reported) {
    const identity = `${report.reader}|${report.antenna}|${report.epcHex}|${report.firstSeen}`;
    const before = merged.get(identity);
    const sighting = before === undefined ? report : mergeSightings(before.report, report);
    merged.set(identity, { position: before?.position ?? position, report: sighting });
  }
  const rows = [...merged.values()];
  if (rows.length === 0) return;
  sent.send(
    `INSERT INTO sightings AS s (reader, antenna, first_seen, epc_hex, epc_bits, last_seen, count, rssi, position)
     SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::integer[], $6::bigint[],
       $7::integer[], $8::double precision[], $9::bigint[])
     ON CONFLICT (reader, antenna, first_seen, epc_hex) DO UPDATE SET
       last_seen = greatest(s.last_seen, excluded.last_seen),
       count = greatest(s.count, excluded.count),
       rssi = greatest(s.rssi, excluded.rssi)`,
    [
      textArray(rows.map(({ report }) => report.reader)),
      numberArray(rows.map(({ report }) => report.antenna)),
      numberArray(rows.map(({ report }) => report.firstSeen)),
      textArray(rows.map(({ report }) => report.epcHex)),
      numberArray(rows.map(({ report }) => report.epcBits)),
      numberArray(rows.map(({ report }) => report.lastSeen)),
      numberArray(rows.map(({ report }) => report.count)),
      numberArray(rows.map(({ report }) => report.rssiDbm)),
      numberArray(rows.map(({ position }) => position)),
    ],
  );
}

export async function keepGpiEvents(client: pg.ClientBase, reported: readonly Reported<GpiEvent>[]): Promise<void> {
  if (reported.length === 0) return;
  await client.query(
    `INSERT INTO gpi_events (reader, port, at, is_high, position)
     SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::boolean[], $5::bigint[]) ON CONFLICT DO NOTHING`,
    [
      reported.map(({ report }) => report.reader),
      reported.map(({ report }) => report.port),
      reported.map(({ report }) => report.at),
      reported.map(({ report }) => report.isHigh),
      reported.map(({ position }) => position),
    ],
  );
}

/**
 * A gap without a length is a gateway's that has forgotten since when it says nothing (its spool is gone): it begins
 * where the reader had been complete, and is none where it never was.
 *
 * @returns those that were not known
 */
export async function keepGaps(client: pg.ClientBase, reported: readonly Reported<ReadGap>[]): Promise<ReadGap[]> {
  if (reported.length === 0) return [];
  const { rows } = await client.query<ReadGap>(
    `INSERT INTO read_gaps (reader, since, until, reason, position)
     SELECT reader, CASE WHEN g.since = g.until THEN c.at ELSE g.since END, g.until, g.reason, g.position
     FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])
       AS g (reader, since, until, reason, position) LEFT JOIN complete_until c USING (reader)
     WHERE g.since < g.until OR c.at < g.until
     ON CONFLICT DO NOTHING RETURNING reader, since AS "from", until AS "to", reason`,
    [
      reported.map(({ report }) => report.reader),
      reported.map(({ report }) => report.from),
      reported.map(({ report }) => report.to),
      reported.map(({ report }) => report.reason),
      reported.map(({ position }) => position),
    ],
  );
  return rows;
}

/** Of each: stretches that overlap [from, to) in which reads of some readers are known to be missing, by time. */
export async function gapsDuring(
  client: pg.ClientBase,
  asked: readonly { readonly readers: readonly string[]; readonly from: number; readonly to: number }[],
): Promise<readonly (readonly ReadGap[])[]> {
  const lines = asked.flatMap(({ readers, from, to }, index) => readers.map((reader) => ({ index, reader, from, to })));
  if (lines.length === 0) return asked.map(() => []);
  const { rows } = await client.query<ReadGap & { index: number }>(
    `SELECT a.index, g.reader, g.since AS "from", g.until AS "to", g.reason
     FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::bigint[]) AS a (index, reader, since, until)
       CROSS JOIN LATERAL (SELECT * FROM read_gaps
         WHERE reader = a.reader AND since < a.until AND until > a.since OFFSET 0) AS g
     ORDER BY g.since, g.reader, g.reason`,
    [
      numberArray(lines.map(({ index }) => index)),
      textArray(lines.map(({ reader }) => reader)),
      numberArray(lines.map(({ from }) => from)),
      numberArray(lines.map(({ to }) => to)),
    ],
  );
  const gaps: ReadGap[][] = asked.map(() => []);
  for (const { index, ...gap } of rows) gaps[index]?.push(gap);
  return gaps;
}

/** The latest gaps of some readers that end after `since`, epoch ms UTC, newest first. */
export async function latestGaps(
  client: Pick<Database, 'query'>,
  readers: readonly string[],
  since: number,
  limit: number,
): Promise<ReadGap[]> {
  const { rows } = await client.query<ReadGap>(
    `SELECT reader, since AS "from", until AS "to", reason FROM read_gaps
     WHERE reader = ANY($1::text[]) AND until > $2 ORDER BY until DESC, since DESC, reader, reason LIMIT $3`,
    [readers, since, limit],
  );
  return rows;
}

/** What some antennas saw first in [from, to), epoch ms UTC. */
export async function sightingsBetween(
  client: pg.ClientBase,
  antennas: readonly { readonly reader: string; readonly antenna: number }[],
  from: number,
  to: number,
): Promise<Sighting[]> {
  const { rows } = await client.query<Sighting>(
    `SELECT reader, antenna, epc_hex AS "epcHex", epc_bits AS "epcBits", first_seen AS "firstSeen",
       last_seen AS "lastSeen", count, rssi AS "rssiDbm"
     FROM unnest($1::text[], $2::integer[]) AS portal (reader, antenna) JOIN sightings USING (reader, antenna)
     WHERE first_seen >= $3 AND first_seen < $4`,
    [antennas.map(({ reader }) => reader), antennas.map(({ antenna }) => antenna), from, to],
  );
  return rows;
}

/** Events of some ports in [from, to), epoch ms UTC. @param ports as portals name them, `reader/port` */
export async function gpiBetween(
  client: pg.ClientBase,
  ports: readonly string[],
  from: number,
  to: number,
): Promise<GpiEvent[]> {
  if (ports.length === 0) return [];
  const { rows } = await client.query<GpiEvent>(
    `SELECT reader, port, is_high AS "isHigh", at FROM unnest($1::text[], $2::integer[]) AS trigger (reader, port)
     JOIN gpi_events USING (reader, port) WHERE at >= $3 AND at < $4`,
    [...portColumns(ports), from, to],
  );
  return rows;
}

/** The nearest first read or trigger of a portal before and after a stretch; null where there is none. */
export async function nearestActivity(
  client: pg.ClientBase,
  antennas: readonly { readonly reader: string; readonly antenna: number }[],
  ports: readonly string[],
  from: number,
  to: number,
): Promise<{ before: number | null; after: number | null }> {
  const { rows } = await client.query<{ before: number | null; after: number | null }>(
    `SELECT max(before) AS before, min(after) AS after FROM (
       SELECT (SELECT max(first_seen) FROM sightings s
                WHERE s.reader = p.reader AND s.antenna = p.antenna AND first_seen < $5) AS before,
              (SELECT min(first_seen) FROM sightings s
                WHERE s.reader = p.reader AND s.antenna = p.antenna AND first_seen >= $6) AS after
         FROM unnest($1::text[], $2::integer[]) AS p (reader, antenna)
       UNION ALL
       SELECT (SELECT max(at) FROM gpi_events g WHERE g.reader = p.reader AND g.port = p.port AND at < $5),
              (SELECT min(at) FROM gpi_events g WHERE g.reader = p.reader AND g.port = p.port AND at >= $6)
         FROM unnest($3::text[], $4::integer[]) AS p (reader, port)) AS found`,
    [antennas.map(({ reader }) => reader), antennas.map(({ antenna }) => antenna), ...portColumns(ports), from, to],
  );
  return rows[0] ?? { before: null, after: null };
}

/**
 * The start of a pass not after `at`, the last of several, before which nothing was seen and no trigger was high for
 * `quietMs`: passes from there on do not depend on anything earlier. null where it is not that easily found.
 */
export async function knownCleanStart(
  client: pg.ClientBase,
  { id, antennas, triggers, quietMs, capMs }: Portal,
  at: number,
): Promise<number | null> {
  if (!Number.isFinite(at)) return null;
  const { rows } = await client.query<{ since: number }>(
    `SELECT p.since FROM (SELECT since FROM passes WHERE portal = $1 AND since <= $2 ORDER BY since DESC LIMIT 4) AS p
     WHERE NOT EXISTS (
         SELECT FROM unnest($3::text[], $4::integer[]) AS a (reader, antenna) JOIN sightings s USING (reader, antenna)
         WHERE s.first_seen >= p.since - $7::bigint - $8::bigint AND s.first_seen < p.since
           AND least(s.last_seen, s.first_seen + $8::bigint) >= p.since - $7::bigint)
       AND NOT EXISTS (
         SELECT FROM unnest($5::text[], $6::integer[]) AS t (reader, port) JOIN gpi_events g USING (reader, port)
         WHERE g.at >= p.since - $7::bigint - $8::bigint AND g.at < p.since)
     ORDER BY p.since DESC LIMIT 1`,
    [
      ...[id, at, antennas.map(({ reader }) => reader), antennas.map(({ antenna }) => antenna)],
      ...[...portColumns(triggers), quietMs, capMs],
    ],
  );
  return rows[0]?.since ?? null;
}

function portColumns(ports: readonly string[]): [readers: string[], ports: number[]] {
  const cut = ports.map((port) => port.lastIndexOf('/'));
  return [
    ports.map((port, index) => port.slice(0, cut[index])),
    ports.map((port, index) => Number(port.slice((cut[index] ?? 0) + 1))),
  ];
}

/** A batch's reports, so that each portal finds its own. */
export class ReportedReads {
  readonly #sightings: ReadonlyMap<string, readonly Sighting[]>;
  readonly #gpi: ReadonlyMap<string, readonly GpiEvent[]>;

  constructor(sightings: readonly Reported<Sighting>[], gpi: readonly Reported<GpiEvent>[]) {
    const [read, triggered] = [sightings.map(({ report }) => report), gpi.map(({ report }) => report)];
    this.#sightings = Map.groupBy(read, ({ reader, antenna }) => `${antenna}|${reader}`);
    this.#gpi = Map.groupBy(triggered, ({ reader, port }) => `${reader}/${port}`);
  }

  /** What is new at a portal; null where nothing is. */
  at({ antennas, triggers, capMs }: Portal): Arrived | null {
    const names = new Set(antennas.map(({ reader, antenna }) => `${antenna}|${reader}`));
    const sightings = [...names].flatMap((name) => this.#sightings.get(name) ?? []);
    const gpi = [...new Set(triggers)].flatMap((port) => this.#gpi.get(port) ?? []);
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    for (const { firstSeen, lastSeen } of sightings) {
      from = Math.min(from, firstSeen);
      to = Math.max(to, lastSeen);
    }
    for (const { at } of gpi) {
      from = Math.min(from, at);
      // A release that is heard late shortens what had lasted until then: what begins behind it may be a movement now.
      to = Math.max(to, at + capMs);
    }
    return from <= to ? { from, to, sightings, gpi } : null;
  }
}
