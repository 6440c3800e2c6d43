import {
  type Finding,
  type HistoryScan,
  InputError,
  type Key,
  type KeyRuns,
  type KeyStretch,
  keyOf,
  type ReadingRun,
  type RuleVersion,
  runsOf,
  type TimeSource,
} from '../../domain/index.ts';
import { Engine } from '../engine/engine.ts';
import { compareFindings } from '../engine/published.ts';
import { BOUNDED_TAIL, type TailSize, WHOLE_TAIL } from '../engine/series.ts';
import { type DeviceRecord, Rulebook } from '../rulebook.ts';
import { type Comparison, compared } from './comparison.ts';

export interface HistoryBacktest {
  readonly proposed: readonly RuleVersion[];
  /** What judges now under the same ids; empty compares with nothing. */
  readonly inForce: readonly RuleVersion[];
  /** Keys to look at; those that no rule judges are passed over. */
  readonly keys: readonly Key[];
  /** Event times [from, to), epoch ms UTC. */
  readonly from: number;
  readonly to: number;
  /** The clock at the end: what is silent since, and still open. */
  readonly now: number;
}

export interface BacktestParts {
  readonly scan: HistoryScan;
  /** What is known of a device, over time. */
  readonly recordOf: (device: string) => DeviceRecord;
  /** What the versions find beside readings: in goods that share a moment with [from, to), in passes of that time. */
  readonly beside?: readonly AsyncIterable<BesideStep>[];
  readonly time: TimeSource;
}

/** How far it is with shipments or passes, and what was found in those since the step before. */
export interface BesideStep {
  readonly beside: { readonly what: 'shipments' | 'passes'; readonly all: number; readonly judged: number };
  readonly found: readonly Finding[];
  /** By the rules in force. */
  readonly before: readonly Finding[];
}

export interface BacktestProgress {
  /** Keys that a rule judges, and how many of them have been. */
  readonly keys: number;
  readonly judged: number;
  readonly readings: number;
  /** By the proposed rules, so far. */
  readonly findings: number;
  /** Shipments whose goods rules judge, and passes; none where no rule asks. */
  readonly beside: readonly BesideStep['beside'][];
}

export interface BacktestOutcome {
  readonly progress: BacktestProgress;
  /** By the proposed rules: by rule, key and from. */
  readonly found: readonly Finding[];
  readonly comparison: Comparison;
}

/** How far it is, again and again, then what came of it. */
export type HistoryBacktestStep = { readonly progress: BacktestProgress } | { readonly outcome: BacktestOutcome };

/** Some minutes of work; beyond it a shorter time, or fewer devices, say as much. */
export const MOST_READINGS = 100_000_000;
/** As many as somebody may want to download; each is some hundred bytes. */
export const MOST_FINDINGS = 20_000;
/** How long it may hold the thread that everything else runs on, and readings judged between two looks at the clock. */
const SLICE_MS = 8;
const READINGS_A_LOOK = 4_000;

/**
 * Judges stored readings in [from, to) as though they were all there is, key by key, with the live engine: what
 * `isotherm rules backtest --final` finds in a file of them (docs/rules.md, "Backtest over history").
 *
 * Gives way to whatever else the process has to do, and tells how far it is; whoever stops asking stops it.
 *
 * @throws {InputError} BACKTEST_TOO_LARGE past {@link MOST_READINGS} or {@link MOST_FINDINGS}
 */
