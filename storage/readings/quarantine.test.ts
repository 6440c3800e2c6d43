import { expect, it } from 'vitest';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { type KeptEntry, type QuarantineEntry, QuarantineStore } from './quarantine.ts';

const database = await testDatabase();
const quarantine = new QuarantineStore({ database });
const TEN = Date.parse('2026-11-22T10:00:00Z');

function refused(position: number, index: number, changes: Partial<QuarantineEntry> = {}): QuarantineEntry {
  return {
    ...{ partition: 0, position, index, arrival: TEN + position, source: 'logger-1', reason: 'PAYLOAD_NOT_JSON' },
    ...{ topic: 'isotherm/v1/devices/logger-1/readings', detail: 'not JSON at byte 0', payload: 'eA==' },
    ...changes,
  };
}

function waiting(entry: QuarantineEntry): KeptEntry {
  return { ...entry, decision: null };
}

function keep(...entries: QuarantineEntry[]): Promise<void> {
  return database.transaction((client) => quarantine.keep(effectsOf(client), entries));
}

it('quarantine keeps what was refused once, newest first, in pages, of one source or of all', async () => {
  const anonymous = refused(3, 0, { source: null });
  await keep(refused(1, 0), refused(1, 1), refused(2, 0));
  await keep(refused(2, 0, { detail: 'redelivered' }), anonymous);
  const first = await quarantine.list({ limit: 3 });
  expect(first.items).toEqual([anonymous, refused(2, 0), refused(1, 1)].map(waiting));
  expect(await quarantine.list({ limit: 3, cursor: first.nextCursor ?? '' })).toEqual({
    items: [waiting(refused(1, 0))],
    nextCursor: null,
  });
  expect((await quarantine.list({ limit: 10, source: 'logger-1' })).items).toHaveLength(3);
});

it('quarantine keeps a message whose topic holds what no text column can', async () => {
  await keep(refused(9, 0, { source: 'odd', topic: 'a\0b\ud800', detail: '\0' }));
  expect((await quarantine.list({ limit: 1, source: 'odd' })).items).toEqual([
    waiting(refused(9, 0, { source: 'odd', topic: 'a\uFFFDb\uFFFD', detail: '\uFFFD' })),
  ]);
});

it('a decision is of those that wait, stays with the entry, and is not made twice', async () => {
  await keep(...[20, 21, 22].map((position) => refused(position, 0, { source: 'old' })));
  const [first, second, third] = await quarantine.waiting('old', 10, null);
  if (first === undefined || second === undefined || third === undefined) throw new Error('three wait');
  expect(await quarantine.waiting('old', 10, first)).toEqual([second, third]);
  const decided = { decision: 'adopted', at: TEN, by: 'olga', reason: 'a stored logger' } as const;
  const decide = (...places: KeptEntry[]) =>
    database.transaction((client) => quarantine.decide(effectsOf(client), places, decided));
  expect(await decide(first)).toBe(1);
  expect(await decide(first, second)).toBe(1);
  expect(await quarantine.get(first)).toEqual({ ...first, decision: decided });
  expect((await quarantine.waiting('old', 10, null)).map(({ position }) => position)).toEqual([22]);
  expect(await quarantine.get({ partition: 0, position: 999, index: 0 })).toBeNull();
});
