import { createHash } from 'node:crypto';
import type pg from 'pg';
import { type ManifestKey, sealConfirmation, sealManifest } from '../codecs/manifest/index.ts';
import {
  type Counter,
  type Downlink,
  type Gauge,
  gatewayTopic,
  type Logger,
  type Meter,
  type Timer,
  type TimeSource,
} from '../domain/index.ts';
import { type Database, isConflict } from '../storage/index.ts';
import {
  type DoorBounds,
  doorSnapshot,
  keepManifest,
  lastManifest,
  type PassRuleVersion,
  type Snapshot,
} from '../trace/index.ts';

/** How soon after a change gateways are told, and how often they are told that nothing changed, ms. */
const LOOK_EVERY_MS = 1_000;
const STAND_BY_EVERY_MS = 30_000;
/** Making manifests takes at most this share of the time: a large site is told less often. */
const SHARE = 1 / 8;
/** A manifest that is too large to send is made anew with this much of what it held. */
const SMALLER = 0.7;
/** A manifest is made so often where others make one at the same time. */
const TRIES = 3;

export interface DoorManifestsOptions {
  readonly database: Database;
  /** Waits until everything taken in by now is worked in. @returns that moment, epoch ms UTC; null: it takes too long */
  readonly settled: () => Promise<number | null>;
  readonly key: ManifestKey;
  /** Rules over passes at a moment, with those that are switched off; absent: gateways are not told of any. */
  readonly rules?: (client: pg.ClientBase, at: number) => Promise<readonly PassRuleVersion[]>;
  readonly bounds: DoorBounds & { readonly bytes: number };
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** What a gateway says of itself, as far as its manifest depends on it. */
export interface GatewaySaid {
  readonly state: 'online' | 'offline';
  /** Ids. */
  readonly readers: readonly string[];
  /** Version it has; null = none. */
  readonly manifest: number | null;
}

interface Told extends GatewaySaid {
  /** Something changed since it was told. */
  isDue: boolean;
  /** When it was last told, by a monotonic clock; null = not since it came. */
  toldAt: number | null;
}

/**
 * Tells each gateway that is there what its doors expect, so that it can judge passes when the line is cut: anew when that
 * changed, and every half minute that it still stands.
 */
export class DoorManifests {
  readonly #options: DoorManifestsOptions;
  readonly #gateways = new Map<string, Told>();
  readonly #metrics: Metrics;
  #down: Downlink | null = null;
  #timer: Timer | null = null;
  #working: Promise<void> | null = null;
  /** Until then the next one waits, monotonic ms. */
  #restsUntil = 0;

  constructor(options: DoorManifestsOptions) {
    this.#options = options;
    this.#metrics = metricsOf(options.meter);
  }

  start(down: Downlink): void {
    this.#down = down;
    this.#timer = this.#options.time.every('door manifests', LOOK_EVERY_MS, () => this.#look());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#down = null;
    await this.#working;
  }

  heard(id: string, said: GatewaySaid): void {
    const before = this.#gateways.get(id);
    if (said.state === 'offline') {
      this.#gateways.delete(id);
      return;
    }
    const isSame = before !== undefined && before.readers.join() === said.readers.join();
    const told = { isDue: before?.isDue === true || !isSame, toldAt: isSame ? before.toldAt : null };
    this.#gateways.set(id, { ...said, ...told });
  }

  /** Something that manifests may hold has changed. */
  changed(): void {
    for (const told of this.#gateways.values()) told.isDue = true;
  }

  #look(): void {
    const { time, logger } = this.#options;
    const now = time.monotonic();
    if (this.#working !== null || now < this.#restsUntil) return;
    const due = [...this.#gateways].filter(([, { isDue, toldAt }]) => {
      return isDue || toldAt === null || now - toldAt >= STAND_BY_EVERY_MS;
    });
    if (due.length === 0) return;
    this.#working = this.#tellAll(due.map(([id]) => id))
      .catch((error: unknown) => {
        // Also what nobody foresaw: it is logged, and the gateways that were not told stay due.
        logger.warn({ err: error }, 'door manifests cannot be made; they are tried again');
      })
      .finally(() => {
        this.#working = null;
        this.#restsUntil = time.monotonic() + (time.monotonic() - now) / SHARE;
      });
  }

