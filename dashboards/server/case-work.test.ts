import { afterAll, expect, test } from 'vitest';
import { parseRouting } from '../../alerts/index.ts';
import { excursionsOf, iso, MINUTE, NOW } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';

/** Of the people below, Mia alone is reached by a channel. */
const house = await Installation.start({
  routing: parseRouting(
    `people:
  mia: { zone: Europe/Berlin, notify: { critical: [phone], warning: [phone], info: [mail] } }
route: { name: all, to: [{ person: mia }] }
`,
    'routing.yaml',
    ['mail', 'phone'],
  ),
});
afterAll(() => house.stop());

const { alone, ask, bySigner, excursion, person, revisionOf } = excursionsOf(house);

async function named(name: string): Promise<string> {
  const password = 'a few odd words';
  await house.accounts.users.create({ name, role: 'quality', password });
  return (await ask('POST', '/session', { username: name, password })).cookie;
}

const told = async () =>
  (
    await house.database.query<{ channel: string; type: string; body: string }>(
      `SELECT channel, type, body FROM outbox WHERE type = 'case.mentioned' ORDER BY channel`,
    )
  ).rows;

test('who is mentioned is told by their own channel, finds it on the inbox, and no more once they have looked', async () => {
  const [mia, noah] = [await named('mia'), await named('noah')];
  const { id } = await excursion();
  const said = await ask('POST', `/cases/${id}/comments`, { text: '@mia @noah @nobody have a look' }, noah);
  expect(said.status).toBe(201);
  const messages = await told();
  expect(messages.map(({ channel }) => channel)).toEqual(['mail']);
  expect(JSON.parse(messages[0]?.body ?? '')).toMatchObject({
    data: { mention: { case: id, comment: 1, by: 'noah' }, notice: { people: ['mia'] } },
  });
  const mentions = async (cookie: string) => (await ask('GET', '/cases/mentions', undefined, cookie)).body.items;
  expect(await mentions(mia)).toMatchObject([
    { case: id, comment: 1, by: 'noah', text: '@mia @noah @nobody have a look' },
  ]);
  // Nobody is told of what they wrote themselves.
  expect(await mentions(noah)).toEqual([]);
  expect((await ask('POST', `/cases/${id}/mentions/seen`, {}, mia)).status).toBe(204);
  expect((await ask('POST', `/cases/${id}/mentions/seen`, {}, mia)).status).toBe(204);
  expect(await mentions(mia)).toEqual([]);
  const { rows } = await house.database.query(`SELECT subject FROM audit_entries WHERE action = 'case.mention-seen'`);
  expect(rows).toHaveLength(1);
});

// nextcloud/deck #1631: whoever was mentioned was told, also of a board that was none of theirs.
test('who does not see the goods of a case is told nothing of it, whoever mentions them', async () => {
  const [lot, writer] = [await excursion(), await person()];
  await house.accounts.users.create({ name: 'far', role: 'dock', sites: ['site:far'], password: 'a few odd words' });
  const text = '@far the secret of this shipment';
  expect((await ask('POST', `/cases/${lot.id}/comments`, { text }, writer.cookie)).status).toBe(201);
  const { rows } = await house.database.query(`SELECT FROM case_mentions WHERE user_name = 'far'`);
  expect(rows).toEqual([]);
});

test('who can be mentioned and given work is everybody who may sign in', async () => {
  const gone = await person();
  await house.accounts.users.change(gone.name, { isDisabled: true });
  const here = await person();
  const { body } = await ask('GET', '/cases/people', undefined, here.cookie);
  const names = (body.items as { name: string }[]).map(({ name }) => name);
  expect(names).toContain(here.name);
  expect(names).not.toContain(gone.name);
  // Who is bound to sites hears of nobody at others.
  const create = (name: string, site: string) =>
    house.accounts.users.create({ name, role: 'dock', sites: [site], password: 'a few odd words' });
  for (const [name, site] of [
    ['dora', 'site:lyon'],
    ['eve', 'site:lyon'],
    ['finn', 'site:berlin'],
  ] as const) {
    await create(name, site);
  }
  const { cookie } = await ask('POST', '/session', { username: 'dora', password: 'a few odd words' });
  const near = (await ask('GET', '/cases/people', undefined, cookie)).body.items as { name: string }[];
  expect(near.map(({ name }) => name)).toEqual(expect.arrayContaining(['dora', 'eve', here.name]));
  expect(near.map(({ name }) => name)).not.toContain('finn');
});

test('a logger that is declared broken is not the one whose data counts, nor is one of other goods', async () => {
  const [lot, other, { name, cookie }] = [await excursion(), await excursion(), await person()];
  const declare = async (instead: string | null, signature: object) =>
    ask(
      'POST',
      `/cases/${lot.id}/steps`,
      {
        ...{ revision: await revisionOf(lot.id), reason: 'fell into the sea', signature },
        step: { step: 'declare broken', device: lot.device, from: iso(NOW - 200 * MINUTE), to: null, instead },
      },
      cookie,
    );
  for (const instead of [lot.device, other.device]) {
    expect(await declare(instead, bySigner(name))).toMatchObject({ status: 422, body: { code: 'DEVICE_NOT_OF_CASE' } });
  }
  expect((await declare(null, bySigner(name))).status).toBe(201);
  expect(
    (
      await ask(
        'POST',
        `/cases/${lot.id}/steps/1/undo`,
        { revision: await revisionOf(lot.id), reason: 'found it', signature: alone },
        cookie,
      )
    ).status,
  ).toBe(201);
});
