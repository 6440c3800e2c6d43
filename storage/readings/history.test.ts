import { expect, test } from 'vitest';
import { ReadingBuilder } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { PostgresHistory } from './history.ts';
import { ReadingStore } from './reading-store.ts';

const TEMPERATURE = 1;
const SECOND = 1_000;
/** Readings of a piece, and pieces: more than are looked at at first. */
const PIECE = 60;
const PIECES = 150;
const FIRST = Date.parse('2026-10-01T18:00:00Z');

const database = await testDatabase();
const history = new PostgresHistory({ database });

// An alert of a fast logger that brought its backlog showed none of the readings of its excursion: stretches of the day before
// were counted as if they held them. And of a thousand small stretches all were read for the first of them.
test('so many of a key in many small stretches are those that the plain table has, from either end', async () => {
  const store = new ReadingStore({ database, packs: { now: () => FIRST + 40 * 86_400_000 } });
  const times = Array.from({ length: PIECE * PIECES }, (_, n) => FIRST + n * 5 * SECOND);
  for (let from = 0; from < times.length; from += PIECE) {
    const builder = new ReadingBuilder();
    for (const time of times.slice(from, from + PIECE)) builder.add('fast', TEMPERATURE, time, 5);
    await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
  }
  const { rows } = await database.query('SELECT FROM packed_readings');
  expect(rows).toHaveLength(PIECES);
  const end = FIRST + times.length * 5 * SECOND;
  for (const at of [FIRST - 1, FIRST, FIRST + 1, ...[59, 60, 61, 4_321, 8_000].map((n) => times[n] as number), end]) {
    for (const limit of [1, 59, 60, 61, 500, 5_000, 20_000]) {
      const [after, before] = await Promise.all([
        history.read('fast', TEMPERATURE, at, end, limit),
        history.before('fast', TEMPERATURE, at, limit),
      ]);
      const which = `${limit} at ${at - FIRST}`;
      expect([...after.time], which).toEqual(times.filter((time) => time >= at).slice(0, limit));
      expect([...before.time], which).toEqual(times.filter((time) => time < at).slice(-limit));
    }
  }
});
