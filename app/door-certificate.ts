import {
  InputError,
  type Logger,
  type Meter,
  type MeterDefinition,
  type TimeSource,
  type Troubles,
  UnavailableError,
} from '../domain/index.ts';
import type { Config } from './config/index.ts';
import { readTlsFiles, type TlsFiles, type TlsPaths, type TlsSetting, validityOf } from './tls.ts';

/** When the certificate of each door that has one ends. */
export const CERTIFICATE_ENDS: MeterDefinition = {
  name: 'isotherm_app_certificate_end_seconds',
  help: 'End of the certificate that a door shows (http.tls, mqtt.tls), Unix time; the earliest of its chain',
  labels: ['door'],
};

const LOOK_EVERY_MS = 5_000;
const DAY_MS = 86_400_000;
/** Before its end it is said: two weeks, or a quarter of its life where that is shorter. */
const ENDING_MS = 14 * DAY_MS;

export interface WatchOptions {
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly troubles: Troubles;
}

/**
 * The certificate of one door. Its files are read again every five seconds, by content: whoever renews it writes them in
 * any way and order, and the next handshake shows the new one. What is broken, belongs to another key or does not hold
 * now is not taken; the door keeps the one it has, and says so in `/readyz`, in the log and by an alert.
 */
export class DoorCertificate {
  readonly #setting: TlsSetting;
  readonly #paths: TlsPaths;
  readonly #takers: ((files: TlsFiles) => void)[] = [];
  #present: TlsFiles;
  /** What was wrong with the files at the last look, in one line. */
  #fault: string | null = null;
  #logged: string | null = null;

  private constructor(setting: TlsSetting, paths: TlsPaths, present: TlsFiles) {
    this.#setting = setting;
    this.#paths = paths;
    this.#present = present;
  }

  /** Null where none is configured. @throws {InputError} TLS_CERTIFICATE */
  static async open(setting: TlsSetting, paths: TlsPaths): Promise<DoorCertificate | null> {
    const files = await readTlsFiles(setting, paths);
    return files === null ? null : new DoorCertificate(setting, paths, files);
  }

  /** `http.tls` or `mqtt.tls`, and when what it shows ends, epoch ms UTC. */
  get shown(): { readonly door: string; readonly ends: number } {
    return { door: this.#setting, ends: validityOf(this.#present.cert).to };
  }

  get present(): TlsFiles {
    return this.#present;
  }

  /** `take` is called with each that comes in the present one's place. */
  onChange(take: (files: TlsFiles) => void): void {
    this.#takers.push(take);
  }

  /** Looks now, and every five seconds until what it returns is called. */
  watch(options: WatchOptions): () => void {
    const timer = options.time.every(`certificate ${this.#setting}`, LOOK_EVERY_MS, () => void this.look(options));
    this.#say(options);
    return () => timer.cancel();
  }

  /** One look at the files. */
  async look(options: WatchOptions): Promise<void> {
    const { time, logger } = options;
    const before = this.#fault;
    try {
      const found = await readTlsFiles(this.#setting, this.#paths);
      if (found !== null && !isSame(found, this.#present)) {
        this.#judge(found, time.now());
        this.#present = found;
        for (const take of this.#takers) take(found);
        const until = new Date(validityOf(found.cert).to).toISOString();
        logger.info({ door: this.#setting, until }, 'a new certificate was taken');
      }
      this.#fault = null;
      this.#logged = null;
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      // Between two files of a pair being written they do not fit: what is wrong twice is wrong.
      if (this.#fault === before && this.#fault !== this.#logged) {
        this.#logged = this.#fault;
        logger.warn({ door: this.#setting, reason: this.#fault }, 'a new certificate was not taken');
      }
    }
    this.#say(options, before);
  }

  /** @throws {InputError} TLS_CERTIFICATE where it does not hold now */
  #judge(found: TlsFiles, now: number): void {
    const { from, to } = validityOf(found.cert);
    if (from <= now && now < to) return;
    const [since, until] = [from, to].map((at) => new Date(at).toISOString());
    const message = `${this.#setting}: the new certificate holds from ${since} to ${until}, not now; the old one is kept`;
    throw new InputError('TLS_CERTIFICATE', message);
  }

  get #part(): string {
    return `certificate ${this.#setting}`;
  }

  /** What operations are to know of it: that its files are wrong, that it ends soon, that it has ended. */
  #say({ troubles, meter, time }: WatchOptions, before: string | null = null): void {
    const now = time.now();
    const { from, to } = validityOf(this.#present.cert);
    meter.gauge(CERTIFICATE_ENDS).set(to / 1000, { door: this.#setting });
    const end = new Date(to).toISOString();
    const ended = `ended ${this.#part}`;
    if (now < to) troubles.passed(ended);
    else {
      const text = `the certificate ended on ${end}: nobody who checks it connects; put a new one in its place`;
      troubles.failed(ended, new UnavailableError('CERTIFICATE_ENDED', text), to);
    }
    if (this.#fault !== null && this.#fault === before) {
      troubles.failed(this.#part, new InputError('TLS_CERTIFICATE', this.#fault), now);
    } else if (now < to && now >= to - Math.min(ENDING_MS, (to - from) / 4)) {
      const text = `the certificate ends on ${end}; put a new one in its place, it is taken without a restart`;
      troubles.failed(this.#part, new UnavailableError('CERTIFICATE_ENDING', text), now);
    } else if (this.#fault === null) troubles.passed(this.#part);
  }
}

/** The certificate of MQTT over TLS; null where none is configured. @throws {InputError} TLS_CERTIFICATE */
export function mqttCertificate({ mqtt }: Config): Promise<DoorCertificate | null> {
  return DoorCertificate.open('mqtt.tls', mqtt.tls);
}

/** The certificate of HTTPS; null where none is configured. @throws {InputError} TLS_CERTIFICATE */
export function httpCertificate({ http }: Config): Promise<DoorCertificate | null> {
  return DoorCertificate.open('http.tls', http.tls);
}

function isSame(one: TlsFiles, other: TlsFiles): boolean {
  return (['cert', 'key', 'clientCa', 'clientCrl'] as const).every((name) => {
    const [a, b] = [one[name], other[name]];
    return a === undefined || b === undefined ? a === b : a.equals(b);
  });
}
