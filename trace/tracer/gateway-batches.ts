import type pg from 'pg';
import type { GatewayBatch, ReadGap } from '../../domain/index.ts';
import { type BatchHole, type BatchNumbers, gapsOfHole, missingBatches, withBatch } from './batch-numbers.ts';

/** A gateway's batch as the log has it. */
export interface ArrivedBatch {
  readonly position: number;
  readonly arrival: number;
  readonly batch: GatewayBatch;
}

/** What became known of a gateway's missing batches. */
export interface MissingChange {
  readonly gateway: string;
  /** Batches missing now. */
  readonly missing: number;
  readonly lost: readonly BatchHole[];
  /** Missing until now. */
  readonly found: readonly BatchHole[];
  /** Gaps that were said or withdrawn. */
  readonly gaps: readonly ReadGap[];
}

interface Kept extends BatchNumbers {
  readonly gateway: string;
  readonly position: number;
  /** Holes that are shown, with the gaps that show them. */
  readonly missing: readonly Shown[];
}

interface Shown {
  readonly hole: BatchHole;
  readonly gaps: readonly ReadGap[];
}

/**
 * Keeps which batches of each gateway have arrived, and says as gaps of its readers which have not; a hole that closes
 * withdraws its gaps. A record that was taken in before changes nothing.
 *
 * @param now of the last record or tick, epoch ms UTC
 * @param position of the last record
 */
export async function keepNumbers(
  client: pg.ClientBase,
  arrived: readonly ArrivedBatch[],
  now: number,
  position: number,
): Promise<MissingChange[]> {
  const gateways = [...new Set(arrived.map(({ batch }) => batch.gateway))];
  const { rows } = await client.query<Kept>(
    `SELECT gateway, position, life, latest, ranges, readers, missing FROM gateway_batches
     WHERE gateway = ANY($1::text[]) OR jsonb_array_length(ranges) > 1`,
    [gateways],
  );
  const before = new Map(rows.map((row) => [row.gateway, row]));
  const changes: MissingChange[] = [];
  for (const [gateway, one] of withArrived(before, arrived)) {
    const shown = shownNow(one, now);
    const lost = shown.filter((item) => !one.missing.includes(item));
    const found = one.missing.filter((item) => !shown.includes(item));
    const isSame = lost.length === 0 && found.length === 0;
    if (isSame && one === before.get(gateway)) continue;
    await write(client, { ...one, missing: shown });
    const isForgotten = one.life !== before.get(gateway)?.life;
    if (isSame && !isForgotten) continue;
    const gaps = await mendGaps(client, lost, found, position);
    const holes = (items: readonly Shown[]) => items.map(({ hole }) => hole);
    changes.push({ gateway, missing: batchesIn(shown), lost: holes(lost), found: holes(found), gaps });
  }
  return changes;
}

/** How many batches are missing, of every gateway. */
export async function missingByGateway(pool: pg.Pool): Promise<Map<string, number>> {
  const { rows } = await pool.query<Pick<Kept, 'gateway' | 'missing'>>('SELECT gateway, missing FROM gateway_batches');
  return new Map(rows.map(({ gateway, missing }) => [gateway, batchesIn(missing)]));
}

function withArrived(before: ReadonlyMap<string, Kept>, arrived: readonly ArrivedBatch[]): Map<string, Kept> {
  const kept = new Map(before);
  for (const { position, arrival, batch } of arrived) {
    const { gateway, sequence, at, complete } = batch;
    const known = kept.get(gateway);
    if (known !== undefined && position <= known.position) continue;
    const isComplete = complete.length > 0;
    const numbers = withBatch(known ?? null, { sequence, at, arrival, isComplete, readers: readersIn(batch) });
    // A new spool: what the old one had not sent stays missing, so nobody may withdraw it any more.
    const missing = known?.life === numbers.life ? known.missing : [];
    kept.set(gateway, { ...numbers, gateway, position, missing });
  }
  return kept;
}

/** What is shown stays so until it arrives, whatever the clocks of records and ticks say meanwhile. */
function shownNow({ gateway, readers, missing, ...numbers }: Kept, now: number): Shown[] {
  const key = ({ first, last, from, to }: BatchHole) => `${first} ${last} ${from} ${to}`;
  const shown = new Map(missing.map((item) => [key(item.hole), item]));
  const due = new Set(missingBatches({ ...numbers, readers }, now).map(key));
  const wasWider = ({ first, last }: BatchHole) => missing.some(({ hole }) => hole.first <= first && last <= hole.last);
  return missingBatches({ ...numbers, readers }, Number.POSITIVE_INFINITY).flatMap((hole) => {
    const known = shown.get(key(hole));
    if (known !== undefined) return [known];
    return due.has(key(hole)) || wasWider(hole) ? [{ hole, gaps: gapsOfHole(gateway, hole, readers) }] : [];
  });
}

/** @returns gaps that came or went */
async function mendGaps(
  client: pg.ClientBase,
  lost: readonly Shown[],
  found: readonly Shown[],
  position: number,
): Promise<ReadGap[]> {
  const gone = found.flatMap(({ gaps }) => gaps);
  const statements = lost.flatMap(({ gaps }) => gaps);
  const columns = (gaps: readonly ReadGap[]) => [
    gaps.map(({ reader }) => reader),
    gaps.map(({ from }) => from),
    gaps.map(({ to }) => to),
    gaps.map(({ reason }) => reason),
  ];
  await client.query(
    `DELETE FROM read_gaps g USING unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[])
       AS gone (reader, since, until, reason)
     WHERE (g.reader, g.since, g.until, g.reason) = (gone.reader, gone.since, gone.until, gone.reason)`,
    columns(gone),
  );
  await client.query(
    `INSERT INTO read_gaps (reader, since, until, reason, position)
     SELECT *, $5::bigint FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) ON CONFLICT DO NOTHING`,
    [...columns(statements), position],
  );
  return [...gone, ...statements];
}

async function write(client: pg.ClientBase, kept: Kept): Promise<void> {
  await client.query(
    `INSERT INTO gateway_batches (gateway, position, life, latest, ranges, readers, missing)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (gateway) DO UPDATE SET position = excluded.position, life = excluded.life, latest = excluded.latest,
       ranges = excluded.ranges, readers = excluded.readers, missing = excluded.missing`,
    [
      ...[kept.gateway, kept.position, kept.life, kept.latest],
      ...[JSON.stringify(kept.ranges), JSON.stringify(kept.readers), JSON.stringify(kept.missing)],
    ],
  );
}

function readersIn({ sightings, gpi, gaps, complete }: GatewayBatch): string[] {
  const readers = new Set<string>();
  for (const reported of [sightings, gpi, gaps, complete]) for (const { reader } of reported) readers.add(reader);
  return [...readers];
}

function batchesIn(shown: readonly Shown[]): number {
  return shown.reduce((sum, { hole }) => sum + hole.last - hole.first + 1, 0);
}