export async function* backtestHistory(
  request: HistoryBacktest,
  { scan, recordOf, beside: others = [], time }: BacktestParts,
): AsyncGenerator<HistoryBacktestStep> {
  const books = [new Rulebook(request.proposed), new Rulebook(request.inForce)] as const;
  const found: Finding[] = [];
  const before: Finding[] = [];
  const turns = new Turns(time);
  const keys: Key[] = [];
  for (const key of request.keys) {
    const record = recordOf(key.device);
    if (books.some((book) => book.watches(key.metric, record).length > 0)) keys.push(key);
    await turns.giveWay();
  }
  const trials = [[books[0], found] as const, ...(request.inForce.length > 0 ? [[books[1], before] as const] : [])];
  const flags = await readBeside(request, scan, books);
  let judged = 0;
  let readings = 0;
  const asides = new Map<string, BesideStep['beside']>();
  const progress = () => ({
    keys: keys.length,
    judged,
    readings,
    findings: found.length,
    beside: [...asides.values()],
  });
  yield { progress: progress() };
  for await (const block of scan.runsBetween(keys, request.from, request.to)) {
    for (const [book, into] of trials) {
      const judgedWith = async (tail: TailSize) => {
        const engine = new Engine({ plan: book.planWith(recordOf), quality: book.qualityWith(recordOf), tail });
        // What rules ask of other metrics of these devices is there before they ask.
        for (const stretch of besideOf(block, flags)) {
          for (const run of runsOf(stretch.readings)) engine.apply(columnsOf(stretch, run));
          await turns.giveWay();
        }
        for (const key of block) await judgeRuns(engine, key, turns);
        engine.setNow(request.now);
        engine.flush(request.now);
        return engine;
      };
      let engine = await judgedWith(BOUNDED_TAIL);
      // Where a reading made one before it suspect whose past was in the tail no more.
      if (engine.parked().length > 0) engine = await judgedWith(WHOLE_TAIL);
      const own = new Set(block.map(keyOf));
      for (const finding of engine.present()) if (own.has(finding.key)) into.push(finding);
      await turns.giveWay();
    }
    judged += block.length;
    for (const { runs } of block) for (const run of runs) readings += run.count;
    if (readings > MOST_READINGS) throw tooLarge(`more than ${MOST_READINGS} readings`);
    if (Math.max(found.length, before.length) > MOST_FINDINGS) throw tooLarge(`more than ${MOST_FINDINGS} findings`);
    yield { progress: progress() };
  }
  for (const other of others) {
    for await (const step of other) {
      found.push(...step.found);
      before.push(...step.before);
      if (Math.max(found.length, before.length) > MOST_FINDINGS) throw tooLarge(`more than ${MOST_FINDINGS} findings`);
      asides.set(step.beside.what, step.beside);
      yield { progress: progress() };
      await turns.giveWay();
    }
  }
  found.sort(compareFindings);
  // Keys without a reading in the interval have been looked at too.
  judged = keys.length;
  const comparison = compared(before.sort(compareFindings), found);
  yield { outcome: { progress: progress(), found, comparison } };
}

/** The readings of metrics that rules on others ask, by device: few, of doors and defrosts. */
async function readBeside(
  { keys, from, to }: HistoryBacktest,
  scan: HistoryScan,
  books: readonly Rulebook[],
): Promise<ReadonlyMap<string, readonly KeyStretch[]>> {
  const asked = keys.filter(({ metric }) => books.some((book) => book.askedBeside.has(metric)));
  const beside = new Map<string, KeyStretch[]>();
  if (asked.length === 0) return beside;
  for await (const stretches of scan.between(asked, from, to)) {
    for (const stretch of stretches) beside.set(stretch.device, [...(beside.get(stretch.device) ?? []), stretch]);
  }
  return beside;
}

/** Of the devices of these keys, what is not among them. */
function besideOf(keys: readonly Key[], beside: ReadonlyMap<string, readonly KeyStretch[]>): KeyStretch[] {
  if (beside.size === 0) return [];
  const own = new Set(keys.map(keyOf));
  const devices = new Set(keys.map(({ device }) => device));
  return [...devices].flatMap((device) => (beside.get(device) ?? []).filter((stretch) => !own.has(keyOf(stretch))));
}

/** Lets the process do something else whenever a slice of time is used up. */
class Turns {
  readonly #time: TimeSource;
  #began: number;

  constructor(time: TimeSource) {
    this.#time = time;
    this.#began = time.monotonic();
  }

  async giveWay(): Promise<void> {
    if (this.#time.monotonic() - this.#began < SLICE_MS) return;
    await this.#time.sleep('backtest gives way', 0);
    this.#began = this.#time.monotonic();
  }
}

/** Of a key's readings those are read that may change something. */
async function judgeRuns(engine: Engine, key: KeyRuns, turns: Turns): Promise<void> {
  let sinceLook = 0;
  for (const run of key.runs) {
    if (!engine.passOver(key.device, key.metric, run)) engine.apply(columnsOf(key, run));
    sinceLook += run.count;
    if (sinceLook < READINGS_A_LOOK) continue;
    sinceLook = 0;
    await turns.giveWay();
  }
  await turns.giveWay();
}

function columnsOf({ device, metric }: Key, run: ReadingRun) {
  const { count, time, value } = run.newest(run.count);
  const columns = { device: new Uint32Array(count), metric: new Uint8Array(count).fill(metric), time, value };
  return { count, devices: [device], ...columns };
}

function tooLarge(what: string): InputError {
  return new InputError(
    'BACKTEST_TOO_LARGE',
    `${what} in one backtest, allowed: fewer; ask for a shorter time or fewer devices`,
    { readings: MOST_READINGS, findings: MOST_FINDINGS },
  );
}
