import { afterAll, describe, expect, test } from 'vitest';
import { excursionsOf, iso, type Lot, MINUTE, NOW, PASSWORD } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const { alone, ask, bySigner, decide, excursion, person, revisionOf } = excursionsOf(house);

const STABLE = '80614141111110';
const DEAR = '80614141999992';
await house.ask('quality', 'PUT', `/products/${STABLE}`, {
  ...{ name: 'Examplumab', profile: '2-8C', stability: { budget: '1h' } },
});
await house.ask('quality', 'PUT', `/products/${DEAR}`, { name: 'Dear', profile: '2-8C', valueClass: 5 });

const stable = (minutes: number) => excursion({ gtin: '811111', spells: [{ ago: 120, minutes }] });

async function caseOf({ id }: Lot, cookie: string) {
  const { status, body } = await ask('GET', `/cases/${id}`, undefined, cookie);
  expect(status).toBe(200);
  return body;
}

describe('a case as it is looked at', () => {
  test('shows each group: its serials, what they went through, what of the budget is left, and what is proposed', async () => {
    const [lot, { cookie }] = [await stable(40), await person()];
    const { groups, proposal, decisions, steps } = await caseOf(lot, cookie);
    expect(groups).toEqual([
      {
        ...{ id: expect.stringMatching(/^g-[0-9a-f]{12}$/), name: 'A', gtin: STABLE, product: 'Examplumab' },
        ...{ lot: null, expiry: null, units: [expect.stringContaining('sscc')], serials: 3, undecided: 3, decided: [] },
        ...{ waiting: 0, changed: 0, toDecide: 3, devices: [lot.device] },
        exposure: {
          ...{ from: iso(NOW - 300 * MINUTE), to: iso(NOW), min: 5, max: 9.1, mkt: expect.any(Number) },
          ...{ minutesAbove: 40, minutesBelow: 0, minutesUnknown: 0, minutesSuspect: 0, limits: { min: 2, max: 8 } },
          budget: { limit: 60, carriedIn: 0, used: 40, excused: 0, left: 20 },
        },
        proposal: { disposition: 'release', isCertain: true, reasons: expect.arrayContaining([expect.any(String)]) },
      },
    ]);
    expect(proposal).toEqual({ text: 'Release 3 serials.', isCertain: true, at: expect.any(String) });
    expect([decisions, steps]).toEqual([[], []]);
  });

  test('says that a person must judge what the data cannot tell, and proposes to reject what used more than it stands', async () => {
    const [untold, overdrawn, { cookie }] = [await excursion(), await stable(65), await person()];
    expect((await caseOf(untold, cookie)).proposal).toMatchObject({
      ...{ text: 'Quarantine 3 serials; a person must judge.', isCertain: false },
    });
    const { proposal, groups } = await caseOf(overdrawn, cookie);
    expect(proposal).toMatchObject({ text: 'Reject 3 serials.', isCertain: true });
    expect(groups).toMatchObject([{ exposure: { budget: { used: 65, left: -5 } } }]);
  });

  test('counts by group what is decided and in force, and shows every decision with its signatures', async () => {
    const [lot, { name, cookie }] = [await stable(40), await person()];
    const [first = '', second = ''] = lot.serials;
    await decide(lot, cookie, bySigner(name), { disposition: 'release', serials: [first] });
    await decide(lot, cookie, alone, { disposition: 'reject', serials: [second] });
    const partly = await caseOf(lot, cookie);
    expect(partly).toMatchObject({
      ...{ state: 'open', serials: { affected: 3, undecided: 1, waiting: 0 } },
      groups: [
        {
          undecided: 1,
          decided: [
            { disposition: 'release', serials: 1 },
            { disposition: 'reject', serials: 1 },
          ],
        },
      ],
      decisions: [
        { number: 1, disposition: 'release', serials: 1, signatures: [{ by: name, method: 'password' }] },
        { number: 2, disposition: 'reject', serials: 1, supersededBy: null, inForceSince: expect.any(String) },
      ],
    });
    await decide(lot, cookie, alone, { disposition: 'quarantine' });
    expect(await caseOf(lot, cookie)).toMatchObject({
      state: 'decided',
      groups: [{ undecided: 0, decided: [{ disposition: 'quarantine', serials: 3 }] }],
      decisions: [{ supersededBy: 3 }, { supersededBy: 3 }, { number: 3, supersededBy: null }],
    });
  });

  test('counts nothing as decided that waits for its second signer', async () => {
    const [lot, { name, cookie }] = [await excursion({ gtin: '899999' }), await person()];
    await decide(lot, cookie, bySigner(name), { disposition: 'release' });
    expect(await caseOf(lot, cookie)).toMatchObject({
      ...{ state: 'open', serials: { affected: 3, undecided: 3, waiting: 3 } },
      groups: [{ undecided: 3, decided: [] }],
      decisions: [{ needsSecond: true, inForceSince: null, signatures: [{ by: name }] }],
      signing: { needsSecond: true },
    });
  });

  test('names the step that excuses an alert, with its signature, until it is taken back', async () => {
    const [lot, { name, cookie }] = [await stable(65), await person()];
    const signed = async (path: string, more: object) =>
      ask(
        ...(['POST', `/cases/${lot.id}/steps${path}`] as const),
        { revision: await revisionOf(lot.id), reason: 'door of the scanner', signature: bySigner(name), ...more },
        cookie,
      );
    await signed('', { step: { step: 'excuse', alert: lot.alert } });
    expect(await caseOf(lot, cookie)).toMatchObject({
      groups: [{ exposure: { budget: { used: 0, excused: 65, left: 60 } }, proposal: { disposition: 'release' } }],
      evidence: { alerts: [{ id: lot.alert, excusedBy: 1 }] },
      steps: [{ number: 1, step: 'excuse', detail: { alert: lot.alert }, undoneBy: null, signature: { by: name } }],
    });
    await signed('/1/undo', {});
    expect(await caseOf(lot, cookie)).toMatchObject({
      evidence: { alerts: [{ id: lot.alert, excusedBy: null }] },
      steps: [{ undoneBy: 2 }, { undoes: 1, undoneBy: null }],
    });
  });

  test('says of a decision whose record was changed afterwards that it is broken', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    await decide(lot, cookie, bySigner(name));
    await house.database.query(
      `UPDATE case_decisions SET record = replace(record, 'too warm', 'all well') WHERE case_number = $1`,
      [Number(lot.id.slice(2))],
    );
    expect(await caseOf(lot, cookie)).toMatchObject({
      decisions: [{ evidenceChanged: ['The record was changed after it was signed: its hash is another.'] }],
    });
  });
});

describe('how one has to sign', () => {
  test('is told to who looks: both components first, then the password alone; a token never', async () => {
    const [lot, { name, cookie }] = [await excursion(), await person()];
    expect((await caseOf(lot, cookie)).signing).toEqual({
      ...{ methods: ['password'], needsUser: true, needsCode: false, needsSecond: false },
    });
    await decide(lot, cookie, bySigner(name));
    expect((await caseOf(lot, cookie)).signing).toMatchObject({ needsUser: false });
    const again = await ask('POST', '/session', { username: name, password: PASSWORD });
    expect((await caseOf(lot, again.cookie)).signing).toMatchObject({ needsUser: true });
    const { body } = await house.ask('quality', 'GET', `/cases/${lot.id}`);
    expect(body).toMatchObject({ signing: { methods: [] } });
  });
});
