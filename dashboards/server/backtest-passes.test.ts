import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { encodeBatch } from '../../codecs/batch/index.ts';
import { encodeTag } from '../../codecs/epc/index.ts';
import type { Asn, Portal } from '../../domain/index.ts';
import type { BacktestLine, BacktestResult, PortalUsualView, RulePreview } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const HOUR = 3_600_000;
/** A while ago, in whole hours: within the two days that a changed rule is tried on. */
const START = Math.floor(Date.now() / HOUR) * HOUR - 10 * HOUR;
const PALLET = 'urn:epc:id:sscc:0614141.1000000001';
const VIALS = [1, 2, 3].map((number) => `urn:epc:id:sgtin:0614141.812345.${number}`);
const READER = 'dock-1-reader';
const DOOR: Portal = {
  ...{ id: 'dock-1', name: 'Dock 1', site: 'site:lyon', inside: 'room:lyon/dock', outside: 'site:lyon/yard' },
  ...{ triggers: [], quietMs: 5_000, capMs: 120_000 },
  antennas: [
    { reader: READER, antenna: 1, side: 'outside' },
    { reader: READER, antenna: 2, side: 'inside' },
  ],
};
const NOTICE: Asn = {
  ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', departs: START },
  ...{ arrives: START + 5 * HOUR, products: [] },
  units: [{ sscc: PALLET, devices: [], children: VIALS, from: START }],
};
const SHORTAGE = { id: 'short', kind: 'shortage', severity: 'warning' };

let house: Installation;

/** The pallet and two of its three vials come in. */
async function comesIn(at: number): Promise<void> {
  const tags = [PALLET, ...VIALS.slice(0, 2)].map((epc) =>
    encodeTag(epc.replace(/:id:(sgtin|sscc):/, ':tag:$1-96:0.')),
  );
  const sightings = [1, 2].flatMap((antenna) =>
    tags.map((epcHex) => {
      const seen = at + antenna * 1_000;
      return { reader: READER, antenna, epcHex, epcBits: 96, firstSeen: seen, lastSeen: seen, count: 3, rssiDbm: -50 };
    }),
  );
  const complete = [{ reader: READER, at: at + HOUR }];
  const batch = { gateway: 'gw', sequence: 1, at: at + HOUR, sightings, gpi: [], gaps: [], complete };
  const kept = { family: 'trace', kind: 'sightings', version: 1, source: 'gw', sequence: 1 } as const;
  await house.log.append([{ ...kept, arrival: at + HOUR, payload: encodeBatch(batch) }]);
}

beforeAll(async () => {
  house = await Installation.start();
  await house.tell({ type: 'portal', portal: DOOR, by: 'test' }, { type: 'asn', asn: NOTICE, by: 'test' });
  await comesIn(START + 5 * HOUR);
  const isJudged = async () => {
    const { body } = await house.ask('quality', 'GET', '/portals/dock-1/passes');
    expect(body).toMatchObject({ items: [{ counts: { missing: 1 } }] });
  };
  await vi.waitFor(isJudged, { timeout: 30_000, interval: 50 });
});

afterAll(() => house.stop());

test('a rule over passes is tried on the passes of a time, and says what it would find', async () => {
  const asked = { rules: SHORTAGE, from: new Date(START).toISOString(), to: new Date(START + 9 * HOUR).toISOString() };
  const { status, body } = await house.ask('quality', 'POST', '/rules/backtest', asked);
  expect(status).toBe(200);
  const { findings, comparison, warnings } = body as BacktestResult;
  expect(findings).toMatchObject([
    { rule: 'short', key: 'portal:dock-1', serials: 1, said: '1 serial of SHP-1 did not come with the rest at Dock 1' },
  ]);
  expect(comparison.opened).toEqual(findings);
  expect(warnings).toEqual([]);
  const devices = { ...asked, devices: ['logger-1'] };
  expect((await house.ask('quality', 'POST', '/rules/backtest', devices)).body).toMatchObject({
    findings: [],
    warnings: ['short: judges passes, which are of no device; leave out devices'],
  });
});

test('a dry run of a rule over passes says what it would open', async () => {
  const dry = async (rule: object) =>
    (await house.ask('quality', 'PUT', '/rules/short?dryRun=true', { ...SHORTAGE, ...rule })).body as RulePreview;
  expect(await dry({})).toMatchObject({
    opens: [{ key: 'portal:dock-1' }],
    closes: [],
    found: { before: 0, after: 1 },
    ...{ serials: { before: 0, after: 1 }, keys: { of: 'passes' } },
  });
  expect(await dry({ when: 'departure' })).toMatchObject({ opens: [], found: { before: 0, after: 0 } });
});

