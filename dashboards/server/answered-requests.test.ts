import { expect, test } from 'vitest';
import { ConflictError, type KeyedAct, ManualTime } from '../../domain/index.ts';
import { effectsOf } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { AnsweredRequests, type KeptAnswer } from './answered-requests.ts';

const database = await testDatabase();
const time = new ManualTime(Date.parse('2026-11-20T08:00:00Z'));
const request = (key: string) => ({
  ...{ who: 'user:1', key, door: 'POST /api/v1/exceptions', payload: Buffer.from('{}') },
});
const killed = () => new Promise<KeptAnswer>(() => {});

await database.query('CREATE TABLE made_things (id int GENERATED ALWAYS AS IDENTITY, name text)');

/** Makes a thing with its mark, as operations do. @returns its id */
async function make(name: string, act: KeyedAct): Promise<string> {
  return database.transaction(async (client) => {
    const { rows } = await client.query('INSERT INTO made_things (name) VALUES ($1) RETURNING id', [name]);
    await act.mark(effectsOf(client), String(rows[0]?.id));
    return String(rows[0]?.id);
  });
}

async function count(name: string): Promise<number> {
  const { rows } = await database.query<{ n: number }>('SELECT count(*) AS n FROM made_things WHERE name = $1', [name]);
  return rows[0]?.n ?? 0;
}

const answerOf = async (name: string, act: KeyedAct) => ({ status: 201, body: act.made ?? (await make(name, act)) });
/** A process of its own, as after a start. */
const anew = () => new AnsweredRequests({ database, time });
/** Begins a request in a process that is killed at it. */
const killedAt = (asked: ReturnType<typeof request>) =>
  new Promise<void>((resolve) => {
    void anew().once(asked, () => {
      resolve();
      return killed();
    });
  });

test('killed after it was made and before it was answered: who asks again is told of what was made, at once', async () => {
  const made = new Promise<string>((resolve) => {
    void anew().once(request('a'), async (act) => {
      resolve(await make('a', act));
      return killed();
    });
  });
  const id = await made;
  expect(await anew().once(request('a'), (act) => answerOf('a', act))).toEqual({ status: 201, body: id });
  expect(await anew().once(request('a'), killed)).toEqual({ status: 201, body: id });
  expect(await count('a')).toBe(1);
});

test('killed before it was made: it is made by who asks again, at once', async () => {
  await killedAt(request('b'));
  expect(await anew().once(request('b'), (act) => answerOf('b', act))).toMatchObject({ status: 201 });
  expect(await count('b')).toBe(1);
});

test('of two attempts at the same moment one makes it, and the other leaves nothing behind', async () => {
  const attempts = [1, 2].map(() => anew().once(request('c'), (act) => answerOf('c', act)));
  const outcomes = await Promise.allSettled(attempts);
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  for (const reason of refused) expect(reason).toMatchObject({ code: 'REQUEST_UNDER_WAY' });
  expect(refused.length).toBeLessThan(2);
  expect(await count('c')).toBe(1);
});

test('refused since another attempt was first: asked again it is answered as that one', async () => {
  const open = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const second = anew().once(request('f'), async () => {
    begun.resolve();
    await open.promise;
    throw new ConflictError('THING_MADE', 'somebody has made it');
  });
  await begun.promise;
  const first = await anew().once(request('f'), (act) => answerOf('f', act));
  open.resolve();
  await expect(second).rejects.toMatchObject({ code: 'REQUEST_UNDER_WAY' });
  expect(await anew().once(request('f'), killed)).toEqual(first);
});

test('what came after the making failed: the next attempt makes nothing anew', async () => {
  const failing = anew().once(request('d'), async (act) => {
    await make('d', act);
    throw new Error('the view could not be read');
  });
  await expect(failing).rejects.toThrow(/could not be read/);
  expect(await anew().once(request('d'), (act) => answerOf('d', act))).toMatchObject({ status: 201 });
  expect(await count('d')).toBe(1);
});

// A settlement that was made impossible while its answer was away was said to be under way for ever.
test('refused when it is asked again after a kill: the refusal is its answer', async () => {
  await new Promise<void>((resolve) => {
    void anew().once(request('e'), async (act) => {
      await make('e', act);
      resolve();
      return killed();
    });
  });
  const again = anew().once(request('e'), async () => {
    throw new ConflictError('THING_GONE', 'somebody else was first');
  });
  await expect(again).rejects.toMatchObject({ code: 'THING_GONE' });
});
