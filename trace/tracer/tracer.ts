import {
  type AuditTrail,
  BY_PLATFORM,
  type ConsumerHandler,
  type Effects,
  type Facts,
  type FindingStore,
  type LogBatch,
  type Logger,
  type Meter,
  type RuleVersion,
} from '../../domain/index.ts';
import { clientOf, type Database } from '../../storage/index.ts';
import { markGoods } from '../exposure/index.ts';
import {
  type CompileApplies,
  type DifferenceChange,
  PassMemory,
  passName,
  Registry,
  SentStatements,
} from '../passes/index.ts';
import { type PassVerdict, TraceBatch } from './batch.ts';
import { type MissingChange, missingByGateway } from './gateway-batches.ts';
import { sorted } from './input.ts';

export interface TracerOptions {
  readonly database: Database;
  readonly facts: Facts;
  readonly findings: FindingStore;
  /** Rules that hold until the installation has a version of its own; others than those on passes are passed over. */
  readonly rules?: readonly RuleVersion[];
  /** How an `appliesTo` is read: a matter of rules/. */
  readonly compileApplies: CompileApplies;
  /** Where it stands that a door had shown another light than ours; absent: the pass alone says so. */
  readonly audit?: Pick<AuditTrail, 'addAll'>;
  /** Called after commit, once per changed verdict. */
  readonly onVerdict?: (verdict: PassVerdict) => void;
  readonly logger: Logger;
  readonly meter: Meter;
}

/**
 * The consumer of the `trace` family: keeps facts and sightings, updates the intervals and passes they affect, gives passes
 * their verdicts, and passes findings on to the finding store. Everything it derives is a function of what it has kept, so late
 * and contradicting facts only lead to another state, never to another answer.
 */
export class Tracer implements ConsumerHandler {
  readonly #options: TracerOptions;
  readonly #metrics: ReturnType<typeof metricsOf>;
  /** null until restored, and again after a transaction that did not commit. */
  #registry: Registry | null = null;
  #memory = new PassMemory();
  #verdicts: PassVerdict[] = [];
  #missing: readonly MissingChange[] = [];

  constructor(options: TracerOptions) {
    this.#options = options;
    this.#metrics = metricsOf(options.meter);
  }

  async restore(): Promise<void> {
    const { database, facts, rules = [], compileApplies } = this.#options;
    this.#registry = await Registry.load(database.pool, facts, rules, compileApplies);
    this.#memory = new PassMemory();
    this.#verdicts = [];
    this.#missing = [];
    for (const [gateway, missing] of await missingByGateway(database.pool)) {
      this.#metrics.missing.set(missing, { gateway });
    }
  }

  async handle(batch: LogBatch, effects: Effects): Promise<void> {
    const sent = new SentStatements(clientOf(effects));
    try {
      await this.#handle(batch, effects, sent);
    } finally {
      // What the first statement failed with is what is wrong with the batch; those after it only met a transaction that was over.
      await sent.answered();
    }
  }

  async #handle(batch: LogBatch, effects: Effects, sent: SentStatements): Promise<void> {
    const { database, facts, findings, rules = [], compileApplies, logger } = this.#options;
    this.#registry ??= await Registry.load(database.pool, facts, rules, compileApplies);
    this.#verdicts = [];
    const step = new TraceBatch({
      ...{ sent, registry: this.#registry, memory: this.#memory },
    });
    const input = sorted(batch.records);
    await facts.keep(effects, input.facts);
    for (const kept of input.facts) await step.fact(kept);
    await step.sightings(input);
    const last = batch.records.at(-1);
    const missing = await step.numbers(input.batches, input.now ?? last?.arrival ?? 0, last?.position ?? 0);
    if (input.now !== null) await step.tick(input.now);
    const result = await step.settle(last?.arrival ?? 0);
    await findings.apply(effects, result.findings);
    await findings.markExposureChanged(effects, result.exposures);
    const devices = result.exposures.map(({ device }) => device);
    await markGoods(clientOf(effects), { ...result.goods, devices }, last?.arrival ?? 0);
    await this.#audit(effects, result.differences, last?.arrival ?? 0);
    this.#verdicts = result.verdicts;
    this.#missing = missing;
    this.#metrics.records.add(batch.records.length);
    this.#metrics.sightings.add(input.sightings.length);
    this.#metrics.passes.add(result.decided);
    for (const gap of result.lost) logger.warn({ ...gap }, 'reads may be missing');
  }

  async #audit(effects: Effects, differences: readonly DifferenceChange[], at: number): Promise<void> {
    if (differences.length === 0) return;
    const entries = differences.map(({ pass, gateway, shown, manifest, before, differs }) => ({
      ...{ ...BY_PLATFORM, at, action: 'pass.light-differs', subject: `pass:${passName(pass)}` as const },
      ...{ old: before, new: differs === null ? null : { gateway, shown, manifest, differs } },
    }));
    await this.#options.audit?.addAll(effects, entries);
  }

  committed(): void {
    const verdicts = this.#verdicts;
    const changes = this.#missing;
    this.#verdicts = [];
    this.#missing = [];
    for (const { gateway, missing, lost, found } of changes) {
      this.#metrics.missing.set(missing, { gateway });
      if (lost.length > 0) this.#options.logger.warn({ gateway, missing, holes: lost }, 'gateway batches are missing');
      else if (found.length > 0) this.#options.logger.info({ gateway, missing }, 'missing gateway batches arrived');
    }
    for (const verdict of verdicts) this.#options.onVerdict?.(verdict);
  }

  rolledBack(): void {
    this.#registry = null;
    this.#memory = new PassMemory();
    this.#verdicts = [];
    this.#missing = [];
  }
}

function metricsOf(meter: Meter) {
  return {
    records: meter.counter({ name: 'isotherm_trace_records', help: 'Log records worked in' }),
    sightings: meter.counter({ name: 'isotherm_trace_sightings', help: 'Sightings worked in' }),
    passes: meter.counter({ name: 'isotherm_trace_passes_judged', help: 'Verdicts worked out' }),
    missing: meter.gauge({
      name: 'isotherm_trace_missing_batches',
      help: 'Batches of a gateway that did not arrive, though later ones did',
      labels: ['gateway'],
    }),
  };
}
