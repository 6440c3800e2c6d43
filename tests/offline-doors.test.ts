import { afterAll, beforeAll, expect, test } from 'vitest';
import { DoorManifests } from '../app/door-manifests.ts';
import { gatewaySaid } from '../app/gateways-heard.ts';
import { stackLight } from '../app/stack-light.ts';
import { Broker } from '../broker/index.ts';
import { ManifestKey } from '../codecs/manifest/index.ts';
import {
  type Epc,
  encodeJson,
  FACT_VERSION,
  type Fact,
  ManualTime,
  type Portal,
  SPEAKS_FOR_ALL,
  silentLogger,
  silentMeter,
  systemTime,
} from '../domain/index.ts';
import { Gateway } from '../gateways/index.ts';
import { gatewayConfig } from '../gateways/testing/builders.ts';
import { Intake } from '../ingest/index.ts';
import { compileAppliesTo } from '../rules/index.ts';
import { SimulatedReader } from '../simulators/index.ts';
import { PostgresAuditTrail, PostgresFacts, PostgresFindings, PostgresLog } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { TraceQueries, Tracer } from '../trace/index.ts';
import { ANY_UNEXPECTED, HOUR, MINUTE, notice, pallet, said, through, vials, Yard } from '../trace/testing/yard.ts';

/*
 * The line between gateway and platform is cut for an hour of dock traffic. The light at the door has to be right for what
 * was announced before, amber with its reason for the rest; and what the platform holds afterwards has to be what it would
 * have held without the cut.
 */

const parts = { time: systemTime, logger: silentLogger, meter: silentMeter };
const stops: (() => Promise<unknown>)[] = [];
const database = await testDatabase();
const uncut = await testDatabase();
/** The dock's clock stands an hour and a quarter back: the hour is played without waiting, and nothing is of the future. */
const START = Math.floor(Date.now() / 1_000) * 1_000 - 75 * MINUTE;

const audit = new PostgresAuditTrail({ database });
const facts = new PostgresFacts({ database });
const findings = new PostgresFindings({ database });
const trace = new TraceQueries({ database });
let log: PostgresLog;
let broker: Broker;
let manifests: DoorManifests;
let url = '';

beforeAll(async () => {
  log = new PostgresLog({ database, ...parts });
  await log.start();
  stops.push(() => log.stop());
  const light = stackLight(parts);
  const handler = new Tracer({
    ...{ database, facts, findings, audit, ...parts, rules: [ANY_UNEXPECTED] },
    ...{ compileApplies: compileAppliesTo, onVerdict: light.show },
  });
  const tracer = log.consumer({ name: 'tracer', families: ['trace'], isMandatory: true, handler });
  await tracer.start();
  stops.push(() => tracer.stop());
  manifests = new DoorManifests({
    ...{ database, ...parts, key: new ManifestKey(Buffer.alloc(32, 7)) },
    bounds: { things: 10_000, bytes: 1_000_000, aheadMs: 48 * HOUR },
    settled: async () => {
      const moment = Date.now();
      await tracer.passed(await log.heads());
      return moment;
    },
  });
  const intake = new Intake({
    ...{ speaksFor: SPEAKS_FOR_ALL, log, ...parts },
    onGatewayStatus: (gateway, status) => {
      light.heard(gateway, status.state);
      manifests.heard(gateway, gatewaySaid(status));
    },
  });
  stops.push(() => intake.stop());
  broker = new Broker({
    ...{ ...parts, host: '127.0.0.1', port: 0, authenticate: async (id) => ({ kind: 'device', id }) },
    accept: intake.accept,
  });
  url = `mqtt://127.0.0.1:${(await broker.start()).mqtt}`;
  stops.push(() => broker.stop());
  light.connect(broker);
  manifests.start(broker);
  stops.push(() => manifests.stop());
});

