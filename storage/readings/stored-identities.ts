import type pg from 'pg';
import { DefectError, type KeyReadings } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { unpackStretch } from '../packed/packed-stretch.ts';
import {
  int2Array,
  int4Array,
  readByteaArray,
  readFloat8Array,
  readInt2Array,
  readInt4Array,
  readTimestamptzArray,
  timestamptzArray,
} from './pack.ts';
import { lowerBound } from './packed-columns.ts';
import { DAY_MS } from './rollup-marks.ts';

/** Identities of readings as columns: `devices.id`, code of the metric, epoch ms UTC. */
export interface Identities {
  readonly deviceId: ArrayLike<number>;
  readonly metric: ArrayLike<number>;
  readonly time: ArrayLike<number>;
}

/**
 * What is stored for each of these, as a row or packed; NaN, which no reading is, where nothing is. One index probe a row,
 * and each stretch of their days is unpacked once.
 * @throws {DefectError} PACKED_STRETCH_DAMAGED
 */
export async function storedValuesOf(
  database: Database,
  { deviceId, metric, time }: Identities,
): Promise<Float64Array> {
  const { rows } = await database.query<StretchColumns & { values: Buffer | null }>(STORED, [
    int4Array(deviceId),
    int2Array(metric),
    timestamptzArray(time),
  ]);
  const [found] = rows;
  const values = readFloat8Array(found?.values ?? null);
  const packed = new PackedDays(found);
  if (packed.isEmpty) return values;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue;
    values[i] = packed.value(deviceId[i] as number, metric[i] as number, time[i] as number);
  }
  return values;
}

/**
 * What is packed of the days of these, in the transaction of `client`. A stretch that is damaged holds nothing here: it costs
 * itself, and no reading that comes later.
 */
export async function packedDaysOf(client: pg.ClientBase, { deviceId, metric, time }: Identities): Promise<PackedDays> {
  const { rows } = await client.query<StretchColumns>({
    name: 'packed readings of days',
    text: PACKED,
    values: [int4Array(deviceId), int2Array(metric), timestamptzArray(time)],
  });
  return new PackedDays(rows[0], isDamage);
}

/** Of `array_send`. */
interface StretchColumns {
  readonly deviceIds: Buffer | null;
  readonly metrics: Buffer | null;
  readonly sinces: Buffer | null;
  readonly packed: Buffer | null;
}

/** Stretches found by their key and UTC day, in which each lies. */
export class PackedDays {
  readonly #days = new Map<string, KeyReadings[]>();
  /** Of which a stretch was left out. */
  readonly #unclear = new Set<string>();

  /** @param isPassedOver of what unpacking a stretch throws: that stretch is left out */
  constructor(columns: StretchColumns | undefined, isPassedOver: (error: unknown) => boolean = () => false) {
    const deviceIds = readInt4Array(columns?.deviceIds ?? null);
    const metrics = readInt2Array(columns?.metrics ?? null);
    const sinces = readTimestamptzArray(columns?.sinces ?? null);
    for (const [i, packed] of readByteaArray(columns?.packed ?? null).entries()) {
      const key = { deviceId: deviceIds[i] as number, metric: metrics[i] as number, since: sinces[i] as number };
      const day = dayOf(key.deviceId, key.metric, key.since);
      const stretches = this.#days.get(day) ?? [];
      try {
        stretches.push(unpackStretch(key, packed));
      } catch (error) {
        if (!isPassedOver(error)) throw error;
        this.#unclear.add(day);
        continue;
      }
      this.#days.set(day, stretches);
    }
  }

  get isEmpty(): boolean {
    return this.#days.size === 0;
  }

  /** Whether no stretch can hold a time of [from, to], which lies in one UTC day. */
  isClear(deviceId: number, metric: number, { from, to }: { readonly from: number; readonly to: number }): boolean {
    const day = dayOf(deviceId, metric, from);
    const reaches = ({ count, time }: KeyReadings) => (time[0] as number) <= to && (time[count - 1] as number) >= from;
    return !this.#unclear.has(day) && !(this.#days.get(day) ?? []).some(reaches);
  }

  /** NaN where none holds it. */
  value(deviceId: number, metric: number, time: number): number {
    for (const readings of this.#days.get(dayOf(deviceId, metric, time)) ?? []) {
      const at = lowerBound(readings.time, time);
      if (readings.time[at] === time) return readings.value[at] as number;
    }
    return Number.NaN;
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof DefectError && error.code === 'PACKED_STRETCH_DAMAGED';
}

const dayOf = (deviceId: number, metric: number, time: number) => `${deviceId} ${metric} ${Math.floor(time / DAY_MS)}`;

/** @param asked a relation of identities */
function stretchesOfDays(asked: string): string {
  return `SELECT array_send(array_agg(p.device_id)) AS "deviceIds", array_send(array_agg(p.metric)) AS metrics,
      array_send(array_agg(p.since)) AS sinces, array_send(array_agg(p.packed)) AS packed
    FROM (SELECT DISTINCT device_id, metric, date_bin('1 day', time, 'epoch') AS day FROM ${asked}) AS asked
    CROSS JOIN LATERAL (
      SELECT * FROM packed_readings AS p WHERE p.device_id = asked.device_id AND p.metric = asked.metric
        AND p.since >= asked.day AND p.since < asked.day + interval '24 hours' OFFSET 0
    ) AS p`;
}

/** One index probe a row, whatever the planner believes: LATERAL with LIMIT sees to it. One statement, so one snapshot. */
const STORED = `
  WITH found AS MATERIALIZED (
    SELECT asked.*, stored.value
    FROM unnest($1::int4[], $2::int2[], $3::timestamptz[]) WITH ORDINALITY AS asked (device_id, metric, time, nth)
    LEFT JOIN LATERAL (
      SELECT value FROM readings r
      WHERE r.device_id = asked.device_id AND r.metric = asked.metric AND r.time = asked.time LIMIT 1
    ) AS stored ON true
  ), absent AS (SELECT * FROM found WHERE value IS NULL)
  SELECT (SELECT array_send(array_agg(coalesce(value, 'NaN') ORDER BY nth)) FROM found) AS values, packed.*
  FROM (${stretchesOfDays('absent')}) AS packed`;

const PACKED = stretchesOfDays(`unnest($1::int4[], $2::int2[], $3::timestamptz[]) AS late (device_id, metric, time)`);
