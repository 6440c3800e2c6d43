import { readFileSync } from 'node:fs';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { signBatch, signingKey } from '../codecs/batch/index.ts';
import { gatewayTopic, InputError, type Logger, type Timer, type TimeSource } from '../domain/index.ts';
import type { GatewayConfig } from './config.ts';
import { damagedBatch } from './damaged-batch.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Spool, SpooledBatch } from './spool.ts';

/** Batches sent and not acknowledged at most. */
const WINDOW = 32;
/** Of these, kept for the newest while a backlog drains, so that a live pass is not behind an hour of old ones. */
const LIVE_WINDOW = 8;
/** More than this waiting is a backlog. */
const BACKLOG = 64;
/** Acknowledged batches are deleted together: each deletion is a commit. */
const REMOVE_AFTER_MS = 100;
const RECONNECT_MS = 1000;
/** Longest wait at stop for what is under way. */
const FAREWELL_MS = 2000;

export interface UplinkOptions {
  readonly config: GatewayConfig;
  readonly spool: Spool;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly command: (payload: Uint8Array) => void;
  readonly manifest: (payload: Uint8Array) => void;
  readonly connection: (isConnected: boolean) => void;
  /** What the retained status says now. */
  readonly status: () => object;
  /** 0 <= jitter < 1. */
  readonly random: () => number;
}

