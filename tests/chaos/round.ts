import type { Chance } from '../../simulators/portal/random.ts';
import { Sender } from './sender.ts';
import type { Seen } from './sightings.ts';
import type { System } from './system.ts';

/** Loggers that speak MQTT, each with its excursions. */
const LOGGERS = 4;
const STEP_MS = 30_000;
/** Pace of the logger whose acknowledgements are measured, and of the tags at the door. */
const BEAT_MS = 50;
const TAG_MS = 60;
/** Readings in one request. */
const POST_READINGS = 5;
const HOUR = 3_600_000;
const SERIALS_EACH = 3;

export interface RoundOptions {
  readonly system: System;
  /** Of the ids in it; a round has ids of its own. */
  readonly number: number;
  /** Event time of the first reading: the same in all rounds. */
  readonly base: number;
  readonly readingsEach: number;
  readonly lastsMs: number;
  readonly chance: Chance;
  /** Share of the messages that come twice, and that come after all others. */
  readonly doubled: number;
  readonly late: number;
}

/** What was told the system in one round, and what of it was acknowledged. Ids carry the round's number. */
export class Round {
  readonly loggers: readonly string[];
  /** device → time → value, of everything that was sent and acknowledged by the end. */
  readonly sent = new Map<string, Map<number, number>>();
  readonly seen: Seen[] = [];
  readonly beat: Sender;
  /** A logger with a clock that is wrong at times. */
  readonly odd: Sender;
  /** Event times it gave, acknowledged: each is a reading, or in quarantine. */
  readonly oddTimes = new Set<number>();
  /** Epoch ms. */
  readonly beganAt = Date.now();
  /** Requests answered 2xx. */
  answered = 0;
  /** Messages acknowledged. */
  acknowledged = 0;
  readonly #options: RoundOptions;
  readonly #senders: Sender[] = [];
  readonly #passwords: ReadonlyMap<string, string>;
  #isLoading = true;
  #lastAnswer = '';
  #beats: Promise<void>[] = [];

  static async begin(options: RoundOptions): Promise<Round> {
    const { system, number } = options;
    const ids = [...namesOf(number), `cz-${number}-beat`, `cz-${number}-odd`];
    const passwords = new Map<string, string>();
    for (const id of ids) passwords.set(id, await system.accounts.credentials.create(id));
    return new Round(options, passwords);
  }

  private constructor(options: RoundOptions, passwords: ReadonlyMap<string, string>) {
    this.#options = options;
    this.#passwords = passwords;
    this.loggers = namesOf(options.number);
    this.beat = this.sender(`cz-${options.number}-beat`);
    this.odd = this.sender(`cz-${options.number}-odd`);
  }

  get overHttp(): string {
    return `cz-${this.#options.number}-http`;
  }

