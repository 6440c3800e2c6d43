import {
  type DeviceContext,
  type Finding,
  type FindingChange,
  InputError,
  isPhysical,
  metricByCode,
  passWords,
  type RuleVersion,
  serverWords,
} from '../../domain/index.ts';
import { Engine } from '../engine/engine.ts';
import { compareFindings } from '../engine/published.ts';
import { WHOLE_TAIL } from '../engine/series.ts';
import { formatInstant } from '../file/instant.ts';
import type { RuleFileEntry } from '../file/rule-file.ts';
import { type DeviceRecord, Rulebook } from '../rulebook.ts';
import { GoodsBacktest, type GoodsInFile } from './goods-in-file.ts';
import { type Lines, type ReadingRow, ReadingsCsv } from './readings-csv.ts';

export interface Backtest {
  readonly rules: readonly RuleFileEntry[];
  /** Name of the rule file, for messages. */
  readonly rulesFile?: string;
  /** Lines of the readings file, without their line ends. */
  readonly lines: Lines;
  /** Name of the readings file, for messages. */
  readonly file: string;
  /** What `appliesTo` and gaps ask about devices; null where nothing is known. */
  readonly context: ReadonlyMap<string, DeviceContext> | null;
  /** What rules on goods judge; absent = nothing. */
  readonly goods?: readonly GoodsInFile[];
  /** What rules over passes find in the end, and each change with the moment at which it was known, epoch ms UTC. */
  readonly overPasses?: {
    readonly findings: readonly Finding[];
    readonly changes: readonly { readonly at: number; readonly change: FindingChange }[];
  };
  /** Only the final set, instead of every change. */
  readonly isFinal: boolean;
  /** Told about each reading that is not taken, with the stable code of its quarantine. */
  readonly onQuarantined?: (row: ReadingRow, reason: 'TIME_AHEAD' | 'VALUE_NOT_PHYSICAL') => void;
}

/** A reading further ahead of its arrival comes from a clock that is wrong. */
const MOST_AHEAD_MS = 10 * 60_000;

/**
 * Runs rules over a file of readings with the live engine, row by row in file order (docs/rules.md, "Backtest").
 *
 * @returns lines of JSON without line ends: the final set sorted by rule, key and from, or every change as it happened
 * @throws {InputError} BACKTEST_CONTEXT_MISSING if a rule has `appliesTo` and there is no context
 * @throws {InputError} READINGS_FILE_BAD with file and line
 */
export async function* backtest(given: Backtest): AsyncGenerator<string> {
  const run = new BacktestRun(given);
  const csv = new ReadingsCsv(given.file);
  /** What facts change that are received up to a moment. */
  function* received(until: number): Generator<string> {
    for (const { at, changes } of run.receive(until)) {
      for (const change of given.isFinal ? [] : changes) yield eventLine(change, at);
    }
  }
  for await (const block of given.lines) {
    for (const line of typeof block === 'string' ? [block] : block) {
      const row = csv.next(line);
      if (row === null) continue;
      yield* received(row.arrival);
      const changes = run.take(row);
      if (given.isFinal) continue;
      for (const change of [...changes, ...run.goodsChanges()]) yield eventLine(change, row.arrival);
    }
  }
  csv.end();
  yield* received(Number.POSITIVE_INFINITY);
  const { findings = [], changes = [] } = given.overPasses ?? {};
  if (given.isFinal) {
    for (const finding of [...run.present(), ...findings].sort(compareFindings)) yield JSON.stringify(lineOf(finding));
  } else for (const { at, change } of changes) yield eventLine(change, at);
}

/** A backtest under way: rows and ticks in, changes out. */
export class BacktestRun {
  readonly #engine: Engine;
  readonly #goods: GoodsBacktest;
  readonly #onQuarantined: Backtest['onQuarantined'];

