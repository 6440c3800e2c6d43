import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBatch } from '../codecs/batch/index.ts';
import { encodeTag } from '../codecs/epc/index.ts';
import {
  type Asn,
  type Epc,
  encodeJson,
  FACT_VERSION,
  type Fact,
  type LogRecord,
  type Portal,
  type Sighting,
  silentLogger,
  silentMeter,
  systemTime,
} from '../domain/index.ts';
import { compileAppliesTo } from '../rules/index.ts';
import {
  type Database,
  effectsOf,
  migrate,
  openDatabase,
  PostgresFacts,
  PostgresFindings,
  startEmbeddedPostgres,
} from '../storage/index.ts';
import { Tracer } from '../trace/index.ts';

export const HOUR = 3_600_000;
export const DAY = Date.UTC(2026, 10, 22);
export const DOOR: Portal = {
  id: 'dock-1',
  name: 'Dock 1',
  inside: 'room:lyon/dock',
  outside: 'site:lyon/yard',
  site: 'site:lyon',
  antennas: [
    { reader: 'reader', antenna: 1, side: 'outside' },
    { reader: 'reader', antenna: 2, side: 'inside' },
  ],
  triggers: [],
  quietMs: 5_000,
  capMs: 120_000,
};

/** The tracer on an embedded PostgreSQL in a directory of its own, fed as the log would. */
export class BenchYard {
  readonly database: Database;
  readonly findings: PostgresFindings;
  readonly #tracer: Tracer;
  readonly #stops: (() => Promise<void>)[];
  #position = 0;

  private constructor(database: Database, stops: (() => Promise<void>)[]) {
    this.database = database;
    this.findings = new PostgresFindings({ database });
    this.#stops = stops;
    this.#tracer = new Tracer({
      ...{ database, facts: new PostgresFacts({ database }), findings: this.findings },
      ...{ logger: silentLogger, meter: silentMeter, compileApplies: compileAppliesTo },
    });
  }

  static async open(): Promise<BenchYard> {
    const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-'));
    const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger, time: systemTime });
    const database = await openDatabase({ url: server.url, logger: silentLogger, time: systemTime });
    await migrate(database, silentLogger);
    return new BenchYard(database, [
      () => rm(dataDir, { recursive: true, force: true }),
      () => server.stop(),
      () => database.close(),
    ]);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  /** All in one batch of the log. */
  async hears(...facts: readonly Fact[]): Promise<void> {
    await this.#take(
      facts.map((fact) => ({ ...this.#common(), kind: 'fact', version: FACT_VERSION, payload: encodeJson(fact) })),
    );
  }

  /** One batch of a gateway; `completeUntil`: its reader has said all until then. */
  async sees(sightings: readonly Sighting[], completeUntil?: number): Promise<void> {
    const complete = completeUntil === undefined ? [] : [{ reader: 'reader', at: completeUntil }];
    const common = this.#common();
    const batch = { gateway: 'bench', sequence: common.position, at: DAY, sightings, gpi: [], gaps: [], complete };
    await this.#take([{ ...common, kind: 'sightings', version: 1, payload: encodeBatch(batch) }]);
  }

  /** Of several readers at once, complete until then; the clock stands there too. */
  async reports(sightings: readonly Sighting[], readers: readonly string[], until: number): Promise<void> {
    const complete = readers.map((reader) => ({ reader, at: until }));
    const common = { ...this.#common(), arrival: until };
    const batch = { gateway: 'bench', sequence: common.position, at: until, sightings, gpi: [], gaps: [], complete };
    const tick = { ...this.#common(), arrival: until, kind: 'tick', version: 1 } as const;
    await this.#take([
      { ...common, kind: 'sightings', version: 1, payload: encodeBatch(batch) },
      { ...tick, payload: encodeJson({ now: until, heads: {} }) },
    ]);
  }

  /** EPCs of each finding over passes, by kind. */
  async found(): Promise<ReadonlyMap<string, readonly (readonly Epc[])[]>> {
    const { rows } = await this.database.query<{ kind: string; epcs: Epc[] }>(
      `SELECT kind, portal -> 'epcs' AS epcs FROM findings WHERE portal IS NOT NULL ORDER BY from_at, key`,
    );
    const found = new Map<string, Epc[][]>();
    for (const { kind, epcs } of rows) found.set(kind, [...(found.get(kind) ?? []), epcs]);
    return found;
  }

  /** How many findings of each rule were taken back. */
  async takenBack(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.database.query<{ rule: string; count: number }>(
      `SELECT rule, count(*) AS count FROM finding_changes WHERE event = 'retracted' GROUP BY rule`,
    );
    return new Map(rows.map(({ rule, count }) => [rule, count]));
  }

  async #take(records: readonly LogRecord[]): Promise<void> {
    const batch = { family: 'trace', partition: 0, records } as const;
    await this.database.transaction((client) => this.#tracer.handle(batch, effectsOf(client)));
    this.#tracer.committed();
  }

  #common() {
    const position = ++this.#position;
    const arrival = DAY + 23 * HOUR;
    return { family: 'trace', partition: 0, source: 'bench', sequence: null, arrival, position } as const;
  }
}

export function vial(n: number): Epc {
  return `urn:epc:id:sgtin:0614141.812345.${n}`;
}

export function vials(from: number, count: number): Epc[] {
  return Array.from({ length: count }, (_, i) => vial(from + i));
}

export function pallet(n: number): Epc {
  return `urn:epc:id:sscc:0614141.1${String(n).padStart(9, '0')}`;
}

export function packed(unit: Epc, children: readonly Epc[], from: number): Fact {
  return { type: 'packing', packing: { unit, children, isUnpacked: false, from }, by: 'bench' };
}

export function attached(device: string, subject: string | null, from: number): Fact {
  return { type: 'attachment', attachment: { device, subject, from }, by: 'bench' };
}

/** One pallet with a logger of its own. */
export function notice(n: number, children: readonly Epc[], lot: string): Fact {
  const asn: Asn = {
    ...{ id: `SHP-${n}`, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
    departs: DAY + 8 * HOUR,
    arrives: DAY + 16 * HOUR,
    units: [{ sscc: pallet(n), devices: [`logger-${n}`], children, from: DAY + 7 * HOUR }],
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot, expiry: '2027-06-30' }],
  };
  return { type: 'asn', asn, by: 'bench' };
}

/** Every tag on both sides of the door, a second apart. */
export function through(at: number, epcs: readonly Epc[]): Sighting[] {
  const hexes = epcs.map((epc) => encodeTag(epc.replace(/:id:(sgtin|sscc):/, ':tag:$1-96:0.')));
  return [1, 2].flatMap((antenna) =>
    hexes.map((epcHex): Sighting => {
      const firstSeen = at + antenna * 1_000;
      return { reader: 'reader', antenna, epcHex, epcBits: 96, firstSeen, lastSeen: firstSeen, count: 3, rssiDbm: -55 };
    }),
  );
}
