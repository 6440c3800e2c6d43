import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Excursion } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { at, excursion, pallet, Scene, sgtin } from './testing/scene.ts';

const published: (Excursion | { readonly retracted: string })[] = [];
const scene = new Scene(await testDatabase(), {
  excursions: {
    tell: async (_, one) => void published.push(one),
    retract: async (_, id) => void published.push({ retracted: id }),
  },
});
beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());

test('partners hear of an excursion when it is found, when it has ended, and when it did not happen', async () => {
  scene.exposed.set('logger-7', [pallet(1), pallet(2, { unit: null })]);
  const readings = [
    [at('09:55'), 5.1],
    [at('10:00'), 8.4],
    [at('10:10'), 9.1],
    [at('10:20'), 7.9],
  ] as const;
  scene.readings.set('logger-7', readings.slice(0, 3));
  await scene.found({ event: 'opened', finding: excursion({ readings: 2, to: at('10:10') }) });
  scene.readings.set('logger-7', readings);
  const ended = excursion({ readings: 2, to: at('10:20'), endedBy: 'recovery' });
  await scene.found({ event: 'closed', finding: ended });
  await scene.found({ event: 'retracted', finding: ended });
  const [alert] = await scene.alerts();
  const id = alert?.id ?? '';
  const found = { id, device: 'logger-7', metric: 'temperature', from: at('10:00'), epcs: [sgtin(1), sgtin(2)] };
  const during = [
    { time: at('10:00'), value: 8.4 },
    { time: at('10:10'), value: 9.1 },
  ];
  expect(published).toEqual([
    { ...found, to: null, readings: during },
    { ...found, to: at('10:20'), readings: during },
    { retracted: id },
  ]);
});
