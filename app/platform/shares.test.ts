import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type ConsumerHandler,
  encodeJson,
  type NewRecord,
  silentLogger,
  silentMeter,
  slotOf,
  systemTime,
  type TimeSource,
} from '../../domain/index.ts';
import { EVALUATOR, memoryOf, sharesOf } from '../../rules/index.ts';
import {
  clientOf,
  effectsOf,
  enterShares,
  forgetFormer,
  ownerOf,
  PostgresConsumerState,
  PostgresLog,
  PostgresOwnership,
  sharesInForce,
} from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { eventually } from '../../tests/api.ts';
import { PATIENCE_MS } from '../../tests/testing/bounds.ts';
import { underWay } from '../../tests/testing/under-way.ts';
import { evaluatorConsumer } from '../processes.ts';
import { takeOver } from './share-handover.ts';
import { passedByShares } from './share-progress.ts';
import { ShareTurns } from './share-turns.ts';

const database = await testDatabase();
await database.query('CREATE TABLE had (consumer text, position bigint)');
const opened: Worker[] = [];

/** The machine's clock, but for while its process stands still: what comes due meanwhile happens when it goes on. */
class StandingClock implements TimeSource {
  #still: { readonly at: number; readonly over: PromiseWithResolvers<void> } | null = null;

  stands(): void {
    this.#still = { at: systemTime.monotonic(), over: Promise.withResolvers() };
  }

  goesOn(): void {
    const still = this.#still;
    this.#still = null;
    still?.over.resolve();
  }

  /** Resolves at once while the process runs. */
  running(): Promise<void> {
    return this.#still?.over.promise ?? Promise.resolve();
  }

  now = () => systemTime.now();
  monotonic = () => this.#still?.at ?? systemTime.monotonic();
  after = (name: string, ms: number, run: () => void) =>
    systemTime.after(name, ms, () => void this.running().then(run));
  every = (name: string, ms: number, run: () => void) =>
    systemTime.every(name, ms, () => {
      if (this.#still === null) run();
    });
  sleep = async (name: string, ms: number, signal?: AbortSignal) => {
    await systemTime.sleep(name, ms, signal);
    await this.running();
  };
}

/** What a process has of the evaluator, with a handler that only writes down what it was given. */
class Worker {
  readonly clock = new StandingClock();
  readonly ownership = new PostgresOwnership({ database, time: this.clock });
  readonly log = new PostgresLog({
    ...{ database, time: this.clock, logger: silentLogger, meter: silentMeter },
    limits: { standbyMs: 5, firstPauseMs: 1, pollMs: 200, passedPollMs: 5 },
  });
  /** How often each consumer was given to this worker. */
  readonly taken = new Map<string, number>();
  readonly own = new Set<string>();
  readonly turns: ShareTurns;
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
    const isInForce = async () => (await sharesInForce(database, EVALUATOR)) === count;
    this.turns = new ShareTurns({
      consumers: sharesOf(count).map(({ name }) => name),
      ...{ isInForce, ownership: this.ownership, time: this.clock, logger: silentLogger },
    });
  }

