import { expect, it } from 'vitest';
import { PostgresConsumerState } from './consumer-state.ts';
import { effectsOf } from './effects.ts';
import { testDatabase } from './testing/database.ts';

const database = await testDatabase();
const state = new PostgresConsumerState({ database });
const bytes = (text: string) => new TextEncoder().encode(text);

it('the state of a consumer is what the last committed transaction said, and nothing of one that was rolled back', async () => {
  expect(await state.load('evaluator')).toBeNull();
  await database.transaction((client) => state.save(effectsOf(client), 'evaluator', bytes('one')));
  await database.transaction((client) => state.save(effectsOf(client), 'evaluator', bytes('two')));
  const failed = database.transaction(async (client) => {
    await state.save(effectsOf(client), 'evaluator', bytes('three'));
    throw new Error('broken');
  });
  await expect(failed).rejects.toThrow('broken');
  expect(new TextDecoder().decode((await state.load('evaluator')) ?? undefined)).toBe('two');
  expect(await state.load('tracer')).toBeNull();
});
