import { type Consumer, type ConsumerOptions, type TimeSource, tracePosition } from '../../domain/index.ts';
import { Writer } from '../../ingest/index.ts';
import { InfluxMirror } from '../../mirror/index.ts';
import { compileAppliesTo, type RuleFileEntry } from '../../rules/index.ts';
import {
  ARCHIVE_CONSUMER,
  ARCHIVE_PACE,
  Archiver,
  QuarantineStore,
  ReadingStore,
  RefusalStore,
} from '../../storage/index.ts';
import { GoodsReadings, type PassVerdict, Tracer } from '../../trace/index.ts';
import { archiveHeadKeeper } from '../archive-head.ts';
import { influxOf } from '../config/index.ts';
import { publishRules } from '../rule-versions.ts';
import { type Evaluators, evaluatorsOf } from './evaluators.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

export interface ConsumersOptions {
  readonly storage: Storage;
  /** Rules of the configuration. */
  readonly rules: readonly RuleFileEntry[];
  readonly onVerdict: (verdict: PassVerdict) => void;
}

/** Those of the log's consumers that others wait for. */
export interface Consumers {
  readonly writer: Consumer;
  readonly tracer: Consumer;
  readonly evaluator: Evaluators;
}

/**
 * What takes the log, each part at its own pace: the writer stores readings, the tracer follows goods, the evaluator
 * judges, the archiver keeps what was received, the mirror copies. A part that runs in another process is made, not
 * started: the others can still wait for its checkpoint.
 */
export async function startConsumers(surroundings: Surroundings, options: ConsumersOptions): Promise<Consumers> {
  const { parts } = surroundings;
  const { storage, rules } = options;
  const writer = writerOf(surroundings, storage);
  const tracer = tracerOf(surroundings, options);
  const evaluator = evaluatorsOf(surroundings, storage, { writer, tracer });
  const archiver = archiverOf(surroundings, storage);
  await Promise.all([
    parts.has('ingest') && writer.start(),
    parts.has('trace') && tracer.start(),
    parts.has('rules') && evaluator.start(),
    parts.has('storage') && archiver.start(),
  ]);
  if (parts.has('trace')) await goodsReadingsOf(surroundings, storage, writer).start();
  if (parts.has('storage')) await mirrorOf(surroundings, storage, writer)?.start();
  // It waits for the tracer to have applied them.
  if (parts.has('trace')) await publishRules({ ...storage, rules, tracer, time: surroundings.time });
  return { writer, tracer, evaluator };
}

function consume({ lifetime }: Surroundings, { log }: Storage, options: ConsumerOptions): Consumer {
  const consumer = log.consumer(options);
  lifetime.started(() => consumer.stop());
  return consumer;
}

function writerOf(surroundings: Surroundings, storage: Storage): Consumer {
  const { database, partitions } = storage;
  return consume(surroundings, storage, {
    name: 'writer',
    families: ['readings'],
    isMandatory: true,
    // Nobody waits for a row as one waits for an alert, and COPY wants many rows at once.
    lingerMs: 20,
    handler: new Writer({
      readings: new ReadingStore({
        ...{ database, partitions },
        packs: surroundings.config.readings.pack ? surroundings.time : null,
      }),
      quarantine: new QuarantineStore({ database }),
      refusals: new RefusalStore({ database }),
      meter: surroundings.meter,
    }),
  });
}

function tracerOf(surroundings: Surroundings, { storage, onVerdict }: ConsumersOptions): Consumer {
  const { audit, database, facts, findings } = storage;
  const handler = new Tracer({
    ...{ ...tools(surroundings, 'trace'), audit, database, facts, findings, onVerdict },
    compileApplies: compileAppliesTo,
  });
  return consume(surroundings, storage, { name: 'tracer', families: ['trace'], isMandatory: true, handler });
}

function archiverOf(surroundings: Surroundings, storage: Storage): Consumer {
  return consume(surroundings, storage, {
    ...{ name: ARCHIVE_CONSUMER, families: ['originals'], isMandatory: true, ...ARCHIVE_PACE },
    handler: new Archiver({
      meter: surroundings.meter,
      onHead: archiveHeadKeeper(surroundings.config, surroundings.logger),
    }),
  });
}

/** Marks the goods that readings were measured around; judged they are by `judge-goods.ts`. */
function goodsReadingsOf(surroundings: Surroundings, storage: Storage, writer: Consumer): Consumer {
  const { ending } = surroundings.lifetime;
  return consume(surroundings, storage, {
    name: 'goods',
    families: ['readings'],
    // What it misses has every shipment judged again.
    isMandatory: false,
    lingerMs: 1_000,
    handler: new GoodsReadings({
      stored: (positions) => writer.passed(positions, ending),
      time: surroundings.time,
    }),
  });
}

/** Null where no InfluxDB is configured. */
function mirrorOf(surroundings: Surroundings, storage: Storage, writer: Consumer): Consumer | null {
  const { database, log } = storage;
  const { ending } = surroundings.lifetime;
  const influx = influxOf(surroundings.config);
  if (influx === null) return null;
  return consume(surroundings, storage, {
    name: 'influx',
    families: ['readings'],
    isMandatory: false,
    // Some ten requests a batch, and one a second where little comes.
    batchBytes: 1024 * 1024,
    lingerMs: 1_000,
    handler: new InfluxMirror({
      ...tools(surroundings, 'storage'),
      ...{ database, influx },
      stored: (positions) => writer.passed(positions, ending),
      storedUpTo: () => log.checkpoints('writer'),
      stopping: ending,
    }),
  });
}

/** Whether the tracer has applied everything up to a position of `trace`, within a time; false too while stopping. */
export function passedWithin(time: TimeSource, tracer: Pick<Consumer, 'passed'>) {
  return (position: number, timeoutMs: number): Promise<boolean> => {
    const late = new AbortController();
    const timer = time.after('tracer passed', timeoutMs, () => late.abort());
    // Too late, or stopping: it is in the log, but not applied yet.
    const passed = tracer.passed(tracePosition(position), late.signal).then(
      () => true,
      () => false,
    );
    return passed.finally(() => timer.cancel());
  };
}
