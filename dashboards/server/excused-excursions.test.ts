import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { excursionsOf } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const { ask, bySigner, excursion, person, revisionOf } = excursionsOf(house);

/** Three excursions of one logger, the earliest first; what the product stands is less than all of them. */
const SPELLS = [
  { ago: 240, minutes: 20 },
  { ago: 180, minutes: 30 },
  { ago: 120, minutes: 40 },
];
const BUDGET = 60;

interface Judged {
  readonly groups: readonly { readonly proposal: unknown; readonly exposure: unknown }[];
  readonly proposal: { readonly text: string };
}

test('excuse and take back as often as one likes: budget and proposal follow from what is excused now, and nothing else', async () => {
  await house.ask('quality', 'PUT', '/products/80614141111110', {
    name: 'X',
    profile: '2-8C',
    stability: { budget: '1h' },
  });
  const [lot, { name, cookie }] = [await excursion({ gtin: '811111', spells: SPELLS }), await person()];
  /** Numbers of the steps that stand, by excursion. */
  const standing = SPELLS.map((): number[] => []);
  const post = async (path: string, more: object) => {
    const signature = bySigner(name);
    const sent = { revision: await revisionOf(lot.id), reason: 'looked at', signature, ...more };
    const { status, body } = await ask('POST', `/cases/${lot.id}/steps${path}`, sent, cookie);
    expect([status, body.code]).toEqual([201, undefined]);
    return Number(body.number);
  };
  const judged = async () => {
    const { body } = await ask('GET', `/cases/${lot.id}`, undefined, cookie);
    const { groups, proposal } = body as unknown as Judged;
    const [group] = groups;
    return { exposure: group?.exposure, proposal: group?.proposal, text: proposal.text };
  };
  /** By which excursions are excused: what was said the first time. */
  const said = new Map<string, unknown>();
  const check = async () => {
    const isExcused = standing.map((steps) => steps.length > 0);
    const now = await judged();
    const excused = SPELLS.reduce((sum, { minutes }, index) => sum + (isExcused[index] === true ? minutes : 0), 0);
    const used = 90 - excused;
    expect(now).toMatchObject({
      exposure: { budget: { limit: BUDGET, carriedIn: 0, excused, used, left: BUDGET - used } },
      proposal: { disposition: used <= BUDGET ? 'release' : 'reject', isCertain: true },
    });
    const key = isExcused.join();
    expect(now).toEqual(said.get(key) ?? now);
    said.set(key, now);
  };
  const takeBack = async (index: number, which: number) => {
    const [step] = standing[index]?.splice(which, 1) ?? [];
    if (step !== undefined) await post(`/${step}/undo`, {});
  };
  const act = fc.record({ index: fc.nat(SPELLS.length - 1), isExcuse: fc.boolean(), which: fc.nat(1) });
  await check();
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 6 }), async (acts) => {
      try {
        for (const { index, isExcuse, which } of acts) {
          const steps = standing[index] ?? [];
          // Excused twice it is excused; it counts again when both are taken back.
          if (isExcuse || steps.length === 0) {
            steps.push(await post('', { step: { step: 'excuse', alert: lot.alerts[index] } }));
          } else await takeBack(index, Math.min(which, steps.length - 1));
          await check();
        }
      } finally {
        for (const [index, steps] of standing.entries()) while (steps.length > 0) await takeBack(index, 0);
      }
      await check();
    }),
    { numRuns: 12, interruptAfterTimeLimit: 10_000 },
  );
  expect(said.size).toBeGreaterThan(2);
});