/**
 * Sends spooled batches over MQTT with QoS 1 and deletes them once the platform has acknowledged them. In order, but
 * for a backlog: then the newest have a share of the window of their own.
 */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #id: string;
  #client: MqttClient | null = null;
  #isConnected = false;
  /** Everything up to here has been sent in order, or is in `#inFlight`. */
  #cursor = 0;
  readonly #inFlight = new Map<number, 'ordered' | 'live'>();
  #acknowledged: number[] = [];
  /** Acknowledged out of order, ahead of the cursor. */
  readonly #ahead = new Set<number>();
  #removal: Timer | null = null;
  #isStopped = false;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#id = options.config.id;
  }

  start(): void {
    const { config, logger, connection } = this.#options;
    const client = connect(config.mqtt.url, mqttOptions(config, this.#options.random()));
    this.#client = client;
    client.on('connect', () => {
      this.#isConnected = true;
      const topics = [gatewayTopic(this.#id, 'commands'), gatewayTopic(this.#id, 'manifest')];
      client.subscribe(topics, { qos: 1 }, (error) => {
        if (error) logger.warn({ err: error }, 'commands cannot be had from the platform');
        // The platform answers with the manifest: it must not come before we listen.
        this.publishStatus();
      });
      connection(true);
      this.pump();
    });
    client.on('close', () => {
      if (!this.#isConnected) return;
      this.#isConnected = false;
      connection(false);
    });
    client.on('error', (error) => logger.warn({ err: error, url: config.mqtt.url }, 'platform cannot be reached'));
    client.on('message', (topic, payload) => {
      if (topic === gatewayTopic(this.#id, 'commands')) this.#options.command(payload);
      else if (topic === gatewayTopic(this.#id, 'manifest')) this.#options.manifest(payload);
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const client = this.#client;
    if (client === null) return;
    if (this.#isConnected) {
      const farewell = client.publishAsync(gatewayTopic(this.#id, 'status'), JSON.stringify({ state: 'offline' }), {
        qos: 1,
        retain: true,
      });
      // Where the platform does not answer, its will says the same.
      await Promise.race([farewell.catch(() => undefined), this.#options.time.sleep('gateway.farewell', FAREWELL_MS)]);
    }
    await client.endAsync(true);
    this.#removal?.cancel();
    this.#remove();
  }

  /** Cuts the connection without a farewell. */
  async abandon(): Promise<void> {
    this.#isStopped = true;
    this.#removal?.cancel();
    await this.#client?.endAsync(true);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get isBacklogged(): boolean {
    return this.#options.spool.pending - this.#acknowledged.length > BACKLOG;
  }

  /** Connected, and nothing waits. */
  get isDrained(): boolean {
    return this.#isConnected && this.#options.spool.pending - this.#acknowledged.length === 0;
  }

  publishStatus(): void {
    if (!this.#isConnected || this.#isStopped) return;
    const status = JSON.stringify(this.#options.status());
    this.#client?.publish(gatewayTopic(this.#id, 'status'), status, { qos: 1, retain: true }, (error) => {
      if (error) this.#options.logger.debug({ err: error }, 'status not published; the next one will be');
    });
  }

  /** Sends what the window has room for. */
  pump(): void {
    if (!this.#isConnected || this.#isStopped) return;
    const isBacklogged = this.isBacklogged;
    if (isBacklogged) this.#pumpLive();
    const limit = isBacklogged ? WINDOW - LIVE_WINDOW : WINDOW;
    let room = limit - this.#count('ordered');
    while (room > 0) {
      const batches = this.#options.spool.after(this.#cursor, room);
      if (batches.length === 0) return;
      for (const batch of batches) {
        this.#cursor = batch.sequence;
        if (this.#inFlight.has(batch.sequence) || this.#ahead.delete(batch.sequence)) continue;
        this.#send(batch, 'ordered');
        room--;
      }
    }
  }

  #pumpLive(): void {
    let room = LIVE_WINDOW - this.#count('live');
    if (room <= 0) return;
    for (const batch of this.#options.spool.newest(LIVE_WINDOW * 2)) {
      if (room === 0 || batch.sequence <= this.#cursor) return;
      if (this.#inFlight.has(batch.sequence) || this.#ahead.has(batch.sequence)) continue;
      this.#send(batch, 'live');
      room--;
    }
  }

  #count(lane: 'ordered' | 'live'): number {
    let count = 0;
    for (const one of this.#inFlight.values()) if (one === lane) count++;
    return count;
  }

  #send(batch: SpooledBatch, lane: 'ordered' | 'live'): void {
    const { sequence } = batch;
    const { config, logger } = this.#options;
    if (batch.isDamaged) logger.error({ sequence }, 'a batch in the spool is not what the disk took; told as a gap');
    const payload = batch.isDamaged ? damagedBatch(config, batch) : batch.payload;
    this.#inFlight.set(sequence, lane);
    // mqtt.js keeps it over a reconnect and sends it again; the platform knows it by its number.
    this.#client?.publish(
      gatewayTopic(this.#id, 'batches'),
      Buffer.from(this.#signed(payload)),
      { qos: 1 },
      (error) => {
        this.#inFlight.delete(sequence);
        if (error) {
          this.#options.logger.debug({ err: error, sequence }, 'batch not delivered; it stays in the spool');
          this.#cursor = Math.min(this.#cursor, sequence - 1);
          return;
        }
        this.#options.metrics.acknowledged.add();
        if (sequence > this.#cursor) this.#ahead.add(sequence);
        this.#acknowledged.push(sequence);
        this.#removeLater();
        this.pump();
      },
    );
  }

  #signed(batch: Uint8Array): Uint8Array {
    const { sign, password } = this.#options.config.mqtt;
    return sign && password !== undefined ? signBatch(batch, this.#id, signingKey(password)) : batch;
  }

  #removeLater(): void {
    if (this.#removal !== null || this.#isStopped) return;
    this.#removal = this.#options.time.after('gateway.uplink.remove', REMOVE_AFTER_MS, () => {
      this.#removal = null;
      this.#remove();
    });
  }

  #remove(): void {
    if (this.#acknowledged.length === 0) return;
    const { spool, metrics } = this.#options;
    const sequences = this.#acknowledged;
    try {
      spool.remove(sequences);
    } catch (error) {
      // A disk that is full or broken: they are sent again after a restart, at worst.
      this.#options.logger.error({ err: error }, 'acknowledged batches cannot be deleted');
      this.#removeLater();
      return;
    }
    this.#acknowledged = [];
    for (const sequence of sequences) this.#ahead.delete(sequence);
    metrics.pending.set(spool.pending);
    metrics.spoolBytes.set(spool.bytes);
  }
}

function mqttOptions(config: GatewayConfig, jitter: number): IClientOptions {
  const { username, password, ca, cert, key } = config.mqtt;
  return {
    clientId: config.id,
    username: username ?? config.id,
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca: pemFile('ca', ca) }),
    ...(cert === undefined ? {} : { cert: pemFile('cert', cert) }),
    ...(key === undefined ? {} : { key: pemFile('key', key) }),
    clean: true,
    keepalive: 30,
    // A site's gateways do not come back in step.
    reconnectPeriod: RECONNECT_MS * (0.5 + jitter),
    // Refused because its credentials cannot be looked at now (CONNACK 3), or are new: it would never come again.
    reconnectOnConnackError: true,
    connectTimeout: 10_000,
    will: {
      topic: gatewayTopic(config.id, 'status'),
      payload: Buffer.from('{"state":"offline"}'),
      qos: 1,
      retain: true,
    },
  };
}

function pemFile(setting: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new InputError('GATEWAY_CERTIFICATE_UNREADABLE', `mqtt.${setting}: cannot read ${file}`, { file }, error);
  }
}
