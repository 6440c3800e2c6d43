import { type Acknowledgement, Sender } from '../chaos/sender.ts';

/** A reading each so often, an event time so much later. */
const PACE_MS = 150;
const STEP_MS = 30_000;
/** Of so many readings one stretch is too warm: long enough for an alert, and far enough from the next for one of its own. */
const EXCURSION_EVERY = 160;
const EXCURSION_READINGS = 50;
const POST_PACE_MS = 250;
const HOUR = 3_600_000;

interface LoadOptions {
  readonly passwords: ReadonlyMap<string, string>;
  /** A broker that is there, for each new connection. */
  readonly mqttUrl: () => string;
  readonly httpUrl: () => string;
  readonly token: string;
  /** Event time of the first reading. */
  readonly base: number;
}

/** Loggers over MQTT and one over HTTP, each with an excursion from time to time, and what of theirs was acknowledged. */
export class Load {
  /** device → event time → value, of everything acknowledged. */
  readonly sent = new Map<string, Map<number, number>>();
  /** By the door they came in at. */
  readonly acknowledgements: Readonly<Record<'MQTT' | 'HTTP', Acknowledgement[]>> = { MQTT: [], HTTP: [] };
  readonly #options: LoadOptions;
  readonly #senders: readonly Sender[];
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#senders = [...options.passwords].map(([id, password]) => new Sender(id, password, options.mqttUrl));
  }

  get devices(): readonly string[] {
    return this.#senders.map(({ id }) => id);
  }

  start(): void {
    this.#running = Promise.all([...this.#senders.map((sender, n) => this.#log(sender, n)), this.#post()]);
  }

  /** Sends until no excursion is under way, and until everything was acknowledged. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    await Promise.all(this.#senders.map((sender) => sender.stop()));
  }

  /** Excursions whose readings were all sent, of one device. */
  excursionsOf(device: string): number {
    const times = [...(this.sent.get(device)?.keys() ?? [])];
    return Math.floor(times.length / EXCURSION_EVERY);
  }

  async #log(sender: Sender, shift: number): Promise<void> {
    const all: Promise<void>[] = [];
    await pause(shift * 40);
    for (let n = 0; !this.#isOver || n % EXCURSION_EVERY !== 0; n++) {
      const time = this.#options.base + n * STEP_MS;
      const value = valueAt(n);
      const acknowledged = sender.send(JSON.stringify({ time, temperature: value })).then(() => {
        const last = sender.acknowledgements.at(-1);
        if (last !== undefined) this.acknowledgements.MQTT.push(last);
        this.#record(sender.id, time, value);
      });
      all.push(acknowledged);
      // What is left of the stretch goes out at once.
      if (!this.#isOver) await pause(PACE_MS);
    }
    await Promise.all(all);
  }

  /** Readings over HTTP: 2xx says that they are in the log. */
  async #post(): Promise<void> {
    const { base, token, httpUrl } = this.#options;
    for (let n = 0; !this.#isOver; n++) {
      const time = base + n * STEP_MS;
      const madeAt = performance.now();
      for (let status = 0; status < 200 || status >= 300; ) {
        status = await fetch(`${httpUrl()}/api/v1/webhooks/isotherm?device=up-http`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify([{ time, temperature: 5 }]),
          signal: AbortSignal.timeout(10_000),
        }).then(
          async (answer) => {
            const text = await answer.text();
            if (!answer.ok && answer.status < 500) throw new Error(`POST: ${answer.status} ${text}`);
            return answer.status;
          },
          () => 0,
        );
        if (status < 200 || status >= 300) await pause(50);
      }
      this.acknowledgements.HTTP.push({ madeAt, at: performance.now() });
      this.#record('up-http', time, 5);
      await pause(POST_PACE_MS);
    }
  }

  #record(device: string, time: number, value: number): void {
    this.sent.set(device, (this.sent.get(device) ?? new Map<number, number>()).set(time, value));
  }

  /** A shipment for the loggers, so that their excursions are of goods. */
  shipment(): object {
    const { base } = this.#options;
    return {
      ...{ id: 'SHP-UP', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
      departs: new Date(base - HOUR).toISOString(),
      arrives: new Date(base + 200 * HOUR).toISOString(),
      units: this.devices.map((device, n) => ({
        sscc: `urn:epc:id:sscc:0614141.10000007${String(n).padStart(2, '0')}`,
        devices: [device],
        children: [`urn:epc:id:sgtin:0614141.812345.70${n}`],
        from: new Date(base - HOUR).toISOString(),
      })),
      products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2028-06-30' }],
    };
  }
}

function valueAt(n: number): number {
  const at = n % EXCURSION_EVERY;
  return at >= EXCURSION_EVERY - 2 * EXCURSION_READINGS && at < EXCURSION_EVERY - EXCURSION_READINGS ? 10.5 : 5;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
