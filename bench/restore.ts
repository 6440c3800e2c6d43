/**
 * How long the evaluator takes to take up its state after a restart: 100,000 devices with 10 rules each, from the tables
 * of a real embedded database, with the findings that are present. Prints seconds a phase: reading the tails alone,
 * and `Evaluator.restore` as the platform calls it, after it has judged the stored readings once.
 *
 * node bench/restore.ts [DEVICES, default 100000] [readings a device, default 40]
 */
import {
  encodeJson,
  type Facts,
  type Finding,
  type FindingStore,
  findingId,
  type KeptFact,
  type LogBatch,
  type LogRecord,
  type Rule,
  silentLogger,
  silentMeter,
  systemTime,
  type Tick,
} from '../domain/index.ts';
import { BOUNDED_TAIL, Engine, Evaluator, Rulebook } from '../rules/index.ts';
import {
  effectsOf,
  PostgresConsumerState,
  PostgresFindings,
  PostgresHistory,
  PostgresHistoryScan,
} from '../storage/index.ts';
import { storedReadings, UNTIL } from './stored-readings.ts';

const devices = Number(process.argv[2] ?? 100_000);
const minutes = Number(process.argv[3] ?? 40);
const MINUTE = 60_000;
const RULES = Array.from(
  { length: 10 },
  (_, i): Rule => ({
    ...{ id: `rule-${i}`, kind: 'threshold', metric: 'temperature', severity: 'critical', gap: 'unknown' },
    ...{ above: 8 + i / 4, below: 2 - i / 4, forMs: 5 * MINUTE, keepFiringForMs: i % 2 === 0 ? 0 : 15 * MINUTE },
  }),
);
const FACTS = RULES.map(
  (rule, i): KeptFact => ({
    ...{ position: i + 1, arrival: 0 },
    fact: { type: 'rule', by: 'bench', version: { rule, version: 1, effectiveFrom: null } },
  }),
);
const facts: Facts = { keep: async () => {}, all: async () => FACTS };

const say = (name: string, text: string) => process.stdout.write(`${name.padEnd(60)} ${text}\n`);
async function timed<T>(name: string, work: () => Promise<T>, more: (result: T) => string = () => ''): Promise<T> {
  const from = systemTime.monotonic();
  const result = await work();
  say(name, `${((systemTime.monotonic() - from) / 1_000).toFixed(2)} s${more(result)}`);
  return result;
}

const { database, close } = await timed(`filling ${devices} devices with ${minutes} readings`, () =>
  storedReadings(devices, minutes),
);
try {
  const history = new PostgresHistory({ database });
  const scan = new PostgresHistoryScan({ database });
  const store = new PostgresFindings({ database });
  await timed(
    'judging them, for the findings that will be present',
    () => findAll(scan, store),
    (n) => `, ${n} findings`,
  );

  await timed(
    'reading the tails of all keys, nothing else',
    async () => {
      let readings = 0;
      for await (const tails of scan.newest(BOUNDED_TAIL.most, null))
        for (const tail of tails) readings += tail.readings.count;
      return readings;
    },
    (n) => `, ${n} readings`,
  );
  await timed(
    'reading the findings that are present',
    () => store.present(['threshold']),
    (found) => `, ${found.length}`,
  );

  const logger = { ...silentLogger, info: (fields: object) => say('  the evaluator says', JSON.stringify(fields)) };
  const evaluator = new Evaluator({
    ...{ findings: store, history, scan, facts, time: systemTime, meter: silentMeter, logger },
    ...{ ready: async () => {}, storedUpTo: async () => ({}), consumerState: new PostgresConsumerState({ database }) },
  });
  await timed(`restore, ${devices} devices × ${RULES.length} rules`, () =>
    evaluator.restore({ 'trace/0': RULES.length, 'readings/0': 1 }),
  );
  const before = await changesTold();
  const tick: Tick = { now: UNTIL, heads: {} };
  await timed(
    'the first tick after it',
    async () => {
      await database.transaction((client) => evaluator.handle(batchOf(tick), effectsOf(client)));
      return changesTold();
    },
    (n) => `, ${n - before} findings changed`,
  );
  const memory = process.memoryUsage();
  say('memory', `${Math.round((memory.heapUsed + memory.arrayBuffers) / 2 ** 20)} MiB`);
} finally {
  await close();
}

/** What a platform that has been running would have found and stored. */
async function findAll(scan: PostgresHistoryScan, store: FindingStore): Promise<number> {
  const book = new Rulebook(RULES.map((rule) => ({ rule, version: 1, effectiveFrom: null })));
  const engine = new Engine({ plan: book.planWith(() => undefined), tail: BOUNDED_TAIL });
  const present = new Map<string, Finding>();
  for await (const tails of scan.newest(minutes, null)) {
    for (const { device, metric, readings } of tails) {
      engine.apply({
        ...{ count: readings.count, devices: [device], device: new Uint32Array(readings.count) },
        ...{ metric: new Uint8Array(readings.count).fill(metric), time: readings.time, value: readings.value },
      });
    }
    for (const { finding } of engine.flush(0)) present.set(findingId(finding), finding);
  }
  engine.setNow(UNTIL);
  for (const { finding } of engine.flush(0)) present.set(findingId(finding), finding);
  const changes = [...present.values()].map((finding) => ({ event: 'opened' as const, finding }));
  for (let at = 0; at < changes.length; at += 10_000) {
    await database.transaction((client) => store.apply(effectsOf(client), changes.slice(at, at + 10_000)));
  }
  return changes.length;
}

async function changesTold(): Promise<number> {
  const { rows } = await database.query<{ n: number }>('SELECT count(*) AS n FROM finding_changes');
  return rows[0]?.n ?? 0;
}

function batchOf(tick: Tick): LogBatch {
  const record: LogRecord = {
    ...{ family: 'trace', partition: 0, kind: 'tick', version: 1, source: 'bench', sequence: null },
    ...{ arrival: UNTIL, position: RULES.length + 1, payload: encodeJson(tick) },
  };
  return { family: 'trace', partition: 0, records: [record] };
}
