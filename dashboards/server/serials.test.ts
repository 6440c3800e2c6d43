import { afterAll, expect, test } from 'vitest';
import { excursionsOf } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const { bySigner, decide, excursion, person } = excursionsOf(house);
const serialOf = async (epc: string) =>
  (await house.ask('dock', 'GET', `/serials/${encodeURIComponent(epc)}`)).body as {
    dispositions: readonly object[];
    identity: object;
  };

test('a serial tells every decision on it, the latest first, who signed it and whether it is in force', async () => {
  const [lot, { name, cookie }] = [await excursion(), await person()];
  const [epc = ''] = lot.serials;
  expect((await serialOf(epc)).dispositions).toEqual([]);
  await decide(lot, cookie, bySigner(name), { disposition: 'quarantine' });
  await decide(lot, cookie, bySigner(name), { disposition: 'release' });
  const { dispositions } = await serialOf(epc);
  expect(dispositions).toMatchObject([
    { case: lot.id, number: 2, disposition: 'release', isSuperseded: false, signatures: [{ name, role: 'quality' }] },
    { case: lot.id, number: 1, disposition: 'quarantine', isSuperseded: true, signatures: [{ name }] },
  ]);
});

test('a serial and a unit say what their codes say', async () => {
  const lot = await excursion();
  expect((await serialOf(lot.serials[0] ?? '')).identity).toEqual({
    elementString: `(01)80614141123458(21)${lot.number * 1000}`,
    digitalLink: `https://id.gs1.org/01/80614141123458/21/${lot.number * 1000}`,
  });
  const unit = `urn:epc:id:sscc:0614141.1${String(lot.number).padStart(9, '0')}`;
  expect((await serialOf(unit)).identity).toMatchObject({ elementString: expect.stringMatching(/^\(00\)\d{18}$/) });
});
