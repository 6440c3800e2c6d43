import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem, RuleChanged, RulePreview, RuleView } from '../api/index.ts';
import { Installation, TOO_WARM } from './testing/installation.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;

let house: Installation;

/** Every five minutes up to now. */
function series(...values: number[]): (readonly [number, number])[] {
  return values.map((value, i) => [NOW - (values.length - 1 - i) * 5 * MINUTE, value] as const);
}

beforeAll(async () => {
  house = await Installation.start();
  await house.tell({ type: 'rule', by: 'configuration', version: TOO_WARM });
  await house.measure('warm', series(5, 5, 9, 9.5, 9.2, 9.1));
  await house.measure('mild', series(5, 5, 7.2, 7.3, 7.4, 7.2));
  await house.measure('cool', series(5, 5, 5, 5, 5, 5));
});

afterAll(() => house.stop());

/** As a person writes it, in YAML. */
async function put(role: 'quality' | 'dock', path: string, text: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${house.url}/api/v1/rules/${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await house.token(role)}`, 'content-type': 'application/yaml' },
    body: text,
  });
  return { status: response.status, body: await response.json() };
}

const rule = { id: 'too-warm', kind: 'threshold', metric: 'temperature', above: 8, for: '10m', severity: 'critical' };

describe('changing a rule', () => {
  test('a dry run says which running findings it would open, close and keep, and changes nothing', async () => {
    const preview = async (change: object) =>
      (await house.ask('quality', 'PUT', '/rules/too-warm?dryRun=true', { ...rule, ...change })).body as RulePreview;
    const keys = (findings: RulePreview['opens']) => findings.map(({ key }) => key);

    const wider = await preview({ above: 7 });
    expect([keys(wider.opens), keys(wider.closes), keys(wider.keeps)]).toEqual([
      ['mild/temperature'],
      [],
      ['warm/temperature'],
    ]);
    expect(wider).toMatchObject({ version: 2, found: { before: 1, after: 2 }, keys: { all: 3, judged: 3 } });

    const narrower = await preview({ above: 12 });
    expect([keys(narrower.opens), keys(narrower.closes), keys(narrower.keeps)]).toEqual([[], ['warm/temperature'], []]);

    const removed = (await house.ask('quality', 'DELETE', '/rules/too-warm?dryRun=true')).body as RulePreview;
    expect([removed.isRemoved, keys(removed.closes)]).toEqual([true, ['warm/temperature']]);

    expect((await house.ask('dock', 'GET', '/rules/too-warm')).body).toMatchObject({ version: 1 });
  });

  test('an edit is a new version from now on; the one before stays to be read', async () => {
    const began = Date.now();
    const { status, body } = await put(
      'quality',
      'door-open',
      'id: door-open\nkind: threshold\nmetric: door\nabove: 0\n',
    );
    expect([status, (body as RuleChanged).version]).toEqual([200, 1]);
    await put('quality', 'door-open', 'id: door-open\nkind: threshold\nmetric: door\nabove: 0\nfor: 5m # short\n');
    const view = (await house.ask('dock', 'GET', '/rules/door-open')).body as RuleView;
    expect(view.versions.map(({ version, source }) => [version, source.includes('for: 5m')])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(Date.parse(view.versions[1]?.effectiveFrom ?? '')).toBeGreaterThanOrEqual(began);
    // What is shown can be sent back.
    const again = await put('quality', 'door-open?dryRun=true', view.versions[1]?.source ?? '');
    expect(again).toMatchObject({ status: 200, body: { version: 3 } });
  });

  test('who was not looking at the latest version is told so', async () => {
    const body = { id: 'mine', kind: 'silence', metric: 'temperature', after: '1h' };
    await house.ask('admin', 'PUT', '/rules/mine?version=0', body);
    const late = await house.ask('admin', 'PUT', '/rules/mine?version=0', { ...body, after: '2h' });
    expect([late.status, late.body]).toEqual([
      409,
      expect.objectContaining({ code: 'RULE_CHANGED', current: { version: 1 } }),
    ]);
  });

  test('two edits at the same moment are two versions', async () => {
    const edit = (after: string) =>
      house.ask('admin', 'PUT', '/rules/both', { id: 'both', kind: 'silence', metric: 'temperature', after });
    await Promise.all([edit('1h'), edit('2h'), edit('3h')]);
    const { versions } = (await house.ask('dock', 'GET', '/rules/both')).body as RuleView;
    expect(versions.map(({ by }) => by)).toEqual(['test-admin', 'test-admin', 'test-admin']);
    expect(versions.map(({ version }) => version)).toEqual([1, 2, 3]);
  });

  test('a removal is a version too, and a rule that is gone cannot be removed again', async () => {
    await house.ask('admin', 'PUT', '/rules/gone', { id: 'gone', kind: 'silence', metric: 'temperature', after: '1h' });
    expect((await house.ask('quality', 'DELETE', '/rules/gone')).body).toMatchObject({
      versions: [{ isRemoved: false }, { version: 2, isRemoved: true }],
    });
    expect((await house.ask('quality', 'DELETE', '/rules/gone')).status).toBe(404);
    expect((await house.ask('quality', 'GET', '/rules/never')).body).toMatchObject({ code: 'RULE_UNKNOWN' });
  });

  test.each([
    ['limits that contradict each other', { above: 2, below: 8 }, 'below', 'less than above (2)'],
    ['an unknown metric', { metric: 'temprature' }, 'metric', '"temprature"'],
    ['CEL that does not compile', { appliesTo: 'profile = 1' }, 'appliesTo', 'CEL over profile'],
    ['a key that does not exist', { abov: 3 }, 'abov', 'unknown key'],
  ])('%s are refused with their place, and the rule in force stays', async (_, change, path, message) => {
    const { status, body } = await house.ask('quality', 'PUT', '/rules/too-warm', { ...rule, ...change });
    expect([status, (body as Problem).code]).toEqual([422, 'RULE_FILE_BAD']);
    expect((body as Problem).errors).toContainEqual({ path, message: expect.stringContaining(message) });
    expect((await house.ask('dock', 'GET', '/rules/too-warm')).body).toMatchObject({ version: 1 });
  });

  test('YAML is refused by its own lines', async () => {
    const { body } = await put(
      'quality',
      'too-warm',
      'id: too-warm\nkind: threshold\nmetric: temperature\nabove: warm\n',
    );
    expect((body as Problem).detail).toMatch(/^line 4: above: "warm", allowed: a finite number/);
    const broken = await put('quality', 'too-warm', 'id: [');
    expect(broken).toMatchObject({ status: 422, body: { detail: expect.stringMatching(/^line 1: not YAML/) } });
  });

  test('a limit that looks like °F is taken with a warning', async () => {
    const { body } = await house.ask('quality', 'PUT', '/rules/too-warm?dryRun=true', {
      ...{ ...rule, above: 46 },
      appliesTo: 'profile == "2-8C"',
    });
    expect((body as RulePreview).warnings).toEqual([expect.stringContaining('if 46 °F is meant, write 7.8')]);
  });

  test('a rule of another name, and a person of another role, are refused', async () => {
    expect(await put('quality', 'other', JSON.stringify(rule))).toMatchObject({
      status: 422,
      body: { code: 'RULE_ID_CONTRADICTS' },
    });
    expect((await put('dock', 'too-warm', JSON.stringify(rule))).status).toBe(403);
  });
});
