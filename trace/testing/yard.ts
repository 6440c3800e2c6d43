import { encodeBatch } from '../../codecs/batch/index.ts';
import { encodeTag } from '../../codecs/epc/index.ts';
import {
  type Asn,
  type AsnUnit,
  type DecisionFact,
  type Epc,
  encodeJson,
  FACT_VERSION,
  type Fact,
  type GpiEvent,
  type LogRecord,
  type Portal,
  type PortalSide,
  type ReadGap,
  type RuleVersion,
  type Sighting,
  silentLogger,
  silentMeter,
} from '../../domain/index.ts';
import { type Database, effectsOf, PostgresFacts, PostgresFindings } from '../../storage/index.ts';
import type { PassVerdict } from '../tracer/batch.ts';
import { Tracer } from '../tracer/tracer.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** 2026-11-22T00:00:00Z: midnight of the day the tests play on. */
export const DAY = Date.UTC(2026, 10, 22);

/** `10:05` or `10:05:30` of the day. */
export function at(clock: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
  return DAY + hours * HOUR + minutes * MINUTE + seconds * 1_000;
}

export function vial(number: number): Epc {
  return `urn:epc:id:sgtin:0614141.812345.${number}`;
}

export function pallet(number: number): Epc {
  return `urn:epc:id:sscc:0614141.1${String(number).padStart(9, '0')}`;
}

export function vials(from: number, to: number): Epc[] {
  return Array.from({ length: to - from + 1 }, (_, index) => vial(from + index));
}

/** EPC memory of a vial or pallet. */
export function tagOf(epc: Epc): string {
  const scheme = epc.startsWith('urn:epc:id:sscc:') ? 'sscc-96:0' : 'sgtin-96:1';
  return encodeTag(`urn:epc:tag:${scheme}.${epc.split(':').at(-1) ?? ''}`);
}

/** A door with one antenna outside (1) and one inside (2), on a reader of its own. */
export function door(id: string, site = 'site:lyon', change: Partial<Portal> = {}): Portal {
  return {
    id,
    name: id,
    inside: site.replace('site:', 'room:').concat('/dock'),
    outside: `${site}/yard`,
    site,
    antennas: [
      { reader: `${id}-reader`, antenna: 1, side: 'outside' },
      { reader: `${id}-reader`, antenna: 2, side: 'inside' },
    ],
    triggers: [`${id}-reader/1`],
    quietMs: 5_000,
    capMs: 120_000,
    ...change,
  };
}

export function notice(id: string, units: (Partial<AsnUnit> & { sscc: Epc })[], change: Partial<Asn> = {}): Asn {
  return {
    id,
    profile: '2-8C',
    origin: 'site:berlin',
    destination: 'site:lyon',
    departs: at('08:00'),
    arrives: at('16:00'),
    units: units.map((unit) => ({ devices: [], children: [], from: at('07:30'), ...unit })),
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' }],
    ...change,
  };
}

/** EPCs carried through a door at a moment: every tag on both sides, `count` reads each, a second between the sides. */
export function through(
  portal: Portal,
  direction: 'in' | 'out',
  when: number,
  epcs: readonly Epc[],
  change: Partial<Sighting> = {},
): Sighting[] {
  const sides: PortalSide[] = direction === 'in' ? ['outside', 'inside'] : ['inside', 'outside'];
  return epcs.flatMap((epc) =>
    sides.map((side, step): Sighting => {
      const antenna = portal.antennas.find((one) => one.side === side);
      const firstSeen = when + step * 1_000;
      return {
        reader: antenna?.reader ?? '',
        antenna: antenna?.antenna ?? 0,
        epcHex: tagOf(epc),
        epcBits: 96,
        firstSeen,
        lastSeen: firstSeen + 1_500,
        count: 5,
        rssiDbm: -55,
        ...change,
      };
    }),
  );
}

interface Report {
  readonly sightings?: readonly Sighting[];
  readonly gpi?: readonly GpiEvent[];
  readonly gaps?: readonly ReadGap[];
  readonly complete?: readonly { readonly reader: string; readonly at: number }[];
}

/** A batch of gw-lyon under its number, made and arrived at `at`. */
export interface Numbered {
  readonly sequence: number;
  readonly at: number;
}

/** What arrives in the log, before it has a position. */
export type Arrival =
  | { readonly fact: Fact }
  | { readonly report: Report; readonly numbered?: Numbered }
  | { readonly now: number };