  async start(): Promise<this> {
    opened.push(this);
    await this.log.start();
    const consumers = sharesOf(this.#count).map(({ name }) =>
      this.log.consumer({ ...evaluatorConsumer(name), turns: this.turns, handler: this.#handlerOf(name) }),
    );
    await this.turns.look();
    await Promise.all(consumers.map((consumer) => consumer.start()));
    return this;
  }

  async stop(): Promise<void> {
    this.clock.goesOn();
    await this.log.stop();
    await this.turns.stop();
  }

  #handlerOf(name: string): ConsumerHandler {
    return {
      restore: async () => {
        this.own.add(name);
        this.taken.set(name, (this.taken.get(name) ?? 0) + 1);
      },
      released: () => void this.own.delete(name),
      handle: async ({ records }, effects) => {
        const positions = records.map(({ position }) => position);
        await this.clock.running();
        await clientOf(effects).query('INSERT INTO had SELECT $1, unnest($2::bigint[])', [name, positions]);
      },
    };
  }
}

/** Looks in turn until each has as many shares as given. */
async function until(workers: readonly Worker[], counts: readonly number[]): Promise<void> {
  await eventually(
    'the shares are handed out',
    async () => {
      for (const { turns } of workers) await turns.look();
      return workers.map(({ own }) => own.size);
    },
    (sizes) => isDeepStrictEqual(sizes, counts),
  );
}

async function append(log: PostgresLog, count: number): Promise<number> {
  const fact: NewRecord = {
    ...{ family: 'trace', kind: 'fact', version: 1, source: 'test', sequence: null },
    ...{ arrival: 0, payload: encodeJson({}) },
  };
  const receipts = await log.append(Array.from({ length: count }, () => fact));
  return receipts.at(-1)?.position ?? 0;
}

/** Whoever works has had everything up to a position, once. */
async function haveHad(count: number, position: number): Promise<void> {
  const each = await eventually(
    'all shares have had all',
    async () => {
      const { rows } = await database.query<{ consumer: string; n: number; had: number }>(
        'SELECT consumer, count(*) AS n, count(DISTINCT position) AS had FROM had GROUP BY consumer ORDER BY consumer',
      );
      return rows;
    },
    (rows) => rows.length === count && rows.every(({ had }) => had >= position),
  );
  expect(each).toEqual(sharesOf(count).map(({ name }) => ({ consumer: name, n: position, had: position })));
}

const dividing = ({ log, ownership }: Worker, count: number) =>
  takeOver({ ...{ database, log, ownership, count }, time: systemTime, logger: silentLogger });

beforeEach(async () => {
  await database.query('TRUNCATE had, log_consumers, log_checkpoints, consumer_shares, consumer_state');
});

afterEach(async () => {
  for (const worker of opened.splice(0)) await worker.stop();
});

it('processes take shares evenly as they come and go, and each record is had once by each share', async () => {
  expect(await enterShares(database, EVALUATOR, 4)).toBe(4);
  const first = await new Worker(4).start();
  await until([first], [4]);
  await append(first.log, 3);
  const second = await new Worker(4).start();
  await until([first, second], [2, 2]);
  // Two have moved, no more; nobody has taken anything twice.
  expect([...first.taken.values(), ...second.taken.values()]).toEqual([1, 1, 1, 1, 1, 1]);
  await append(second.log, 3);
  const third = await new Worker(4).start();
  await until([first, second, third], [2, 1, 1]);
  await append(third.log, 3);
  await first.stop();
  opened.splice(opened.indexOf(first), 1);
  await until([second, third], [2, 2]);
  await append(third.log, 3);
  await haveHad(4, 12);
});

it('more processes than shares stand by, and take a share once one is free', async () => {
  await enterShares(database, EVALUATOR, 2);
  const workers = [await new Worker(2).start(), await new Worker(2).start(), await new Worker(2).start()];
  await until(workers, [1, 1, 0]);
  const [first, ...others] = workers;
  await first?.stop();
  opened.shift();
  await until(others, [1, 1]);
});

it('a process that stands still past its leases is replaced, and does nothing of its shares when it is back', async () => {
  await enterShares(database, EVALUATOR, 2);
  const first = await new Worker(2).start();
  await until([first], [2]);
  const second = await new Worker(2).start();
  await until([first, second], [1, 1]);
  await haveHad(2, await append(second.log, 3));

  first.clock.stands();
  // It has begun with them, and stands in the middle of its transaction.
  const position = await append(second.log, 3);
  const [share = ''] = first.own;
  const names = [ownerOf(share), 'seat:evaluator-1-of-2:1'];
  // Not before the lease of whoever stands has run out; here it has.
  await database.query(`UPDATE owners SET until = '-infinity' WHERE name = ANY ($1)`, [names]);
  await until([second], [2]);
  await haveHad(2, position);

  first.clock.goesOn();
  await until([first, second], [1, 1]);
  await haveHad(2, await append(first.log, 3));
});

it('another number takes over from where they stood once nobody is at work, and not before', async () => {
  await enterShares(database, EVALUATOR, 2);
  const former = await new Worker(2).start();
  await until([former], [2]);
  const position = await append(former.log, 5);
  await haveHad(2, position);
  const next = new Worker(3);
  await next.log.start();
  opened.push(next);
  expect(await dividing(next, 3)).toBe(false);
  expect(await sharesInForce(database, EVALUATOR)).toBe(2);
  await former.stop();
  opened.splice(opened.indexOf(former), 1);
  // One of them is behind the other, which has heard of a tick more.
  await database.query(`UPDATE log_checkpoints SET position = position - 2 WHERE consumer = 'evaluator-1-of-2'`);
  const states = new PostgresConsumerState({ database });
  const memory = { now: 10, parked: [{ device: 'logger-1', metric: 1, from: 1, to: 2 }] };
  await database.transaction((client) => states.save(effectsOf(client), 'evaluator-2-of-2', encodeJson(memory)));

  expect(await dividing(next, 3)).toBe(true);
  expect(await dividing(next, 3)).toBe(false);
  const held = (await next.log.lag()).map(({ consumer, family, checkpoint }) => ({ consumer, family, checkpoint }));
  expect(held.filter(({ family }) => family === 'trace')).toEqual(
    sharesOf(3).map(({ name }) => ({ consumer: name, family: 'trace', checkpoint: position })),
  );
  const memories = await Promise.all(
    sharesOf(3).map(async ({ name, slots }) => ({ slots, memory: memoryOf(await states.load(name)) })),
  );
  for (const { slots, memory } of memories) {
    const own = memory.origins ?? [];
    expect(own.flatMap(({ slots }) => slots).toSorted((a, b) => a - b)).toEqual([...slots]);
    expect(own.map(({ checkpoints, now }) => [checkpoints['trace/0'], now])).toEqual([
      [position - 2, null],
      [position, 10],
    ]);
    expect(memory.parked.length).toBe(slots.has(slotOf('logger-1')) ? 1 : 0);
  }
  expect(await states.load('evaluator-2-of-2')).toBeNull();

  // A process that had not heard of it enters the former ones: they would hold the log for ever.
  await database.query(`INSERT INTO log_consumers VALUES ('evaluator-1-of-2', true, 0, 0)`);
  await forgetFormer(database, EVALUATOR, 2, ['evaluator-1-of-2']);
  await forgetFormer(database, EVALUATOR, 3, ['evaluator-1-of-3']);
  expect(new Set((await next.log.lag()).map(({ consumer }) => consumer))).toEqual(
    new Set(sharesOf(3).map(({ name }) => name)),
  );
});

it('acknowledgements go on in a process that judges nothing, while the others change their number, and it knows who has come how far', async () => {
  await enterShares(database, EVALUATOR, 2);
  const door = new PostgresLog({
    ...{ database, time: systemTime, logger: silentLogger, meter: silentMeter },
    limits: { pollMs: 200 },
  });
  await door.start();
  const former = await new Worker(2).start();
  await until([former], [2]);
  let [isOver, longestMs, last] = [false, 0, 0];
  const send = async () => {
    while (!isOver) {
      const from = systemTime.monotonic();
      last = await append(door, 1);
      longestMs = Math.max(longestMs, systemTime.monotonic() - from);
    }
  };
  const sending = underWay(send());
  const more = async () => {
    const enough = last + 20;
    await sending.until('20 more are appended', () => last >= enough);
  };
  await more();
  await former.stop();
  opened.splice(opened.indexOf(former), 1);
  await more();
  const next = new Worker(3);
  await next.log.start();
  expect(await dividing(next, 3)).toBe(true);
  await more();
  await next.log.stop();
  const judging = await new Worker(3).start();
  await until([judging], [3]);
  await more();
  isOver = true;
  await sending.end;
  // As the door waits before it answers for a file of a logger.
  const progress = { database, log: door, time: systemTime };
  await passedByShares(progress, { 'trace/0': last }, AbortSignal.timeout(PATIENCE_MS));
  const { rows } = await database.query<{ had: number }>(
    `SELECT count(DISTINCT position)::int AS had FROM had GROUP BY consumer`,
  );
  expect(rows.length).toBe(5);
  const early = passedByShares(progress, { 'trace/0': last + 1 }, AbortSignal.timeout(200));
  await expect(early).rejects.toMatchObject({ name: 'TimeoutError' });
  process.stderr.write(`longest wait for an acknowledgement over a change of shares: ${Math.round(longestMs)} ms\n`);
  expect(longestMs).toBeLessThan(5_000);
  await door.stop();
});
