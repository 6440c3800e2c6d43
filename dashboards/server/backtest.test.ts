import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Asn } from '../../domain/index.ts';
import type { BacktestLine, BacktestResult, Problem } from '../api/index.ts';
import { backtestLine } from '../api/rule.ts';
import { Installation, TOO_WARM } from './testing/installation.ts';

const MINUTE = 60_000;
/** The day before yesterday. */
const DATE = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
const DAY = Date.parse(`${DATE}T00:00:00Z`);
const at = (clock: string) => Date.parse(`${DATE}T${clock}:00Z`);
const told = (clock: string) => `${DATE}T${clock}:00.000Z`;

let house: Installation;

/** Every five minutes from 10:00 on. */
function series(...values: number[]): (readonly [number, number])[] {
  return values.map((value, i) => [at('10:00') + i * 5 * MINUTE, value] as const);
}

/** `logger-3` travels cold from 10:00 on, and is no one's before. */
const NOTICE: Asn = {
  ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [] },
  ...{ departs: at('10:20'), arrives: at('11:00') },
  units: [{ sscc: 'urn:epc:id:sscc:0614141.1234567890', devices: ['logger-3'], children: [], from: at('10:20') }],
};

beforeAll(async () => {
  house = await Installation.start();
  await house.tell({ type: 'rule', by: 'configuration', version: TOO_WARM });
  await house.measure('logger-1', series(5, 8.5, 9.1, 8.7, 8.6, 8.2, 6));
  await house.measure('logger-2', series(5, 7.2, 7.4, 7.3, 5, 5, 5));
  await house.measure('logger-3', series(9, 9, 9, 5, 9, 9, 5));
  await house.tell({ type: 'asn', asn: NOTICE, by: 'test' });
});

afterAll(() => house.stop());

const RULE = { id: 'too-warm', kind: 'threshold', metric: 'temperature', above: 8, for: '10m', severity: 'critical' };
const ALL_DAY = { from: DAY, to: new Date(DAY + 86_400_000).toISOString() };

async function backtest(body: object, role: 'quality' | 'dock' = 'quality') {
  return house.ask(role, 'POST', '/rules/backtest', body);
}

async function resultOf(body: object): Promise<BacktestResult> {
  const { status, body: result } = await backtest(body);
  expect(status).toBe(200);
  return result as BacktestResult;
}

const keys = (findings: BacktestResult['findings']) => findings.map(({ key }) => key);

test('findings are the lines of a backtest, and the version in force is compared with', async () => {
  const result = await resultOf({ rules: { ...RULE, above: 7 }, ...ALL_DAY, devices: ['logger-1', 'logger-2'] });
  expect(result).toMatchObject({ keys: 2, readings: 14, rules: [{ id: 'too-warm', inForce: 1 }], warnings: [] });
  expect(result.findings).toEqual([
    {
      ...{ rule: 'too-warm', key: 'logger-1/temperature', from: told('10:05') },
      ...{ to: told('10:30'), endedBy: 'recovery', extreme: 9.1, readings: 5, minutesOutOfRange: 25 },
      detectedLate: false,
    },
    {
      ...{ rule: 'too-warm', key: 'logger-2/temperature', from: told('10:05') },
      ...{ to: told('10:20'), endedBy: 'recovery', extreme: 7.4, readings: 3, minutesOutOfRange: 15 },
      detectedLate: false,
    },
  ]);
  const { opened, closed, kept, changed } = result.comparison;
  expect([keys(opened), keys(closed), keys(kept), changed.length]).toEqual([
    ['logger-2/temperature'],
    [],
    ['logger-1/temperature'],
    0,
  ]);
});

test('a rule file as text, with several rules and one that nothing is compared with', async () => {
  const rules = `rules:
  - { id: too-warm, kind: threshold, metric: temperature, above: 12 }
  - { id: silent, kind: silence, metric: temperature, after: 1h }
`;
  const result = await resultOf({ rules, ...ALL_DAY, devices: ['logger-1'] });
  expect(result.rules).toEqual([
    { id: 'too-warm', inForce: 1 },
    { id: 'silent', inForce: null },
  ]);
  // The clock stands at the end of the time that is asked for.
  expect(result.findings).toMatchObject([{ rule: 'silent', from: told('11:30'), to: null }]);
  expect(keys(result.comparison.closed)).toEqual(['logger-1/temperature']);
});

test('a rule judges a device while its context is what the rule asks for, as it was then', async () => {
  const rules = { ...RULE, for: '0s', appliesTo: 'profile == "2-8C" && lane == "site:berlin>site:lyon"' };
  const result = await resultOf({ rules, ...ALL_DAY });
  expect(result.findings).toMatchObject([{ key: 'logger-3/temperature', from: told('10:20'), to: told('10:30') }]);
});

test('a shipment says which devices and which time are meant', async () => {
  const result = await resultOf({ rules: { ...RULE, for: '0s' }, shipment: 'SHP-1' });
  expect([result.from, result.to, keys(result.findings)]).toEqual([
    told('10:20'),
    told('11:00'),
    ['logger-3/temperature'],
  ]);
  expect((await backtest({ rules: RULE, shipment: 'SHP-99' })).body).toMatchObject({ code: 'SHIPMENT_UNKNOWN' });
});

test('whoever accepts lines sees how far it is, then the result', async () => {
  const response = await fetch(`${house.url}/api/v1/rules/backtest`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await house.token('quality')}`,
      'content-type': 'application/json',
      accept: 'application/x-ndjson',
    },
    body: JSON.stringify({ rules: RULE, ...ALL_DAY }),
  });
  expect(response.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
  const lines = (await response.text()).trimEnd().split('\n');
  const steps = lines.map((line): BacktestLine => backtestLine.parse(JSON.parse(line)));
  expect(steps.slice(0, -1).every((step) => 'progress' in step)).toBe(true);
  expect(steps[0]).toEqual({ progress: { keys: 3, judged: 0, readings: 0, findings: 0 } });
  expect(steps.at(-2)).toEqual({ progress: { keys: 3, judged: 3, readings: 21, findings: 3 } });
  expect(steps.at(-1)).toMatchObject({ result: { keys: 3, readings: 21 } });
});

test.each([
  ['no time and no shipment', { rules: RULE }, 400, 'BODY_INVALID', 'from'],
  ['a time that ends before it begins', { rules: RULE, from: DAY, to: DAY }, 400, 'BODY_INVALID', 'to'],
  ['more than 400 days', { rules: RULE, from: 0, to: DAY }, 400, 'BODY_INVALID', 'to'],
  ['an unknown metric', { rules: { ...RULE, metric: 'temp' }, ...ALL_DAY }, 422, 'RULE_FILE_BAD', 'rules[0].metric'],
  ['YAML with a bad line', { rules: 'rules:\n  - id: [', ...ALL_DAY }, 422, 'RULE_FILE_BAD', ''],
  ['one rule with a bad line', { rules: 'id: a\nkind: oops\n', ...ALL_DAY }, 422, 'RULE_FILE_BAD', 'kind'],
  ['a key nobody knows', { rules: RULE, ...ALL_DAY, speed: 9 }, 400, 'BODY_INVALID', ''],
])('%s is refused with its place', async (_, body, status, code, path) => {
  const answer = await backtest(body);
  const problem = answer.body as Problem;
  expect([answer.status, problem.code, problem.errors?.[0]?.path]).toEqual([status, code, path]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
});

test('who makes no rules tries none', async () => {
  expect((await backtest({ rules: RULE, ...ALL_DAY }, 'dock')).status).toBe(403);
});
