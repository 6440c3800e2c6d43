import { investigations } from '../alerts/index.ts';
import type { Kept, RecordPeriod } from '../domain/index.ts';
import type { Age, Database, Holds } from '../storage/index.ts';
import { devicesAroundShipments, shipmentsInRecordPeriod } from '../trace/index.ts';
import { type Config, durationMs } from './config/index.ts';

export interface RetentionSources {
  readonly database: Database;
  readonly holds: Holds;
  readonly period: RecordPeriod;
  /** Epoch ms UTC. */
  readonly now: number;
}

/**
 * What may not be deleted: shipments within their record period, on hold, or under an alert that is not resolved, with
 * all readings their serials' exposure rests on; and devices on hold or under such an alert.
 */
export async function retentionScope({ database, holds, period, now }: RetentionSources): Promise<Kept> {
  const [standing, alerts, inPeriod] = await Promise.all([
    holds.standing(),
    investigations(database),
    shipmentsInRecordPeriod(database.pool, now, period),
  ]);
  const held = (kind: string) =>
    standing.filter(({ subject }) => subject.startsWith(kind)).map(({ subject }) => subject.slice(kind.length));
  const shipments = new Set([...held('shipment:'), ...alerts.shipments, ...inPeriod]);
  const always = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  return {
    shipments,
    ranges: [
      ...held('device:').map((device) => ({ device, ...always })),
      ...alerts.ranges,
      ...(await devicesAroundShipments(database, [...shipments])),
    ],
  };
}

/** How much of that there is, by why it is kept. */
export async function keptCounts({ database, holds, period, now }: RetentionSources) {
  const [standing, alerts, inPeriod] = await Promise.all([
    holds.standing(),
    investigations(database),
    shipmentsInRecordPeriod(database.pool, now, period),
  ]);
  const held = (kind: string) => standing.filter(({ subject }) => subject.startsWith(kind)).length;
  return {
    onHold: { shipments: held('shipment:'), devices: held('device:') },
    underAlert: {
      shipments: alerts.shipments.length,
      devices: new Set(alerts.ranges.map(({ device }) => device)).size,
    },
    inRecordPeriod: [...inPeriod].length,
  };
}

/** @param ofMarkets for how long the markets that are set ask, ms */
export function recordPeriod({ retention }: Config, ofMarkets: number): RecordPeriod {
  return {
    atLeastMs: Math.max(durationMs(retention.records), ofMarkets),
    afterExpiryMs: durationMs(retention.afterExpiry),
  };
}

/** A duration of the configuration, with how it was written. */
export function ageOf(text: string | null): Age | null {
  return text === null ? null : { ms: durationMs(text), text };
}
