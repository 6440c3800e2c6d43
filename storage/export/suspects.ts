import type pg from 'pg';
import {
  type History,
  type KeyReadings,
  METRICS,
  metricByCode,
  NEIGHBOURS,
  qualified,
  type SuspectReason,
  suspectReason,
} from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { PostgresDeviceFacts } from '../readings/device-facts.ts';
import { PostgresHistory } from '../readings/history.ts';
import { timestamp } from '../types.ts';

/** Event times [from, to) of a device, epoch ms UTC. */
export interface ExportedSpan {
  readonly device: string;
  readonly from: number;
  readonly to: number;
}

interface Suspect {
  readonly device: string;
  readonly metric: string;
  readonly time: number;
  readonly value: number;
  readonly reason: SuspectReason;
}

const READINGS_AT_ONCE = 50_000;
const ROWS_AT_ONCE = 5_000;
/** A query of {@link collectSuspects}' table. */
export const SUSPECTS_SELECT = `SELECT device, metric, to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time,
  value, reason FROM export_suspects ORDER BY device, metric, export_suspects.time`;

/**
 * Which of the exported readings are suspect, and why (docs/rules.md, "Quality of a reading"), as a table of the session. The
 * quality is derived and stands nowhere: it is derived here, of every key that is exported, from what is stored now.
 *
 * @param spans of devices; null: everything in [from, to)
 */
export async function collectSuspects(
  client: pg.ClientBase,
  database: Database,
  { from, to, spans }: { readonly from: number; readonly to: number; readonly spans: readonly ExportedSpan[] | null },
): Promise<void> {
  await client.query(
    `CREATE TEMP TABLE export_suspects (device text COLLATE "C", metric text COLLATE "C", time timestamptz, value float8,
       reason text, PRIMARY KEY (device, metric, time)) ON COMMIT DROP`,
  );
  const history = new PostgresHistory({ database });
  const facts = new PostgresDeviceFacts({ client });
  const keys =
    spans === null
      ? (await history.keys()).map(({ device, metric }) => ({ device, metric, from, to }))
      : spans.flatMap((span) => METRICS.map(({ code }) => ({ ...span, metric: code })));
  let waiting: Suspect[] = [];
  const insert = async () => {
    if (waiting.length > 0) await insertAll(client, waiting);
    waiting = [];
  };
  for (const key of keys) {
    const { quality } = await facts.of(key.device, key.metric);
    const metric = metricByCode(key.metric)?.name ?? String(key.metric);
    for await (const part of partsOf(history, key)) {
      const { times, flags } = qualified(part, quality);
      for (let i = 0; i < part.count; i++) {
        const time = times[i] as number;
        const reason = suspectReason(flags[i] as number);
        if (reason === null || time < part.from || time >= part.to) continue;
        waiting.push({ device: key.device, metric, time, value: part.value[i] as number, reason });
        if (waiting.length >= ROWS_AT_ONCE) await insert();
      }
    }
  }
  await insert();
}

interface Part extends KeyReadings {
  /** Of these its readings have all their neighbours. */
  readonly from: number;
  readonly to: number;
}

/** A key's readings in parts, each with the neighbours that the quality of its ends rests on. */
async function* partsOf(
  history: History,
  { device, metric, from, to }: ExportedSpan & { readonly metric: number },
): AsyncGenerator<Part> {
  for (let start = from; start < to; ) {
    const own = await history.read(device, metric, start, to, READINGS_AT_ONCE);
    if (own.count === 0) return;
    const last = own.time[own.count - 1] as number;
    const end = own.count < READINGS_AT_ONCE ? to : last + 1;
    const before = await history.before(device, metric, own.time[0] as number, NEIGHBOURS);
    const after = await history.read(device, metric, last + 1, Number.POSITIVE_INFINITY, NEIGHBOURS);
    const count = before.count + own.count + after.count;
    const part = { count, time: new Float64Array(count), value: new Float64Array(count), from: start, to: end };
    let at = 0;
    for (const one of [before, own, after]) {
      part.time.set(one.time.subarray(0, one.count), at);
      part.value.set(one.value.subarray(0, one.count), at);
      at += one.count;
    }
    yield part;
    start = end;
  }
}

async function insertAll(client: pg.ClientBase, rows: readonly Suspect[]): Promise<void> {
  await client.query(
    `INSERT INTO export_suspects SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::float8[], $5::text[])
     ON CONFLICT DO NOTHING`,
    [
      rows.map(({ device }) => device),
      rows.map(({ metric }) => metric),
      rows.map(({ time }) => timestamp(time)),
      rows.map(({ value }) => value),
      rows.map(({ reason }) => reason),
    ],
  );
}
