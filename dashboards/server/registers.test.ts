import { afterAll, describe, expect, test } from 'vitest';
import type { Problem } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

describe('how far an installation is set up', () => {
  const states = async () => {
    const { body } = await house.ask('admin', 'GET', '/setup');
    const { done, steps } = body as { done: number; steps: { id: string; state: string }[] };
    return { done, ...Object.fromEntries(steps.map(({ id, state }) => [id, state])) };
  };

  test('is read off what there is, however it came there; a step can be left out and taken up again', async () => {
    expect(await states()).toMatchObject({ done: 1, organisation: 'open', places: 'open', people: 'done' });
    const berlin = { name: 'Berlin', zone: 'Europe/Berlin' };
    expect((await house.ask('operations', 'PUT', '/places/site:berlin', berlin)).status).toBe(200);
    expect(await states()).toMatchObject({ done: 2, places: 'done' });
    expect((await house.ask('admin', 'PUT', '/setup/portals', { skipped: true })).status).toBe(200);
    expect(await states()).toMatchObject({ done: 3, portals: 'skipped' });
    await house.ask('admin', 'PUT', '/setup/portals', { skipped: false });
    expect(await states()).toMatchObject({ done: 2, portals: 'open' });
    expect((await house.ask('admin', 'PUT', '/setup/none', { skipped: true })).status).toBe(400);
    expect((await house.ask('operations', 'GET', '/setup')).status).toBe(403);
  });
});

test('the organisation is said by an admin, and read by everybody', async () => {
  expect((await house.ask('dock', 'GET', '/organisation')).body).toEqual({ name: null, gln: null, zone: null });
  const given = { name: 'Nordwind Pharma', gln: '4012345000009', zone: 'Europe/Berlin' };
  expect((await house.ask('operations', 'PUT', '/organisation', given)).status).toBe(403);
  expect(await house.ask('admin', 'PUT', '/organisation', given)).toMatchObject({ status: 200, body: given });
  expect((await house.ask('dock', 'GET', '/organisation')).body).toEqual(given);
  for (const [field, value] of [
    ...[
      ['gln', '4012345000008'],
      ['zone', 'Berlin'],
      ['name', '  '],
    ],
  ] as const) {
    const refused = await house.ask('admin', 'PUT', '/organisation', { ...given, [field ?? '']: value });
    expect([refused.status, (refused.body as Problem).errors?.map(({ path }) => path)]).toEqual([400, [field]]);
  }
});

describe('products by CSV', () => {
  async function sent(text: string | Buffer, query = '') {
    const response = await fetch(`${house.url}/api/v1/products${query}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', authorization: `Bearer ${await house.token('quality')}` },
      body: text,
    });
    return { status: response.status, body: (await response.json()) as Problem & Record<string, number> };
  }
  const faults = ({ body }: { body: Problem }) => body.errors?.map(({ path }) => path);

  test('are added, changed and left as they are; a dry run says which, and writes nothing', async () => {
    const first =
      'gtin,name,profile,budget,valueClass,thermalMass\n80614141123458,Examplumab,2-8C,36h,4,90m\n4012345000009,Salve,,,,\n';
    expect(await sent(first, '?dryRun=true')).toMatchObject({ status: 200, body: { added: 2, changed: 0, same: 0 } });
    expect((await house.ask('dock', 'GET', '/products/80614141123458')).status).toBe(404);
    expect(await sent(first)).toMatchObject({ status: 200, body: { added: 2 } });
    expect((await house.ask('dock', 'GET', '/products/80614141123458')).body).toMatchObject({
      ...{ name: 'Examplumab', profile: '2-8C', stability: { budget: '36h' }, valueClass: 4, thermalMass: '90m' },
    });
    expect(await sent(first.replace('Salve', 'Salve 20 g'))).toMatchObject({
      body: { added: 0, changed: 1, same: 1 },
    });
  });

  // A German Excel parts cells by semicolons and begins its file with a byte order mark.
  test('come as spreadsheets of other countries save them', async () => {
    const text = '\ufeffGTIN;Name;Profile\r\n40123455;Tropfen;"15-25C"\r\n;;\r\n';
    expect(await sent(text)).toMatchObject({ status: 200, body: { added: 1 } });
  });

  test('with one bad row are not taken at all; each fault has its line and column', async () => {
    const text = ['gtin,name,profile,budget', '4012345000009,A,cold,', '4012345000008,B,,', '40123455,,,1 day', ''];
    const refused = await sent(text.join('\n'));
    expect(refused.status).toBe(400);
    expect(faults(refused)).toEqual(['line 2, profile', 'line 3, gtin', 'line 4, name', 'line 4, budget']);
  });

  test.each([
    ['a GTIN that a spreadsheet took for a number', 'gtin,name\n8.06141E+13,A\n', 'line 2, gtin'],
    ['a GTIN twice, in two lengths', 'gtin,name\n4012345000009,A\n04012345000009,B\n', 'line 3, gtin'],
    ['a column that is not known', 'gtin,name,price\n4012345000009,A,1\n', 'line 1, price'],
    ['no column for the name', 'gtin\n4012345000009\n', 'line 1'],
    ['no rows', 'gtin,name\n', 'line 2'],
    ['a stability budget of two years', 'gtin,name,budget\n4012345000009,A,730d\n', 'line 2, budget'],
    ['a value class of 7', 'gtin,name,valueClass\n4012345000009,A,7\n', 'line 2, valueClass'],
    ['a thermal mass of a second', 'gtin,name,thermalMass\n4012345000009,A,1s\n', 'line 2, thermalMass'],
    ['an open quote', 'gtin,name\n4012345000009,"A\n', 'line 2'],
    ['nothing', '', 'line 2'],
  ])('%s is refused by its line', async (_what, text, path) => {
    const refused = await sent(text);
    expect([refused.status, faults(refused)]).toEqual([400, [path]]);
  });

  test('in another encoding are refused, not guessed at', async () => {
    expect((await sent(Buffer.from('gtin,name\n4012345000009,Hustensaft für Kinder\n', 'latin1'))).status).toBe(400);
  });
});

test('storage profiles are listed with their limits', async () => {
  const { body } = await house.ask('dock', 'GET', '/profiles?limit=100');
  expect(body).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ id: '2-8C', min: 2, max: 8, mktWindow: '1d' })]),
  });
});