export const said = {
  asn: (asn: Asn): Arrival => ({ fact: { type: 'asn', asn, by: 'test' } }),
  portal: (portal: Portal): Arrival => ({ fact: { type: 'portal', portal, by: 'test' } }),
  attached: (device: string, subject: string | null, from: number): Arrival => ({
    fact: { type: 'attachment', attachment: { device, subject, from }, by: 'test' },
  }),
  packed: (unit: Epc, children: readonly Epc[], from: number): Arrival => ({
    fact: { type: 'packing', packing: { unit, children, isUnpacked: false, from }, by: 'test' },
  }),
  unpacked: (unit: Epc, children: readonly Epc[], from: number): Arrival => ({
    fact: { type: 'packing', packing: { unit, children, isUnpacked: true, from }, by: 'test' },
  }),
  decided: (decision: DecisionFact): Arrival => ({ fact: { type: 'decision', decision, by: 'test' } }),
  rule: (version: RuleVersion): Arrival => ({ fact: { type: 'rule', version, by: 'test' } }),
  seen: (sightings: readonly Sighting[]): Arrival => ({ report: { sightings } }),
  complete: (portal: Portal, until: number): Arrival => ({
    report: { complete: portal.antennas.map(({ reader }) => ({ reader, at: until })) },
  }),
};

export const ANY_UNEXPECTED: RuleVersion = {
  rule: { id: 'not-expected', kind: 'unexpected', severity: 'critical', atLeast: 1 },
  version: 1,
  effectiveFrom: null,
};

/** A tracer on a real database, fed record by record as the log would. */
export class Yard {
  readonly #database: Database;
  readonly #tracer: Tracer;
  readonly verdicts: PassVerdict[] = [];
  /** What the log was warned of. */
  readonly warnings: string[] = [];
  readonly #gauges = new Map<string, Readonly<Record<string, number>>>();
  #position = 0;

  constructor(database: Database, rules: readonly RuleVersion[] = [ANY_UNEXPECTED]) {
    this.#database = database;
    this.#tracer = new Tracer({
      database,
      facts: new PostgresFacts({ database }),
      findings: new PostgresFindings({ database }),
      rules,
      compileApplies: (expression) => (context) => Object.values(context).includes(expression),
      onVerdict: (verdict) => this.verdicts.push(verdict),
      logger: { ...silentLogger, warn: (_, message) => this.warnings.push(message) },
      meter: {
        ...silentMeter,
        gauge: ({ name }) => ({
          set: (value, { gateway = '' } = {}) => this.#gauges.set(name, { ...this.gauge(name), [gateway]: value }),
        }),
      },
    });
  }

  /** One arrival a batch. */
  async hears(...arrivals: Arrival[]): Promise<void> {
    for (const arrival of arrivals) await this.hearsAtOnce([arrival]);
  }

  /** All in one batch of the log. */
  async hearsAtOnce(arrivals: readonly Arrival[], arrival = at('23:00')): Promise<void> {
    const records = arrivals.map((one): LogRecord => {
      const position = ++this.#position;
      const common = { family: 'trace', partition: 0, source: 'test', sequence: null, arrival, position } as const;
      if ('fact' in one) return { ...common, kind: 'fact', version: FACT_VERSION, payload: encodeJson(one.fact) };
      if ('now' in one)
        return { ...common, kind: 'tick', version: 1, payload: encodeJson({ now: one.now, heads: {} }) };
      const { sightings = [], gpi = [], gaps = [], complete = [] } = one.report;
      const own = { sightings, gpi, gaps, complete };
      if (one.numbered !== undefined) {
        const { sequence, at: made } = one.numbered;
        const payload = encodeBatch({ gateway: 'gw-lyon', sequence, at: made, ...own });
        return { ...common, source: 'gw-lyon', sequence, arrival: made, kind: 'sightings', version: 1, payload };
      }
      const batch = { gateway: 'gw', sequence: position, at: arrival, ...own };
      return { ...common, kind: 'sightings', version: 1, payload: encodeBatch(batch) };
    });
    const batch = { family: 'trace', partition: 0, records } as const;
    await this.#database.transaction((client) => this.#tracer.handle(batch, effectsOf(client)));
    this.#tracer.committed();
  }

  /** By gateway. */
  gauge(name: string): Readonly<Record<string, number>> {
    return this.#gauges.get(name) ?? {};
  }

  async restarts(): Promise<void> {
    this.#gauges.clear();
    await this.#tracer.restore();
  }

  /** Empties every table the tracer and the finding store write. */
  async clear(): Promise<void> {
    await this.#database.query(`TRUNCATE places, portals, shipments, shipment_units, shipment_lines, shipment_products,
      serials, serial_events, goods_decisions, goods_watch, goods_found, shipping_events, shipment_closings, shipment_cancellations, unit_counts, settlements, verifications, products, containment_members, containment_histories, attachments_members, attachments_histories, presence_members,
      presence_histories, sightings, tag_numbers, gpi_events, read_gaps, complete_until,
      gateway_batches, door_lights, door_manifests, passes, pass_successors, pass_damages, door_observations, pass_reads, pass_units, pass_clearances, facts, findings, finding_changes, alert_work, alerts, alert_serials, holds, epcis_captures, epcis_events, epcis_published`);
    this.#tracer.rolledBack();
    this.verdicts.length = 0;
    this.warnings.length = 0;
    this.#gauges.clear();
  }

  async rows(query: string): Promise<unknown[]> {
    return (await this.#database.query(query)).rows;
  }
}