  /** @throws {InputError} BACKTEST_CONTEXT_MISSING */
  constructor(given: Pick<Backtest, 'rules' | 'rulesFile' | 'context' | 'goods' | 'onQuarantined'>) {
    const recordOf = recordsOf(given.context);
    const versions = versionsOf(given);
    const book = new Rulebook(versions);
    this.#goods = new GoodsBacktest({ versions, goods: given.goods ?? [], context: given.context });
    this.#engine = new Engine({
      plan: book.planWith(recordOf),
      quality: book.qualityWith(recordOf),
      tail: WHOLE_TAIL,
    });
    this.#onQuarantined = given.onQuarantined;
  }

  /** Moves the clock; it never goes back. */
  tick(now: number): FindingChange[] {
    if (now <= this.#engine.now) return [];
    this.#engine.setNow(now);
    return this.#engine.flush(now);
  }

  /** Moves the clock to each moment up to `until` at which facts on goods are received. */
  *receive(until: number): Generator<{ readonly at: number; readonly changes: readonly FindingChange[] }> {
    for (let at = this.#goods.nextReceived(until); at !== null; at = this.#goods.nextReceived(until)) {
      const changes = this.tick(at);
      yield { at, changes: [...changes, ...this.#goods.changesByFacts(this.#engine.now)] };
    }
  }

  /** The clock moves with the row: what its arrival and its reading change is one step. */
  take(row: ReadingRow): FindingChange[] {
    if (row.arrival > this.#engine.now) this.#engine.setNow(row.arrival);
    const reason = reasonAgainst(row);
    if (reason === null) {
      this.#engine.applyOne(row.device, row.metric, row.time, row.value);
      this.#goods.take(row.device, row.metric, row.time, row.value);
    } else {
      this.#onQuarantined?.(row, reason);
    }
    return this.#engine.flush(row.arrival);
  }

  /** Sorted by rule, key and from. */
  present(): Finding[] {
    return [...this.#engine.present(), ...this.#goods.judge(this.#engine.now)].sort(compareFindings);
  }

  /** What changed in goods since it was last asked; each time all of it is judged anew. */
  goodsChanges(): FindingChange[] {
    return this.#goods.changes(this.#engine.now);
  }
}

function versionsOf({
  rules,
  rulesFile = 'rules',
  context,
}: Pick<Backtest, 'rules' | 'rulesFile' | 'context'>): RuleVersion[] {
  const asking = rules.find(({ rule }) => rule.appliesTo !== undefined);
  if (context === null && asking !== undefined) {
    throw new InputError(
      'BACKTEST_CONTEXT_MISSING',
      `${rulesFile}:${asking.line}: rule ${asking.rule.id} has appliesTo: --context must say what applies to which device`,
      { rule: asking.rule.id },
    );
  }
  return rules.map(({ rule, effectiveFrom }): RuleVersion => ({ rule, version: 1, effectiveFrom }));
}

/** A file says one thing of a device, for all of time. */
function recordsOf(context: Backtest['context']): (device: string) => DeviceRecord | undefined {
  return (device) => {
    const known = context?.get(device);
    if (known === undefined) return undefined;
    return { ...known, spans: [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, context: known }] };
  };
}

function reasonAgainst({ arrival, metric, time, value }: ReadingRow): 'TIME_AHEAD' | 'VALUE_NOT_PHYSICAL' | null {
  if (time > arrival + MOST_AHEAD_MS) return 'TIME_AHEAD';
  const definition = metricByCode(metric);
  return definition !== undefined && isPhysical(definition, value) ? null : 'VALUE_NOT_PHYSICAL';
}

function eventLine({ event, finding, reason }: FindingChange, arrival: number): string {
  // Of readings the lines themselves say it.
  const why = reason === undefined || finding.portal === undefined ? {} : { reason };
  return JSON.stringify({ ...lineOf(finding), event, arrival: formatInstant(arrival), ...why });
}

/** A finding as one line of a backtest shows it. */
export type FindingLine = {
  readonly rule: string;
  readonly key: string;
  readonly from: string;
  readonly to: string | null;
  readonly endedBy: Finding['endedBy'];
  readonly extreme: number | null;
  readonly readings: number;
  /** threshold only. */
  readonly minutesOutOfRange?: number;
  readonly detectedLate: boolean;
  /** Rules over passes only: how many, and what was found. */
  readonly serials?: number;
  readonly said?: string;
};

/** In words that an alert of it would have; a kind without any says what it is. */
function saidOf(finding: Finding): string {
  const words = passWords(finding);
  return words === null ? finding.kind : serverWords(words);
}

/** The order of the keys is part of the contract. */
export function lineOf(finding: Finding): FindingLine {
  const { rule, key, from, to, endedBy, extreme, readings, minutesOutOfRange, detectedLate, portal } = finding;
  return {
    rule,
    key,
    from: formatInstant(from),
    to: to === null ? null : formatInstant(to),
    endedBy,
    extreme,
    readings,
    ...(minutesOutOfRange === null ? {} : { minutesOutOfRange }),
    detectedLate,
    ...(portal !== undefined && { serials: portal.epcs.length }),
    ...(portal !== undefined && { said: portal.said ?? saidOf(finding) }),
  };
}
