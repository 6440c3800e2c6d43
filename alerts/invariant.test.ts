import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding, FindingChange } from '../domain/index.ts';
import { effectsOf } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { at, excursion, MINUTE, Scene } from './testing/scene.ts';

const database = await testDatabase();
const scene = new Scene(database);
beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());

/** What re-evaluation leaves of a key's day: disjoint excursions, in minutes after 10:00; the last may be running. */
const day = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 6 })), { maxLength: 4 })
  .chain((steps) => fc.boolean().map((isRunning) => ({ steps, isRunning })))
  .map(({ steps, isRunning }) => {
    let minute = 0;
    const findings = steps.map(([gap, length]) => {
      const from = at('10:00') + (minute + gap) * MINUTE;
      minute += gap + length;
      const to = at('10:00') + minute * MINUTE;
      return excursion({ from, to, endedBy: 'recovery', runs: [{ from, to }] });
    });
    const last = findings.pop();
    if (last === undefined) return findings;
    return [...findings, isRunning ? { ...last, to: null, endedBy: null } : last];
  });

/** How a consumer tells the store that the day looks like this now. */
function changesBetween(before: readonly Finding[], after: readonly Finding[]): FindingChange[] {
  const kept = new Set(after.map(({ from }) => from));
  return [
    ...before.filter(({ from }) => !kept.has(from)).map((finding) => ({ event: 'retracted', finding }) as const),
    ...after.map((finding) => ({ event: 'extended', finding }) as const),
  ];
}

it('however a day is re-evaluated and whatever people do meanwhile, the alerts that stand are exactly its findings', async () => {
  const step = fc.record({ day, isSettled: fc.boolean(), deed: fc.constantFrom('none', 'acknowledge', 'resolve') });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      await scene.clear();
      let before: readonly Finding[] = [];
      for (const { day: after, isSettled, deed } of steps) {
        const changes = changesBetween(before, after);
        const [open] = (await scene.service.list({ state: ['open'], limit: 1 })).items;
        const applied = database.transaction((client) => scene.findings.apply(effectsOf(client), changes));
        // A person acts while the worker settles; whoever comes second is told or starts over.
        if (open !== undefined && deed !== 'none')
          await scene.service[deed](open.id, by('paula'), { comment: 'seen' }).catch(() => {});
        await applied;
        if (isSettled) await scene.worker.settled();
        before = after;
      }
      await scene.worker.settled();
      const alerts = await scene.alerts();
      const standing = alerts.filter(({ state }) => state !== 'retracted').toSorted((a, b) => a.from - b.from);
      expect(standing.map(({ from, to }) => [from, to])).toEqual(before.map(({ from, to }) => [from, to]));
      const ids = new Set(alerts.map(({ id }) => id));
      for (const { mergedInto, splitFrom, state } of alerts) {
        if (mergedInto !== null) expect([state, ids.has(mergedInto)]).toEqual(['retracted', true]);
        if (splitFrom !== null) expect(ids.has(splitFrom)).toBe(true);
      }
      expect((await database.query('SELECT FROM alert_work')).rowCount).toBe(0);
    }),
    { numRuns: 60 },
  );
}, 180_000);