afterAll(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function hears(fact: Fact): Promise<void> {
  const record = { family: 'trace', kind: 'fact', version: FACT_VERSION, source: 'test', sequence: null } as const;
  await log.append([{ ...record, arrival: Date.now(), payload: encodeJson(fact) }]);
  manifests.changed();
}

const DOCK: Portal = {
  ...{
    id: 'portal:lyon/dock-1',
    name: 'Dock 1',
    site: 'site:lyon',
    inside: 'room:lyon/dock',
    outside: 'site:lyon/yard',
  },
  antennas: [
    { reader: 'dock-1', antenna: 1, side: 'outside' },
    { reader: 'dock-1', antenna: 2, side: 'inside' },
  ],
  ...{ triggers: [], quietMs: 5_000, capMs: 120_000 },
};

/** Each pallet carries four vials. */
const goodsOf = (n: number): readonly [Epc, ...Epc[]] => [pallet(n), ...vials(n * 10 + 1, n * 10 + 4)];

function asn(n: number) {
  const [sscc, ...children] = goodsOf(n);
  const times = { departs: START - 3 * HOUR, arrives: START + HOUR };
  const products = [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2031-06-30' }];
  return notice(`SHP-${n}`, [{ sscc, children, from: START - 4 * HOUR }], { ...times, products });
}

function quarantined(n: number, number: number, when: number): Fact {
  const decision = {
    ...{ case: 'C-000001', number, at: when, disposition: 'quarantine' as const, alerts: [], reason: 'seal broken' },
    ...{ epcs: goodsOf(n).slice(1, 2), recordHash: '00' },
  };
  return { type: 'decision', decision, by: 'test' };
}

interface Pallet {
  readonly n: number;
  readonly kind: 'whole' | 'short' | 'stopped' | 'late' | 'stopped late' | 'stranger';
  readonly light: 'green' | 'red' | 'amber';
}

const KINDS: readonly Omit<Pallet, 'n'>[] = [
  { kind: 'whole', light: 'green' },
  { kind: 'short', light: 'red' },
  { kind: 'stopped', light: 'red' },
  { kind: 'late', light: 'amber' },
  { kind: 'stopped late', light: 'green' },
  { kind: 'stranger', light: 'amber' },
];
/** Every three minutes one, for an hour. */
const PALLETS: readonly Pallet[] = Array.from({ length: 20 }, (_, n) => {
  return { n: n + 1, ...(KINDS[n % KINDS.length] as Omit<Pallet, 'n'>) };
});
const of = (...kinds: Pallet['kind'][]) => PALLETS.filter(({ kind }) => kinds.includes(kind));

test('the line is cut for an hour: the light is right, and afterwards all is as without the cut', {
  timeout: 240_000,
}, async () => {
  const time = new ManualTime(START);
  const reader = new SimulatedReader({ time });
  await reader.start();
  stops.push(() => reader.stop());
  const config = gatewayConfig({
    mqtt: { url, password: 'x' },
    readers: [
      {
        ...{ id: 'dock-1', host: '127.0.0.1', port: reader.port, keepaliveMs: 600_000, answerMs: 120_000 },
        antennas: [
          { antenna: 1, portal: DOCK.id, side: 'outside' },
          { antenna: 2, portal: DOCK.id, side: 'inside' },
        ],
        outputs: { green: 1, amber: 2, red: 3, buzzer: 4 },
      },
    ],
  });
  const gateway = new Gateway({ config, time, logger: silentLogger, meter: silentMeter, random: () => 0 });
  await gateway.start();
  stops.push(() => gateway.stop());
  const until = async (what: string, check: () => boolean | Promise<boolean>) => {
    const deadline = Date.now() + 90_000;
    while (!(await check())) {
      if (Date.now() > deadline) throw new Error(`not within reach: ${what}: ${JSON.stringify(gateway.status)}`);
      await time.advance(100);
      await systemTime.sleep('test: wire', 1);
    }
  };
  const shows = () => (['green', 'amber', 'red'] as const).find((_, index) => reader.gpo.get(index + 1)) ?? 'off';

  const before: Fact[] = [
    { type: 'portal', portal: DOCK, by: 'test' },
    ...of('whole', 'short', 'stopped', 'stopped late').map(({ n }): Fact => ({ type: 'asn', asn: asn(n), by: 'test' })),
    ...of('stopped').map(({ n }): Fact => quarantined(n, n, START - HOUR)),
  ];
  for (const fact of before) await hears(fact);
  await until('reading', () => gateway.status.readers[0]?.state === 'reading');
  await until(
    'the manifest',
    () => (gateway.status.manifest?.shipments ?? 0) === of('whole', 'short', 'stopped', 'stopped late').length,
  );

  // The cut: the platform works on, and hears of what the doors will not know.
  const port = Number(new URL(url).port);
  await broker.stop();
  await until('cut off', () => shows() === 'amber');
  const after: Fact[] = [
    ...of('late').map(({ n }): Fact => ({ type: 'asn', asn: asn(n), by: 'test' })),
    ...of('stopped late').map(({ n }): Fact => quarantined(n, n, START + 1_000)),
  ];
  for (const fact of after) await hears(fact);

  const shown: { n: number; light: string; at: number }[] = [];
  for (const { n, kind, light } of PALLETS) {
    const at = Math.ceil(time.now() / 1_000) * 1_000 + 1_000;
    await time.advance(at - time.now());
    const goods = goodsOf(n).slice(kind === 'short' ? 0 : undefined, kind === 'short' ? -1 : undefined);
    for (const { antenna, epcHex, firstSeen, lastSeen, rssiDbm, count } of through(DOCK, 'in', at, goods)) {
      await time.advance(Math.max(0, firstSeen - time.now()));
      reader.see({ antenna, epcHex, at: firstSeen, until: lastSeen, count, ...(rssiDbm !== null && { rssiDbm }) });
    }
    // Nothing has been said wrongly before it was settled: amber, or what it stays.
    await until(`the light of ${kind} ${n}`, () => shows() === light && time.now() > at + 8_000);
    expect(reader.gpo.get(4) ?? false).toBe(light === 'red');
    shown.push({ n, light, at });
    await until('amber again', () => shows() === 'amber' && time.now() > at + 25_000);
    await time.advance(Math.max(0, at + 3 * MINUTE - 1_000 - time.now()));
  }
  expect(time.now() - START).toBeGreaterThan(58 * MINUTE);

  // Back on line.
  broker = new Broker({
    ...{ ...parts, host: '127.0.0.1', port, authenticate: async (id: string) => ({ kind: 'device' as const, id }) },
    accept: (await anIntake()).accept,
  });
  await broker.start();
  stops.push(() => broker.stop());
  const rows = async <T extends object>(query: string) => (await database.query<T>(query)).rows;
  await until('all passes', async () => {
    const [row] = await rows<{ n: number }>('SELECT count(*)::integer AS n FROM passes WHERE NOT is_provisional');
    return row?.n === PALLETS.length && gateway.status.spool.pending === 0;
  });

  // The same facts and reads as they would have come.
  const live = new Yard(uncut);
  for (const fact of [...before, ...after]) await live.hears({ fact });
  for (const [index, { kind }] of PALLETS.entries()) {
    const { n, at } = shown[index] ?? { n: 0, at: 0 };
    const goods = goodsOf(n).slice(kind === 'short' ? 0 : undefined, kind === 'short' ? -1 : undefined);
    await live.hears(said.seen(through(DOCK, 'in', at, goods)), said.complete(DOCK, at + MINUTE));
  }
  const PASSES = `SELECT since, until, ended_by, direction, verdict, is_provisional FROM passes ORDER BY since`;
  expect(await rows(PASSES)).toEqual(await live.rows(PASSES));
  const FINDINGS = `SELECT rule, from_at, to_at, kind, severity, portal - 'pass' AS portal FROM findings
    ORDER BY from_at, rule`;
  expect(await rows(FINDINGS)).not.toEqual([]);
  expect(await rows(FINDINGS)).toEqual(await live.rows(FINDINGS));

  // What the doors showed stands beside each pass, and where the platform says otherwise both say so.
  const page = await trace.passes(DOCK.id, { limit: 100 });
  const lights = new Map(page.items.map(({ from, shownLights }) => [from, shownLights]));
  for (const { at, light } of shown) expect(lights.get(at)).toMatchObject([{ gateway: 'gw-1', light }]);
  const differing = page.items.filter(({ shownLights }) => shownLights.some(({ differs }) => differs !== null));
  expect(differing).toHaveLength(of('stopped late').length);
  for (const { id, shownLights } of differing) {
    const [light] = shownLights;
    expect(light?.differs).toMatch(
      /^The door showed green at \d\d:\d\d UTC by manifest \d+; the platform says red: it is quarantined since .*Z \(1\)$/,
    );
    expect(await audit.history(`pass:${id}`)).toMatchObject([
      { action: 'pass.light-differs', new: { gateway: 'gw-1', shown: 'green', differs: light?.differs } },
    ]);
  }
  for (const { kind, n } of PALLETS.filter(({ light }) => light === 'amber')) {
    const at = shown.find((one) => one.n === n)?.at ?? 0;
    expect(lights.get(at)?.[0]?.reason, kind).toMatch(/5 of its things were not announced here by \d\d:\d\d UTC/);
  }
});

async function anIntake(): Promise<Intake> {
  const intake = new Intake({ speaksFor: SPEAKS_FOR_ALL, log, ...parts });
  stops.push(() => intake.stop());
  return intake;
}
