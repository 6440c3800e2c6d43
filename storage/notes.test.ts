import { expect, it } from 'vitest';
import { effectsOf } from './effects.ts';
import { PostgresNotes } from './notes.ts';
import { testDatabase } from './testing/database.ts';

const database = await testDatabase();
const notes = new PostgresNotes({ database });
const bytes = (text: string) => new TextEncoder().encode(text);

it('a note holds what the last committed transaction said, and nothing of one that was rolled back', async () => {
  expect(await notes.load('evaluator')).toBeNull();
  await database.transaction((client) => notes.save(effectsOf(client), 'evaluator', bytes('one')));
  await database.transaction((client) => notes.save(effectsOf(client), 'evaluator', bytes('two')));
  const failed = database.transaction(async (client) => {
    await notes.save(effectsOf(client), 'evaluator', bytes('three'));
    throw new Error('broken');
  });
  await expect(failed).rejects.toThrow('broken');
  expect(new TextDecoder().decode((await notes.load('evaluator')) ?? undefined)).toBe('two');
  expect(await notes.load('tracer')).toBeNull();
});