  async #tellAll(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const told = this.#gateways.get(id);
      if (told === undefined || this.#down === null) continue;
      // What changes from here on makes it due again.
      told.isDue = false;
      const payload = await this.#payload(id, told).catch((error: unknown) => {
        told.isDue = true;
        throw error;
      });
      if (payload === null) {
        told.isDue = true;
        continue;
      }
      const isSent = await this.#send(id, payload);
      told.toldAt = isSent ? this.#options.time.monotonic() : told.toldAt;
    }
  }

  async #send(id: string, payload: Uint8Array): Promise<boolean> {
    try {
      await this.#down?.publish(gatewayTopic(id, 'manifest'), payload);
      return true;
    } catch (error) {
      // It is told when it is back.
      this.#options.logger.debug({ gateway: id, err: error }, 'a door manifest was not delivered');
      return false;
    }
  }

  /** null: what was taken in last is not worked in yet. */
  async #payload(id: string, { readers, manifest: has }: GatewaySaid): Promise<Uint8Array | null> {
    const { settled } = this.#options;
    const completeUntil = await settled();
    if (completeUntil === null) return null;
    const make = () => this.#made(id, { readers, has, completeUntil });
    // Another process tells the same gateway at the same time, and has kept its manifest since this one looked.
    for (let tried = 1; tried < TRIES; tried++) {
      try {
        return await make();
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
    return make();
  }

  async #made(
    id: string,
    { readers, has, completeUntil }: Pick<GatewaySaid, 'readers'> & { has: number | null; completeUntil: number },
  ): Promise<Uint8Array> {
    const { database, time, key } = this.#options;
    return database.transaction(async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      const last = await lastManifest(client, id);
      const rules = await this.#options.rules?.(client, time.now());
      const bounds = { ...this.#options.bounds };
      for (;;) {
        const snapshot = await doorSnapshot(client, { id, readers }, time.now(), bounds, rules);
        const digest = digestOf(snapshot);
        if (last !== null && last.digest === digest && has === last.version) {
          return sealConfirmation({ gateway: id, version: last.version, at: completeUntil }, key);
        }
        // A platform that came back from a backup does not count back.
        const version = Math.max(last?.version ?? 0, has ?? 0) + 1;
        const manifest = { ...snapshot, version, madeAt: time.now(), completeUntil };
        const payload = sealManifest(manifest, key);
        if (payload.length > bounds.bytes && snapshot.things.length > 0) {
          bounds.things = Math.floor(Math.min(bounds.things, snapshot.things.length) * SMALLER);
          continue;
        }
        await keepManifest(client, manifest, { digest, bytes: payload.length });
        this.#say(manifest, payload.length);
        return payload;
      }
    });
  }

  #say({ gateway, things, shipments, left }: Snapshot, bytes: number): void {
    const { logger } = this.#options;
    this.#metrics.made.add(1, { gateway });
    this.#metrics.things.set(things.length, { gateway });
    this.#metrics.left.set(left?.things ?? 0, { gateway });
    const figures = { gateway, shipments: shipments.length, things: things.length, bytes };
    if (left !== null) logger.warn({ ...figures, left }, 'a door manifest does not hold all shipments');
    else logger.debug(figures, 'door manifest made');
  }
}

/** Of what it says, not of when. */
function digestOf(snapshot: Snapshot): string {
  return createHash('sha256').update(JSON.stringify(snapshot)).digest('hex');
}

interface Metrics {
  readonly made: Counter;
  readonly things: Gauge;
  readonly left: Gauge;
}

function metricsOf(meter: Meter): Metrics {
  const labels = ['gateway'];
  return {
    made: meter.counter({
      name: 'isotherm_app_door_manifests',
      help: 'Door manifests made, by gateway.',
      labels,
    }),
    things: meter.gauge({
      name: 'isotherm_app_door_manifest_things',
      help: 'Serials and units in the last door manifest of a gateway.',
      labels,
    }),
    left: meter.gauge({
      name: 'isotherm_app_door_manifest_left_things',
      help: 'Serials and units that did not fit into it.',
      labels,
    }),
  };
}
