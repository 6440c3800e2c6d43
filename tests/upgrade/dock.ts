import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemTime } from '../../domain/index.ts';
import { SimulatedReader } from '../../simulators/reader/index.ts';
import type { Database } from '../../storage/index.ts';
import { eventually } from '../api.ts';
import { Link } from '../chaos/link.ts';
import { countSightings, type Seen } from '../chaos/sightings.ts';
import { type GatewayProcess, startGateway } from '../gateway-process.ts';
import type { Found } from './comparison.ts';
import { pause } from './load.ts';

export const GATEWAY = 'gw-up';
export const READER = 'dock-up';
const TAG_MS = 100;

/** A reader, and a gateway that is connected to whatever broker is there: tags pass by until it ends. */
export class Dock {
  readonly #reader = new SimulatedReader({ time: systemTime });
  /** To a broker, as behind a balancer. */
  readonly #door = new Link();
  readonly #dir: string;
  readonly #seen: Seen[] = [];
  #gateway: GatewayProcess | null = null;
  #isOver = false;
  #showing: Promise<void> = Promise.resolve();

  /** @param dir of its own */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Once it has been led to a broker. @param program of the gateway @param password of {@link GATEWAY}, who speaks for {@link READER} */
  async start(program: string, password: string): Promise<void> {
    await Promise.all([this.#reader.start(), this.#door.start()]);
    const spool = join(this.#dir, 'spool');
    mkdirSync(spool, { recursive: true });
    const config = {
      ...{ id: GATEWAY, dataDir: spool, gatherMs: 20, updateMs: 300 },
      mqtt: { url: `mqtt://127.0.0.1:${this.#door.port}`, password },
      readers: [
        {
          ...{ id: READER, host: '127.0.0.1', port: this.#reader.port, keepaliveMs: 1_000, answerMs: 3_000 },
          antennas: [{ antenna: 1 }],
        },
      ],
    };
    writeFileSync(join(this.#dir, 'gateway.yaml'), JSON.stringify(config));
    await this.#begin(program);
    this.#showing = this.#show();
  }

  /** @param name of a process with a broker, which may have taken another's place */
  lead(name: string, mqttUrl: string): void {
    this.#door.lead(name, { host: '127.0.0.1', port: Number(new URL(mqttUrl).port) });
  }

  /** Its gateway is one of another version from here on. @returns how it ended */
  async replace(program: string): Promise<string> {
    const code = await this.#gateway?.stop();
    await this.#begin(program);
    return code ?? '';
  }

  /** Until nothing is under way. */
  async end(database: Database): Promise<Found> {
    this.#isOver = true;
    await this.#showing;
    const lists = () =>
      ({ lost: [], doubled: [], differing: [] }) as Record<'lost' | 'doubled' | 'differing', string[]>;
    let found = lists();
    let inGaps = 0;
    await eventually(
      'every tag is at the platform, or a gap speaks for it',
      async () => {
        found = lists();
        ({ inGaps } = await countSightings(database, { reader: READER, seen: this.#seen }, found));
        return found.lost.length + this.#reader.waitingTags;
      },
      (left) => left === 0,
    ).catch(() => undefined);
    const { lost, doubled, differing } = found;
    const said = `${this.#seen.length} tags seen: ${inGaps} in gaps of the reader, ${lost.length} lost, ${doubled.length} doubled, ${differing.length} that nobody saw`;
    const isWell = lost.length + doubled.length + differing.length === 0;
    return { said, wrong: isWell ? [] : [`${said}: ${[...lost, ...doubled, ...differing].slice(0, 5).join('; ')}`] };
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#showing;
    await this.#gateway?.stop();
    await this.#reader.stop();
    this.#door.stop();
  }

  async #begin(program: string): Promise<void> {
    this.#gateway = await startGateway({ program, config: join(this.#dir, 'gateway.yaml'), cwd: this.#dir });
  }

  async #show(): Promise<void> {
    for (let n = 0; !this.#isOver; n++) {
      const at = Date.now();
      const epcHex = `3074257BF7194E40${n.toString(16).padStart(8, '0').toUpperCase()}`;
      if (this.#reader.see({ antenna: 1, epcHex, at })) this.#seen.push({ epcHex, at });
      await pause(TAG_MS);
    }
  }
}
