import { expect, it } from 'vitest';
import type { KeptFact } from '../domain/index.ts';
import { effectsOf } from './effects.ts';
import { PostgresFacts } from './facts.ts';
import { testDatabase } from './testing/database.ts';

const database = await testDatabase();
const facts = new PostgresFacts({ database });

const device = (position: number, name: string): KeptFact => ({
  position,
  arrival: 1_795_000_000_000 + position,
  fact: { type: 'device', by: 'ops', device: { id: `logger-${position}`, kind: 'logger', name, context: {} } },
});
const attachment: KeptFact = {
  position: 7,
  arrival: 1_795_000_000_007,
  fact: { type: 'attachment', by: 'ops', attachment: { device: 'logger-4', subject: null, from: 0.5 } },
};

it('facts come back as they were told, in log order, once each', async () => {
  const keep = (kept: KeptFact[]) => database.transaction((client) => facts.keep(effectsOf(client), kept));
  await keep([attachment, device(4, 'Kühlraum "Ost"\0')]);
  await keep([device(4, 'told again'), device(12, '')]);
  expect(await facts.all()).toEqual([device(4, 'Kühlraum "Ost"\0'), attachment, device(12, '')]);
  expect(await facts.all(['attachment', 'rule'])).toEqual([attachment]);
});
