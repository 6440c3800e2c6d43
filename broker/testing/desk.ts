// biome-ignore-all lint/style/noRestrictedImports: whose a topic is, app/ hands to the broker from the dialects
import { onTestFinished } from 'vitest';
import { dialectOf } from '../../codecs/payloads/index.ts';
import { silentLogger, silentMeter, systemTime, UnavailableError } from '../../domain/index.ts';
import { Broker, type BrokerOptions, type InboundMessage, type Principal } from '../index.ts';

export const READINGS = 'isotherm/v1/devices/logger-7/readings';
export const STATUS = 'isotherm/v1/gateways/gw-1/status';

export interface Held {
  readonly message: InboundMessage;
  readonly done: (error?: Error) => void;
}

/** Holds every message until the test settles it. */
export class Desk {
  readonly held: Held[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly accept = (message: InboundMessage, done: (error?: Error) => void): void => {
    this.held.push({ message, done });
    for (const resolve of this.#waiting.splice(0)) resolve();
  };

  async next(): Promise<Held> {
    while (this.held.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const held = this.held.shift();
    if (held === undefined) throw new Error('nothing held');
    return held;
  }
}

/** Password = id; the id's beginning says what it is. */
export async function authenticate(_client: string, username: string, password: string): Promise<Principal | null> {
  if (password !== username) return null;
  if (username === 'away') throw new UnavailableError('DATABASE_AWAY', 'the database is away');
  if (username.startsWith('bridge-')) return { kind: 'service', id: username };
  return { kind: 'device', id: username };
}

/** A broker on a free port, stopped when the test has ended. */
export async function broker(
  options: Partial<BrokerOptions> = {},
): Promise<{ broker: Broker; port: number; desk: Desk }> {
  const desk = new Desk();
  const started = new Broker({
    host: '127.0.0.1',
    port: 0,
    authenticate,
    accept: desk.accept,
    sourceOf: (topic) => dialectOf(topic)?.source ?? null,
    time: systemTime,
    logger: silentLogger,
    meter: silentMeter,
    ...options,
    limits: { refusalJitterMs: 10, ...options.limits },
  });
  onTestFinished(() => started.stop());
  return { broker: started, port: (await started.start()).mqtt, desk };
}