test('a rule on goods is tried on the shipments of a time: what is new, other and gone beside the version in force, with their serials', async () => {
  const vials = (first: number) => [0, 1].map((n) => `urn:epc:id:sgtin:0614141.812345.${first + n}`);
  const units = [
    { sscc: 'urn:epc:id:sscc:0614141.1000000002', devices: ['warm'], children: vials(11), from: START },
    { sscc: 'urn:epc:id:sscc:0614141.1000000003', devices: ['warmer'], children: vials(21), from: START },
  ];
  await house.tell(
    ...units.map(
      (unit, n) => ({ type: 'asn', by: 'test', asn: { ...NOTICE, id: `SHP-${n + 2}`, units: [unit] } }) as const,
    ),
  );
  const every = 10 * 60_000;
  const course = (warm: number) => Array.from({ length: 24 }, (_, n) => [START + n * every, n < warm ? 9 : 5] as const);
  await house.measure('warm', course(6));
  await house.measure('warmer', course(12));
  const rule = (lasting: string) => ({ id: 'in-all', kind: 'cumulative', above: 8, for: lasting, severity: 'warning' });
  const dry = async (change: object) =>
    (await house.ask('quality', 'PUT', '/rules/in-all?dryRun=true', change)).body as RulePreview;
  const opening = await dry(rule('90m'));
  expect(opening).toMatchObject({
    opens: [{ key: 'shipment:SHP-3', from: new Date(START + 9 * every).toISOString(), readings: 2, serials: 2 }],
    ...{ closes: [], keeps: [], serials: { before: 0, after: 2 }, found: { before: 0, after: 1 } },
    keys: { all: 3, judged: 3, of: 'shipments' },
  });

  const inForce = { ...rule('90m'), effectiveFrom: new Date(START).toISOString() };
  expect((await house.ask('quality', 'PUT', '/rules/in-all', inForce)).status).toBeLessThan(300);
  const wider = await vi.waitFor(
    async () => {
      const answer = await dry(rule('30m'));
      return answer.found.before === 1 ? answer : expect.fail('the rule is not in force yet');
    },
    { timeout: 30_000, interval: 50 },
  );
  const keys = (findings: RulePreview['opens']) => findings.map(({ key }) => key);
  expect([keys(wider.opens), keys(wider.keeps), keys(wider.changes)]).toEqual([
    ['shipment:SHP-2'],
    ['shipment:SHP-3'],
    ['shipment:SHP-3'],
  ]);
  expect(wider.serials).toEqual({ before: 2, after: 4 });
  expect(keys((await dry(rule('20h'))).closes)).toEqual(['shipment:SHP-3']);

  const to = new Date(START + 9 * HOUR).toISOString();
  const response = await fetch(`${house.url}/api/v1/rules/backtest`, {
    ...{ method: 'POST', body: JSON.stringify({ rules: rule('30m'), from: inForce.effectiveFrom, to }) },
    headers: {
      ...{ authorization: `Bearer ${await house.token('quality')}`, accept: 'application/x-ndjson' },
      'content-type': 'application/json',
    },
  });
  const lines = (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as BacktestLine);
  const beside = lines.flatMap((line) => ('progress' in line ? (line.progress.beside ?? []) : []));
  expect(beside.map(({ what, all, judged }) => `${judged} of ${all} ${what}`)).toEqual(
    [1, 2, 3].map((n) => `${n} of 3 shipments`),
  );
  const last = lines.at(-1);
  if (last === undefined || !('result' in last)) throw new Error(`no result but ${JSON.stringify(last)}`);
  expect(last.result).toMatchObject({
    ...{ serials: 4, inForce: { findings: 1, serials: 2 } },
    comparison: {
      opened: [{ key: 'shipment:SHP-2' }],
      closed: [],
      kept: [],
      changed: [{ after: [{ key: 'shipment:SHP-3' }] }],
    },
  });
});

test('what is usual at a door is told with how little is known of it', async () => {
  const { status, body } = await house.ask('operations', 'GET', '/portals/dock-1/usual');
  expect(status).toBe(200);
  const { zone, hours, readRates } = body as PortalUsualView;
  expect(zone).toBe('UTC');
  expect(hours).toHaveLength(24);
  expect(readRates[0]).toEqual({
    ...{ antenna: null, recent: null, usual: { observations: 0, median: null, mad: null } },
    text: 'Only 0 passes so far: what is usual is not known.',
  });
  expect(readRates[1]).toMatchObject({ antenna: { reader: READER, antenna: 1 }, recent: null });
  const { stays, ways } = body as PortalUsualView;
  expect(stays.map(({ place, text }) => [place.id, text])).toEqual([
    ['room:lyon/dock', 'Only 0 stays so far: how long is usual is not known.'],
    ['site:lyon/yard', 'Only 0 stays so far: how long is usual is not known.'],
  ]);
  expect(ways).toEqual([]);
});

test('an alert of goods that stood too long says the air they stood in, also of readings that come later', async () => {
  const from = START + 5 * HOUR + 1_000;
  await house.tell({
    ...{ type: 'attachment', by: 'test' },
    attachment: { device: 'dock-logger', subject: 'room:lyon/dock', from: START },
  });
  const effectiveFrom = new Date(START).toISOString();
  const rule = { id: 'stands', kind: 'dwell', severity: 'warning', longerThan: '30m', effectiveFrom };
  expect((await house.ask('quality', 'PUT', '/rules/stands', rule)).status).toBeLessThan(300);
  const found = await vi.waitFor(
    async () => {
      const { body } = await house.ask('quality', 'GET', '/alerts');
      const alert = (body as { items: { id: string; kind: string }[] }).items.find(({ kind }) => kind === 'dwell');
      return alert ?? expect.fail('no alert of dwell');
    },
    { timeout: 30_000, interval: 50 },
  );
  const texts = async () => {
    const { body } = await house.ask('quality', 'GET', `/alerts/${found.id}`);
    return (body as { evidence: { changes: { text: string }[] } }).evidence.changes.map(({ text }) => text);
  };
  expect(await texts()).toContain('Nothing is known of the air at room:lyon/dock meanwhile (dock-logger).');
  const every = 10 * 60_000;
  await house.measure(
    'dock-logger',
    Array.from({ length: 24 }, (_, n) => [from - every + n * every, n < 12 ? 5 : 9] as const),
  );
  const [air] = (await texts()).filter((text) => text.startsWith('The air at room:lyon/dock'));
  expect(air).toMatch(
    /^The air at room:lyon\/dock meanwhile: 5 to 9 °C, mean kinetic temperature [67]\.\d °C \(dock-logger\)\.$/,
  );
});
