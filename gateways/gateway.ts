import { decodeBatch } from '../codecs/batch/index.ts';
import { IsothermError, type Logger, type Meter, type Timer, type TimeSource } from '../domain/index.ts';
import { Collector } from './collector.ts';
import type { GatewayConfig, ReaderProfile } from './config.ts';
import { DoorLights, type Light } from './door-lights.ts';
import { IncomingLine, OutgoingLine, type ReaderLine } from './line.ts';
import { type ManifestStatus, ManifestStore } from './manifest-store.ts';
import { type GatewayMetrics, gatewayMetrics } from './metrics.ts';
import { OfflineDoors } from './offline-doors.ts';
import { ReaderSession, type ReaderStatus } from './session.ts';
import { Spool, type SpoolState } from './spool.ts';
import { gatewayCommandSchema, outputsFor } from './stack-light.ts';
import { Uplink } from './uplink.ts';

/** Changes of status within this are published as one. */
const STATUS_AFTER_MS = 200;
const STATUS_EVERY_MS = 30_000;
/** What was seen this long before a start is at the doors still, ms. */
const DOORS_BACK_MS = 300_000;

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  /** 0 <= x < 1; default Math.random. */
  readonly random?: () => number;
}

/** Published, retained, on `isotherm/v1/gateways/{id}/status`; `{"state":"offline"}` is its will. */
export interface GatewayStatus {
  readonly state: 'online';
  readonly readers: readonly ReaderStatus[];
  readonly spool: {
    readonly state: SpoolState;
    /** Batches not acknowledged yet. */
    readonly pending: number;
    /** When the oldest of them was made, RFC 3339, or null. */
    readonly oldest: string | null;
    readonly bytes: number;
  };
  /** What its doors expect, as the platform last said; null = it has not. */
  readonly manifest: ManifestStatus | null;
  /** Code of the manifest that was last refused; null once a good one came. */
  readonly manifestRefused: string | null;
}

