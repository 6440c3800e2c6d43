import { ConflictError, type Exposure, type Finding, InputError, type RuleVersion } from '../../domain/index.ts';
import { type OneRule, parseRule } from '../../rules/index.ts';
import { formatTime, type RulePreview, type TriedFinding } from '../api/index.ts';
import type { Directory } from './directory.ts';
import type { FactCommands } from './fact-commands.ts';
import { notFound } from './problems.ts';
import type { Received } from './received.ts';
import { ruleText } from './rule-text.ts';
import { type RuleTrialParts, triedRule } from './rule-trial.ts';
import { touchedSerials } from './touched-serials.ts';

export interface RuleCommandsOptions extends RuleTrialParts {
  readonly directory: Directory;
  readonly factCommands: FactCommands;
  readonly exposure: Pick<Exposure, 'affected'>;
}

/** What someone wants to make of a rule. */
export interface RuleChange {
  readonly id: string;
  /** The rule as a file writes it; null removes it. */
  readonly text: string | null;
  /** The latest version its maker saw; undefined asks for no such check. */
  readonly seen: number | undefined;
}

/** What became of it. */
export interface ChangedRule {
  readonly isApplied: boolean;
  readonly warnings: readonly string[];
}

/** Where people change rules: an edit is a new version, and the running rules stay in force until it is whole. */
export class RuleCommands {
  readonly #options: RuleCommandsOptions;
  /** The latest version told from here, by id: the facts may not hold it yet. */
  readonly #told = new Map<string, RuleVersion>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RuleCommandsOptions) {
    this.#options = options;
  }

  /** Every version of a rule, oldest first. @throws {InputError} RULE_UNKNOWN */
  async versions(id: string): Promise<readonly RuleVersion[]> {
    const versions = await this.#known(id);
    if (versions.length === 0) throw notFound('RULE_UNKNOWN', `there is no rule ${id}`);
    return versions;
  }

  /**
   * What the change would do, without doing it.
   * @throws {InputError} RULE_FILE_BAD, RULE_ID_CONTRADICTS, RULE_UNKNOWN
   */
  async preview(change: RuleChange): Promise<RulePreview> {
    const { exposure, time } = this.#options;
    const { version, warnings, versions } = await this.#next(change);
    const proposed = version.isRemoved ? null : version.rule;
    const inForce = inForceAt(versions, time.now())?.rule ?? null;
    const preview = await triedRule({ inForce, proposed }, this.#options);
    return {
      version: version.version,
      effectiveFrom: formatTime(version.effectiveFrom),
      isRemoved: version.isRemoved ?? false,
      text: proposed === null ? null : ruleText(proposed),
      warnings: [...warnings],
      opens: preview.opens.map(triedFinding),
      closes: preview.closes.map(triedFinding),
      keeps: preview.keeps.map(triedFinding),
      changes: preview.changes.map(triedFinding),
      serials: {
        before: await touchedSerials(exposure, preview.running),
        after: await touchedSerials(exposure, [...preview.opens, ...preview.keeps]),
      },
      found: { before: preview.before, after: preview.after },
      keys: { all: preview.keys, judged: preview.judged, of: preview.of },
      from: formatTime(preview.from),
      to: formatTime(preview.to),
    };
  }

  /**
   * Makes the change a new version, durable when it resolves. One at a time, so that no two are the same version.
   * @param received the request that asks for it
   * @throws {InputError} RULE_FILE_BAD, RULE_ID_CONTRADICTS, RULE_UNKNOWN
   * @throws {ConflictError} RULE_CHANGED someone else was first
   */
  change(change: RuleChange, by: string, received: Received): Promise<ChangedRule> {
    const run = this.#last.then(() => this.#change(change, by, received));
    // Whoever comes next waits for its end, not for its success.
    this.#last = run.catch(() => {});
    return run;
  }

  async #change(change: RuleChange, by: string, received: Received): Promise<ChangedRule> {
    this.#options.directory.forget();
    const { version, warnings } = await this.#next(change);
    const isApplied = await this.#options.factCommands.record([{ type: 'rule', version, by }], received);
    this.#told.set(change.id, version);
    return { isApplied, warnings };
  }

  async #next({ id, text, seen }: RuleChange): Promise<{
    readonly version: RuleVersion;
    readonly warnings: readonly string[];
    readonly versions: readonly RuleVersion[];
  }> {
    const now = this.#options.time.now();
    const given = text === null ? null : ofId(id, parseRule(text));
    const versions = await this.#known(id);
    const latest = versions.at(-1);
    const number = latest?.version ?? 0;
    if (seen !== undefined && seen !== number) {
      throw new ConflictError('RULE_CHANGED', `rule ${id} is at version ${number}, not ${seen}`, { version: number });
    }
    const next = { version: number + 1, effectiveFrom: given?.effectiveFrom ?? now };
    if (given !== null) return { version: { rule: given.rule, ...next }, warnings: given.warnings, versions };
    if (latest === undefined || latest.isRemoved) throw notFound('RULE_UNKNOWN', `there is no rule ${id} to remove`);
    return { version: { rule: latest.rule, ...next, isRemoved: true }, warnings: [], versions };
  }

  async #known(id: string): Promise<RuleVersion[]> {
    const { rules } = await this.#options.directory.registered();
    const versions = [...rules.values()].filter(({ rule }) => rule.id === id);
    const told = this.#told.get(id);
    if (told !== undefined && !versions.some(({ version }) => version === told.version)) versions.push(told);
    return versions.sort((a, b) => a.version - b.version);
  }
}

function ofId(id: string, given: OneRule): OneRule {
  if (given.rule.id === id) return given;
  throw new InputError('RULE_ID_CONTRADICTS', `id: ${given.rule.id} given, the address says ${id}`);
}

/** The version that judges now; null where there is none, or the rule has been removed. */
export function inForceAt(versions: readonly RuleVersion[], now: number): RuleVersion | null {
  const latest = versions.findLast(({ effectiveFrom }) => effectiveFrom === null || effectiveFrom <= now);
  return latest === undefined || latest.isRemoved ? null : latest;
}

export function triedFinding(finding: Finding): TriedFinding {
  const { rule, key, from, to, endedBy, extreme, readings, minutesOutOfRange, portal, goods } = finding;
  return {
    ...{ rule, key, from: formatTime(from), to: formatTime(to), endedBy, extreme, readings, minutesOutOfRange },
    ...(portal !== undefined && { serials: portal.epcs.length, said: portal.said }),
    ...(goods !== undefined && { serials: goods.serials }),
  };
}
