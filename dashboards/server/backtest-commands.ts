import {
  type Exposure,
  type Facts,
  type FactType,
  type Finding,
  type GoodsDesk,
  type HistoryScan,
  InputError,
  isPassRule,
  type Key,
  type RuleVersion,
  type TimeSource,
  UnavailableError,
} from '../../domain/index.ts';
import {
  type BacktestOutcome,
  backtestHistory,
  Contexts,
  lineOf,
  parseRule,
  parseRules,
  type RuleFile,
} from '../../rules/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import { type BacktestFinding, type BacktestInput, type BacktestLine, formatTime } from '../api/index.ts';
import type { Directory } from './directory.ts';
import { triedOnGoods, triedOnPasses } from './goods-trial.ts';
import { notFound } from './problems.ts';
import { inForceAt } from './rule-commands.ts';
import { touchedSerials } from './touched-serials.ts';

export interface BacktestCommandsOptions {
  readonly directory: Directory;
  readonly facts: Facts;
  readonly scan: HistoryScan;
  readonly goods: Pick<GoodsDesk, 'goods' | 'shipmentsDuring'>;
  readonly exposure: Pick<Exposure, 'affected'>;
  readonly trace: Pick<TraceQueries, 'triedRules'>;
  readonly time: TimeSource;
}

/** Facts that decide which devices a rule applies to, and when. */
const CONTEXT_FACTS: readonly FactType[] = ['device', 'asn', 'attachment', 'place'];
/** Backtests share one thread with everything else. */
const MOST_AT_ONCE = 2;

/** How far a backtest is, then what came of it. */
export type BacktestStep = Exclude<BacktestLine, { readonly problem: unknown }>;

/** Where people try rules on history before they make them judge. */
export class BacktestCommands {
  readonly #options: BacktestCommandsOptions;
  #running = 0;

  constructor(options: BacktestCommandsOptions) {
    this.#options = options;
  }

  /**
   * Reads and judges as far as it is asked; whoever returns early stops it.
   *
   * @throws {InputError} RULE_FILE_BAD, SHIPMENT_UNKNOWN, BACKTEST_TOO_LARGE
   * @throws {UnavailableError} BACKTEST_BUSY
   */
  async *run(asked: BacktestInput): AsyncGenerator<BacktestStep> {
    if (this.#running >= MOST_AT_ONCE) {
      throw new UnavailableError('BACKTEST_BUSY', `${MOST_AT_ONCE} backtests are running, allowed: no more at once`);
    }
    this.#running++;
    try {
      yield* this.#run(asked);
    } finally {
      this.#running--;
    }
  }

