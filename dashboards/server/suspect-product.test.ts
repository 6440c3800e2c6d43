import { afterAll, describe, expect, test } from 'vitest';
import { PATIENCE_MS } from '../../tests/testing/bounds.ts';
import { excursionsOf, HOUR, iso, NOW, PASSWORD } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const { ask, person, excursion, revisionOf, bySigner, mayMoveOn } = excursionsOf(house);

interface Clock {
  readonly id: string;
  readonly due: string;
  readonly doneAt: string | null;
}

interface Item {
  readonly item: number;
  readonly value: string | null;
}

const WISH = { kind: 'suspect product', title: 'Seal', reason: 'the seal is broken' };

describe('suspect product', () => {
  const suspected = async (serials: readonly string[], change: object = {}) => {
    const { name, cookie } = await person();
    const wish = { ...WISH, place: `site:${name}` };
    const { status, body } = await ask('POST', '/cases', { ...wish, serials, ...change }, cookie);
    return { name, cookie, status, id: String(body.id), code: body.code };
  };

  /** Two packs that nothing is wrong with, as a notice says. */
  const goods = async (number: number): Promise<[string, string]> => {
    const children: [string, string] = [
      `urn:epc:id:sgtin:0614141.812345.${number}01`,
      `urn:epc:id:sgtin:0614141.812345.${number}02`,
    ];
    const { status } = await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: `SHP-S${number}`, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
      ...{ departs: iso(NOW - HOUR), arrives: iso(NOW + HOUR) },
      units: [{ sscc: `urn:epc:id:sscc:0614141.20000000${number}`, devices: [], children, from: iso(NOW - HOUR) }],
      products: [],
    });
    expect(status).toBe(201);
    return children;
  };

  test('is stopped at the door as soon as somebody says so, until a signed decision lets it go', async () => {
    const [epc, other] = await goods(77);
    expect(await mayMoveOn(epc)).toBe(true);
    const { id, name, cookie } = await suspected([epc]);
    expect([await mayMoveOn(epc), await mayMoveOn(other)]).toEqual([false, true]);
    const told = await house.database.query('SELECT to_stop FROM cases WHERE number = $1', [Number(id.slice(2))]);
    expect(told.rows).toEqual([{ to_stop: null }]);
    const decided = { serials: [epc], disposition: 'release', reason: 'the maker says that it is its own' };
    const wish = { revision: await revisionOf(id), ...decided, signature: bySigner(name) };
    expect((await ask('POST', `/cases/${id}/decisions`, wish, cookie)).status).toBe(201);
    expect(await mayMoveOn(epc)).toBe(true);
  });

  test('is known by what was scanned of it; what nobody ever heard of is to be named by its EPC', async () => {
    const lot = await excursion();
    const serial = lot.serials[0]?.split('.').at(-1) ?? '';
    const { id } = await suspected([`(01)80614141123458(21)${serial}`]);
    const { body } = await ask('GET', `/cases/${id}/serials`, undefined, (await person()).cookie);
    expect(body.items).toMatchObject([{ epc: lot.serials[0] }]);
    expect(await suspected(['(01)80614141123458(21)never-heard'])).toMatchObject({
      status: 404,
      code: 'SERIAL_UNKNOWN',
    });
    expect((await suspected(['nonsense'])).status).toBe(400);
  });

  test('a complaint about goods stops nothing', async () => {
    const [epc] = await goods(78);
    expect((await suspected([epc], { kind: 'complaint' })).status).toBe(201);
    expect(await mayMoveOn(epc)).toBe(true);
  });

  // The clock was due at the opening and waited for a person: every quarantine was late, though the goods were stopped.
  test('has its quarantine done by the platform, at the moment its goods are stopped and in time', async () => {
    const { id } = await suspected(await goods(79));
    const { body } = await ask('GET', `/cases/${id}`, undefined, (await person()).cookie);
    const clock = (body.clocks as Clock[]).find((one) => one.id === 'dscsa.quarantine');
    expect(Date.parse(clock?.doneAt ?? '')).toBeLessThanOrEqual(Date.parse(clock?.due ?? ''));
    expect(Date.parse(clock?.doneAt ?? '')).toBeGreaterThanOrEqual(Date.parse(String(body.openedAt)));
    expect(body.due).toMatchObject({ id: expect.not.stringContaining('quarantine') });
  });

  test('of which the platform stops nothing waits for who sets it apart, or for a decision on all of it', async () => {
    const clockOf = async (id: string, cookie: string) => {
      const { body } = await ask('GET', `/cases/${id}`, undefined, cookie);
      return (body.clocks as Clock[]).find((one) => one.id === 'dscsa.quarantine')?.doneAt;
    };
    const untold = await suspected([], { place: 'site:cage' });
    expect(await clockOf(untold.id, untold.cookie)).toBeNull();
    const { status } = await ask(
      'POST',
      `/cases/${untold.id}/clocks/dscsa.quarantine/done`,
      { reason: 'in the cage' },
      untold.cookie,
    );
    expect(status).toBe(200);
    expect(await clockOf(untold.id, untold.cookie)).not.toBeNull();
    // Who sees one site stops the goods of that one: the rest of the case is not in quarantine.
    const [seen] = await goods(80);
    const serials = [seen, 'urn:epc:id:sgtin:0614141.812345.8099'];
    await house.accounts.users.create({ name: 'lea', role: 'quality', sites: ['site:lyon'], password: PASSWORD });
    const { cookie } = await ask('POST', '/session', { username: 'lea', password: PASSWORD });
    const partly = await ask('POST', '/cases', { ...WISH, serials }, cookie);
    expect(partly).toMatchObject({ status: 201, body: { serials: { affected: 2 } } });
    await expect.poll(() => mayMoveOn(seen), { timeout: PATIENCE_MS }).toBe(false);
    const [id, signer] = [String(partly.body.id), await person()];
    expect(await clockOf(id, signer.cookie)).toBeNull();
    const decided = { serials, disposition: 'quarantine', reason: 'until the maker answers' };
    const decision = { revision: await revisionOf(id), ...decided, signature: bySigner(signer.name) };
    expect((await ask('POST', `/cases/${id}/decisions`, decision, signer.cookie)).status).toBe(201);
    expect(await clockOf(id, signer.cookie)).not.toBeNull();
  });

  // Its items 13 and 14 were blank of product that nobody had announced, though both stand in the EPC.
  test('has serial and NDC in the data of Form FDA 3911 where nobody ever announced it', async () => {
    const { id, cookie } = await suspected(['urn:epc:id:sgtin:030123.4567890.A%2F7']);
    const { body } = await ask('GET', `/cases/${id}/form-3911`, undefined, cookie);
    const values = new Map((body.items as Item[]).map(({ item, value }) => [item, value]));
    expect(values.get(13)).toMatch(/^\d{10}$/);
    expect(values.get(14)).toBe('A/7');
    const serials = (await ask('GET', `/cases/${id}/serials`, undefined, cookie)).body.items;
    expect(serials).toMatchObject([{ gtin: expect.stringMatching(/^\d{14}$/), serial: 'A/7', lot: null }]);
  });
});