  /** Of one of its devices. */
  sender(id: string): Sender {
    const sender = new Sender(id, this.#passwords.get(id) ?? '', this.#options.system.mqttUrl);
    this.#senders.push(sender);
    return sender;
  }

  /** Speaks until `end` has come and everything was acknowledged. */
  async play(end: Promise<void>): Promise<void> {
    const beating = this.#beat();
    const tags = this.#showTags();
    const load = Promise.all([this.#tellFacts(), this.#post(), ...this.loggers.map((id, n) => this.#log(id, n))]);
    await end;
    await load;
    this.#isLoading = false;
    await Promise.all([beating, tags]);
    await Promise.all(this.#beats);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#senders.map((sender) => sender.stop()));
  }

  /** What is sent and not acknowledged, for a report. */
  waiting(): string {
    const waits = this.#senders.filter(({ waiting }) => waiting > 0);
    return `${waits.map(({ id, waiting }) => `${waiting} of ${id}`).join(', ')}; last answer: ${this.#lastAnswer}`;
  }

  recordOdd(time: number): void {
    this.acknowledged++;
    this.oddTimes.add(time);
  }

  record(device: string, time: number, value: number): void {
    this.sent.set(device, (this.sent.get(device) ?? new Map<number, number>()).set(time, value));
  }

  /** Its messages at their pace; those that are late come after the others. */
  async #log(device: string, logger: number): Promise<void> {
    const { base, readingsEach, lastsMs, chance, doubled, late } = this.#options;
    const numbers = Array.from({ length: readingsEach }, (_, n) => n);
    const isLate = numbers.map(() => chance.is(late));
    const order = [...numbers.filter((n) => !isLate[n]), ...numbers.filter((n) => isLate[n])];
    const again = numbers.map(() => chance.is(doubled));
    const sender = this.sender(device);
    const began = performance.now();
    const all: Promise<void>[] = [];
    for (const [place, n] of order.entries()) {
      await until(began + (place * lastsMs) / readingsEach);
      const time = base + n * STEP_MS;
      const value = valueAt(logger, n);
      const payload = JSON.stringify({ time, temperature: value });
      const sendAll = async () => {
        await sender.send(payload);
        this.acknowledged++;
        this.record(device, time, value);
        if (again[n]) await sender.send(payload);
      };
      all.push(sendAll());
    }
    await Promise.all(all);
  }

  /** Readings of now, so that it is known when the system acknowledges. */
  async #beat(): Promise<void> {
    while (this.#isLoading) {
      const time = Date.now();
      const sent = this.beat.send(JSON.stringify({ time, temperature: 5 })).then(() => {
        this.acknowledged++;
        this.record(this.beat.id, time, 5);
      });
      this.#beats.push(sent);
      await pause(BEAT_MS);
    }
  }

  async #showTags(): Promise<void> {
    const { system, number } = this.#options;
    for (let n = 0; this.#isLoading; n++) {
      const serial = (number * 0x1_0000 + n).toString(16).padStart(8, '0').toUpperCase();
      const epcHex = `3074257BF7194E40${serial}`;
      const at = Date.now();
      if (system.reader.see({ antenna: 1 + (n % 2), epcHex, at })) this.seen.push({ epcHex, at });
      await pause(TAG_MS);
    }
  }

  /** Readings over HTTP: 2xx says that they are in the log. */
  async #post(): Promise<void> {
    const { base, readingsEach, lastsMs } = this.#options;
    const requests = Math.floor(readingsEach / POST_READINGS);
    const began = performance.now();
    for (let request = 0; request < requests; request++) {
      await until(began + (request * lastsMs) / requests);
      const readings = Array.from({ length: POST_READINGS }, (_, nth) => {
        const n = request * POST_READINGS + nth;
        return { time: base + n * STEP_MS, temperature: valueAt(LOGGERS, n) };
      });
      await this.#ask('POST', `/webhooks/isotherm?device=${this.overHttp}`, readings);
      for (const { time, temperature } of readings) this.record(this.overHttp, time, temperature);
      this.acknowledged += POST_READINGS;
    }
  }

  /** What people and partners tell: a shipment with the loggers, and holds. */
  async #tellFacts(): Promise<void> {
    const { number, lastsMs, base, readingsEach } = this.#options;
    const id = `SHP-CZ-${number}`;
    await pause(lastsMs / 4);
    const devices = [...this.loggers, this.overHttp];
    await this.#ask('POST', '/shipments', {
      ...{ id, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
      departs: new Date(base - HOUR).toISOString(),
      arrives: new Date(base + readingsEach * STEP_MS + 72 * HOUR).toISOString(),
      units: devices.map((device, n) => ({
        sscc: `urn:epc:id:sscc:0614141.1${String(number * 10 + n).padStart(9, '0')}`,
        devices: [device],
        children: Array.from(
          { length: SERIALS_EACH },
          (_, nth) => `urn:epc:id:sgtin:0614141.812345.${1_000_000 + number * 1_000 + n * 10 + nth}`,
        ),
        from: new Date(base - HOUR).toISOString(),
      })),
      products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2028-06-30' }],
    });
    for (const device of devices) {
      await this.#ask('PUT', `/holds/device%3A${device}`, { reason: 'complaint 4711' });
      await pause(lastsMs / 10);
    }
  }

  /** Until it is answered 2xx. A status that asks for no repetition is an error. */
  async #ask(method: 'POST' | 'PUT', path: string, body: object): Promise<void> {
    const { system } = this.#options;
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${system.link('clients>door').port}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${system.token}`, 'content-type': 'application/json', 'if-none-match': '*' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      })
        .then(async (answer) => ({ status: answer.status, text: await answer.text() }))
        .catch((error: Error) => ({ status: 0, text: error.message }));
      this.#lastAnswer = `${method} ${path}: ${response.status} ${response.text}`.slice(0, 300);
      if (response.status >= 200 && response.status < 300) {
        this.answered++;
        return;
      }
      // Made already: the answer of a try before did not arrive.
      if (response.status === 409 || response.status === 412) return;
      if (response.status !== 0 && response.status !== 503) {
        throw new Error(`${method} ${path}: ${response.status} ${response.text}`);
      }
      await pause(200);
    }
  }
}

/** Two excursions, of which the second lasts to the end. */
function valueAt(logger: number, n: number): number {
  const shift = logger * 7;
  const isWarm = (n > 40 + shift && n < 75 + shift) || n > 220 + shift;
  return isWarm ? 9.5 + (n % 7) / 10 : 5 + (n % 11) / 10;
}

function namesOf(number: number): string[] {
  return Array.from({ length: LOGGERS }, (_, n) => `cz-${number}-${n}`);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

async function until(moment: number): Promise<void> {
  const left = moment - performance.now();
  if (left > 0) await pause(left);
}