/**
 * The process at the edge: sessions with readers, what they see put on disk and sent to the platform, and the stack
 * lights the platform commands. It works on through a platform or a reader that is away.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #metrics: GatewayMetrics;
  #parts: Parts | null = null;
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #status: Timer | null = null;
  #statusTick: Timer | null = null;
  #amber: Timer | null = null;
  #isCutOff = false;
  #gate = open();

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#metrics = gatewayMetrics(options.meter);
  }

  /** @throws {UnavailableError} SPOOL_UNOPENABLE; readers and the platform may be away, that is tried again for ever */
  async start(): Promise<void> {
    if (this.#state !== 'idle') return;
    this.#state = 'running';
    const { config, time, logger } = this.#options;
    const metrics = this.#metrics;
    const random = this.#options.random ?? Math.random;
    const spool = new Spool(config.dataDir, config.spool.maxBytes);
    const { laidAside } = spool;
    if (laidAside !== null) logger.error({ laidAside }, 'the spool was damaged and is laid aside; an empty one begins');
    const uplink = new Uplink({
      config,
      spool,
      time,
      logger,
      metrics,
      random,
      command: (payload) => this.#command(payload),
      manifest: (payload) => this.#manifest(payload),
      connection: (isConnected) => this.#connection(isConnected),
      status: () => this.status,
    });
    const manifest = new ManifestStore({ config, time, logger });
    manifest.load();
    const lights = new DoorLights({
      ...{ readers: config.readers, time },
      set: (profile, light) => this.#set(profile, light),
    });
    const doors = new OfflineDoors({
      ...{ config, time, manifest },
      takesReads: () => spool.state === 'ok',
      completeUntil: (reader) => collector.completeUntil(reader),
      begun: (portal) => lights.begun(portal),
      show: (readers, light) => lights.judged(readers, light),
      shown: (light) => collector.shown(light),
    });
    const collector: Collector = new Collector({
      config,
      spool,
      time,
      logger,
      metrics,
      added: () => uplink.pump(),
      seen: (sightings, gpi, gaps) => doors.see(sightings, gpi, gaps),
      isDrained: () => uplink.isDrained,
      isBacklogged: () => uplink.isBacklogged,
      stalled: (isStalled) => this.#stalled(isStalled),
    });
    const lines = new Map(config.readers.map((profile) => [profile.id, lineTo(profile, time)]));
    for (const line of lines.values()) if (line instanceof IncomingLine) await line.listen();
    const sessions = new Map(
      config.readers.map((profile) => {
        const line = lines.get(profile.id) ?? lineTo(profile, time);
        const changed = () => this.#statusSoon();
        const ready = () => this.#gate.promise;
        const session = { profile, line, sink: collector, time, logger, metrics, random, changed, ready };
        return [profile.id, new ReaderSession(session)];
      }),
    );
    this.#parts = { spool, manifest, doors, lights, uplink, collector, lines, sessions };
    // What was at the doors when it ended.
    for (const batch of spool.since(time.now() - DOORS_BACK_MS)) {
      const { sightings, gpi, gaps } = decodeBatch(batch.payload).batch;
      doors.see(sightings, gpi, gaps);
    }
    collector.start();
    uplink.start();
    this.#connection(false);
    for (const session of sessions.values()) session.start();
    this.#statusTick = time.every('gateway.status', STATUS_EVERY_MS, () => {
      this.#measureManifest();
      uplink.publishStatus();
    });
    this.#measureManifest();
    logger.info({ gateway: config.id, readers: config.readers.length, pending: spool.pending }, 'gateway started');
  }

  /** Readers first, then what they said goes to disk and, if the platform is there, out; the rest waits on disk. */
  async stop(): Promise<void> {
    if (this.#state !== 'running' || this.#parts === null) return;
    this.#state = 'stopped';
    const { spool, uplink, collector, lines, sessions } = this.#parts;
    this.#cancelTimers();
    await Promise.all([...sessions.values()].map((session) => session.stop()));
    await Promise.all([...lines.values()].map((line) => line.close()));
    collector.stop();
    await uplink.stop();
    spool.close();
  }

  /** Ends at once and writes nothing more, as a power cut does. For tests and drills. */
  async crash(): Promise<void> {
    if (this.#state !== 'running' || this.#parts === null) return;
    this.#state = 'stopped';
    const { spool, uplink, collector, lines, sessions } = this.#parts;
    this.#cancelTimers();
    collector.abandon();
    await uplink.abandon();
    await Promise.all([...sessions.values()].map((session) => session.abandon()));
    await Promise.all([...lines.values()].map((line) => line.close()));
    spool.close();
  }

  get status(): GatewayStatus {
    const spool = this.#parts?.spool;
    const oldest = spool?.oldest ?? null;
    return {
      state: 'online',
      readers: [...(this.#parts?.sessions.values() ?? [])].map((session) => session.status),
      spool: {
        state: spool?.state ?? 'ok',
        pending: spool?.pending ?? 0,
        oldest: oldest === null ? null : new Date(oldest).toISOString(),
        bytes: spool?.bytes ?? 0,
      },
      manifest: this.#parts?.manifest.status ?? null,
      manifestRefused: this.#parts?.manifest.refused ?? null,
    };
  }

  /** Port on which a reader that calls the gateway is awaited, once started. */
  listenPort(reader: string): number | null {
    const line = this.#parts?.lines.get(reader);
    return line instanceof IncomingLine ? line.port : null;
  }

  #cancelTimers(): void {
    for (const timer of [this.#status, this.#statusTick, this.#amber]) timer?.cancel();
    this.#parts?.lights.stop();
    this.#parts?.doors.stop();
    this.#gate.resolve();
  }

  #statusSoon(): void {
    if (this.#status !== null || this.#state !== 'running') return;
    this.#status = this.#options.time.after('gateway.status.soon', STATUS_AFTER_MS, () => {
      this.#status = null;
      this.#parts?.uplink.publishStatus();
    });
  }

  /** While the spool takes no writes, readers keep what they see: connections are let go and not released again. */
  #stalled(isStalled: boolean): void {
    if (isStalled) {
      this.#gate = Promise.withResolvers<void>();
      for (const session of this.#parts?.sessions.values() ?? []) void session.letGo('the spool takes no more reads');
    } else {
      this.#gate.resolve();
    }
    this.#statusSoon();
  }

  #connection(isConnected: boolean): void {
    const { time, config, logger } = this.#options;
    this.#amber?.cancel();
    if (this.#state !== 'running') return;
    if (isConnected) {
      if (this.#isCutOff) logger.info({ gateway: config.id }, 'platform is back');
      this.#cutOff(false);
      return;
    }
    this.#amber = time.after('gateway.cut-off', config.cutOffMs, () => {
      const { is: age } = this.#parts?.manifest.age ?? { is: 'unknown' };
      const version = this.#parts?.manifest.facts?.manifest.version ?? null;
      logger.warn({ gateway: config.id, manifest: version, age }, 'platform is away; stack lights show amber');
      this.#cutOff(true);
    });
  }

  #cutOff(isCutOff: boolean): void {
    this.#isCutOff = isCutOff;
    this.#parts?.lights.cutOff(isCutOff);
    this.#parts?.doors.cutOff(isCutOff);
  }

  #command(payload: Uint8Array): void {
    const { logger, config } = this.#options;
    const parsed = gatewayCommandSchema.safeParse(jsonOrNull(payload));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      logger.warn({ gateway: config.id, key: issue?.path.join('.'), reason: issue?.message }, 'command not understood');
      return;
    }
    this.#parts?.lights.command(parsed.data);
  }

  #manifest(payload: Uint8Array): void {
    const { logger, config } = this.#options;
    if (this.#parts === null) return;
    const { manifest, doors } = this.#parts;
    try {
      if (manifest.take(payload)) {
        doors.manifestChanged();
        logger.info({ gateway: config.id, ...manifest.status }, 'door manifest taken');
      }
    } catch (error) {
      if (!(error instanceof IsothermError)) throw error;
      this.#metrics.manifestsRefused.add(1, { code: error.code });
      logger.warn({ gateway: config.id, err: error }, 'door manifest refused; the last good one stays');
    }
    this.#measureManifest();
    this.#statusSoon();
  }

  #measureManifest(): void {
    const status = this.#parts?.manifest.status ?? null;
    if (status === null) return;
    this.#metrics.manifestVersion.set(status.version);
    // A clock that was set back: nobody knows how old.
    this.#metrics.manifestAge.set(status.ageMs === null ? Number.POSITIVE_INFINITY : status.ageMs / 1000);
  }

  #set(profile: ReaderProfile, { colour, buzzer }: Light): void {
    if (this.#state !== 'running') return;
    const outputs = outputsFor(profile, colour, buzzer);
    if (outputs.size === 0) return;
    const shown = this.#parts?.sessions.get(profile.id)?.setOutputs(outputs);
    shown?.catch((error: unknown) => {
      if (!(error instanceof IsothermError)) throw error;
      // It is set again with the reader's configuration after the reconnect.
      this.#options.logger.warn({ reader: profile.id, err: error }, 'the stack light cannot be set');
    });
  }
}

interface Parts {
  readonly spool: Spool;
  readonly manifest: ManifestStore;
  readonly doors: OfflineDoors;
  readonly lights: DoorLights;
  readonly uplink: Uplink;
  readonly collector: Collector;
  readonly lines: ReadonlyMap<string, ReaderLine>;
  readonly sessions: ReadonlyMap<string, ReaderSession>;
}

function lineTo(profile: ReaderProfile, time: TimeSource): ReaderLine {
  return profile.host === undefined ? new IncomingLine(profile) : new OutgoingLine(profile, time);
}

/** A gate that stands open. */
function open(): PromiseWithResolvers<void> {
  const gate = Promise.withResolvers<void>();
  gate.resolve();
  return gate;
}

function jsonOrNull(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return null;
  }
}