  async *#run(asked: BacktestInput): AsyncGenerator<BacktestStep> {
    const { facts, scan, time } = this.#options;
    const file = rulesOf(asked.rules);
    const contexts = new Contexts({ onRefused: () => {} });
    contexts.add(await facts.all(CONTEXT_FACTS));
    const { from, to, devices } = scopeOf(asked, contexts);
    const proposed = file.rules.map(({ rule, effectiveFrom }): RuleVersion => ({ rule, version: 1, effectiveFrom }));
    const inForce = await this.#inForce(proposed);
    const now = Math.max(from, Math.min(to, time.now()));
    const keys = (await scan.keys()).filter((key: Key) => devices === null || devices.has(key.device));
    const asAsked = {
      ...{ from: formatTime(from), to: formatTime(to), now: formatTime(now) },
      rules: proposed.map(({ rule }) => ({ id: rule.id, inForce: inForce.get(rule.id)?.version ?? null })),
      warnings: [
        ...file.warnings.map((warning) => warning.replace(/^rules:/, 'line ')),
        ...(asked.devices === undefined
          ? []
          : proposed.flatMap(({ rule }) =>
              isPassRule(rule) ? `${rule.id}: judges passes, which are of no device; leave out devices` : [],
            )),
      ],
    };
    const versions = { proposed, inForce: [...inForce.values()].map(alwaysInForce) };
    const run = backtestHistory(
      { ...{ from, to, now, keys }, ...versions },
      {
        ...{ scan, time, recordOf: (device) => contexts.recordOf(device) },
        beside: [
          triedOnGoods({ ...versions, from, to: now, shipment: asked.shipment }, this.#options),
          // Of a device there are no passes.
          ...(asked.devices === undefined ? [triedOnPasses({ ...versions, from, to: now }, this.#options)] : []),
        ],
      },
    );
    for await (const step of run) {
      if ('progress' in step) yield { progress: progressOf(step.progress) };
      else yield { result: { ...asAsked, ...resultOf(step.outcome), ...(await this.#touched(step.outcome)) } };
    }
  }

  /** How many serials there are in it, by the rules that are tried and by those in force. */
  async #touched({ found, comparison: { closed, kept, changed } }: BacktestOutcome) {
    const { exposure } = this.#options;
    const before = [...closed, ...kept, ...changed.flatMap((one) => one.before)];
    return {
      serials: await touchedSerials(exposure, found),
      inForce: { findings: before.length, serials: await touchedSerials(exposure, before) },
    };
  }

  /** The versions of the proposed rules that judge now, by id. */
  async #inForce(proposed: readonly RuleVersion[]): Promise<ReadonlyMap<string, RuleVersion>> {
    const { directory, time } = this.#options;
    const { rules } = await directory.registered();
    const now = time.now();
    const inForce = new Map<string, RuleVersion>();
    for (const { rule } of proposed) {
      const versions = [...rules.values()].filter((version) => version.rule.id === rule.id);
      const version = inForceAt(
        versions.sort((a, b) => a.version - b.version),
        now,
      );
      if (version !== null) inForce.set(rule.id, version);
    }
    return inForce;
  }
}

/** Both judge the whole time that is asked for: that is what shows whether a rule is the one that is meant. */
function alwaysInForce(version: RuleVersion): RuleVersion {
  return { ...version, effectiveFrom: null };
}

function rulesOf(given: BacktestInput['rules']): RuleFile {
  // One rule as somebody edits it: told by its own lines.
  if (typeof given === 'string' && !/^["']?rules["']?\s*:/m.test(given)) {
    const { warnings, ...entry } = parseRule(given);
    return { rules: [{ ...entry, line: 1 }], warnings };
  }
  try {
    return parseRules(textOf(given), 'rules');
  } catch (error) {
    if (!(error instanceof InputError) || !Array.isArray(error.details.problems)) throw error;
    const errors = error.details.problems.map((problem) => fieldOf(String(problem)));
    throw new InputError(error.code, errors[0]?.message ?? error.message, { errors }, error);
  }
}

/** YAML as it stands; JSON, which is YAML too, as a file of it. */
function textOf(given: BacktestInput['rules']): string {
  if (typeof given === 'string') return given;
  if (Array.isArray(given)) return JSON.stringify({ rules: given });
  return JSON.stringify('rules' in given ? given : { rules: [given] });
}

/** `rules:5: rules[0].above: "x", allowed: ...` */
function fieldOf(problem: string): { readonly path: string; readonly message: string } {
  const [, line, rest = problem] = /^rules:(\d+): (.*)$/s.exec(problem) ?? [];
  const path = /^([\w.[\]]+): /.exec(rest)?.[1] ?? '';
  return { path, message: line === undefined ? rest : `line ${line}: ${rest}` };
}

/** Which devices (null: all) and event times are meant. */
function scopeOf(
  { devices, shipment, from, to }: BacktestInput,
  contexts: Contexts,
): { readonly from: number; readonly to: number; readonly devices: ReadonlySet<string> | null } {
  const asked = devices === undefined ? null : new Set(devices);
  if (shipment === undefined) return { from: from ?? 0, to: to ?? 0, devices: asked };
  const noticed = contexts.shipment(shipment);
  if (noticed === null) throw notFound('SHIPMENT_UNKNOWN', `there is no shipment ${shipment}`);
  const { asn } = noticed;
  const began = Math.min(asn.departs, ...asn.units.map((unit) => unit.from));
  const scope = { from: from ?? began, to: to ?? Math.max(asn.arrives, began + 1) };
  if (scope.to <= scope.from) throw new InputError('QUERY_INVALID', 'to: expected a time after from');
  return {
    ...scope,
    devices: asked === null ? noticed.devices : new Set([...asked].filter((id) => noticed.devices.has(id))),
  };
}

function resultOf({ progress, found, comparison }: BacktestOutcome) {
  const { opened, closed, kept, changed } = comparison;
  return {
    ...{ ...besideOf(progress), keys: progress.keys, readings: progress.readings, findings: found.map(line) },
    comparison: {
      ...{ opened: opened.map(line), closed: closed.map(line), kept: kept.map(line) },
      changed: changed.map(({ before, after }) => ({ before: before.map(line), after: after.map(line) })),
    },
  };
}

function line(finding: Finding): BacktestFinding {
  return lineOf(finding);
}

function progressOf({ keys, judged, readings, findings, ...more }: BacktestOutcome['progress']) {
  return { keys, judged, readings, findings, ...besideOf(more) };
}

function besideOf({ beside }: Pick<BacktestOutcome['progress'], 'beside'>) {
  return beside.length === 0 ? {} : { beside: [...beside] };
}
