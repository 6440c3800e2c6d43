import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type Consumer,
  encodeJson,
  FACT_VERSION,
  type Fact,
  type Facts,
  InputError,
  type Log,
  type RuleVersion,
  type TimeSource,
} from '../domain/index.ts';
import { BUILTIN_RULES, parseRules, type RuleFile, type RuleFileEntry } from '../rules/index.ts';

/**
 * The rule file that is configured, or the built-in rules of the storage profiles. Read before anything is started: of a
 * bad file nothing is published, and the rules in force stay so.
 *
 * @throws {InputError} RULE_FILE_BAD
 */
export async function configuredRules(file: string | null): Promise<RuleFile> {
  if (file === null) return parseRules(BUILTIN_RULES, 'built-in rules');
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new InputError('RULE_FILE_BAD', `rules.file: ${file} cannot be read (${cause.code})`, { file }, cause);
  });
  return parseRules(text, file);
}

export interface RulePublication {
  readonly rules: readonly RuleFileEntry[];
  readonly facts: Facts;
  readonly log: Pick<Log, 'heads' | 'append'>;
  readonly tracer: Pick<Consumer, 'passed'>;
  readonly time: TimeSource;
}

/** Who told the versions that come from here. */
const CONFIGURATION = 'configuration';

/**
 * Puts what has changed in the file since it was last published into the log: rules change forward. What people changed
 * through the API in the meantime stays as they left it (docs/decisions/0009). The first version of a rule judges all
 * event times unless its file says from when; a later one, and a removal, judge from now.
 */
export async function publishRules({ rules, facts, log, tracer, time }: RulePublication): Promise<void> {
  await tracer.passed(await log.heads());
  const latest = new Map<string, RuleVersion>();
  const published = new Map<string, RuleVersion>();
  for (const { fact } of await facts.all(['rule'])) {
    if (fact.type !== 'rule') continue;
    latest.set(fact.version.rule.id, fact.version);
    if (fact.by === CONFIGURATION) published.set(fact.version.rule.id, fact.version);
  }
  const now = time.now();
  const next = (id: string) => (latest.get(id)?.version ?? 0) + 1;
  const changed: RuleVersion[] = [];
  for (const { rule, effectiveFrom } of rules) {
    const before = published.get(rule.id);
    if (before !== undefined && !before.isRemoved && isDeepStrictEqual(before.rule, asKept(rule))) continue;
    changed.push({
      rule,
      version: next(rule.id),
      effectiveFrom: effectiveFrom ?? (latest.has(rule.id) ? now : null),
    });
  }
  for (const [id, before] of published) {
    const isGone = before.isRemoved || latest.get(id)?.isRemoved;
    if (isGone || rules.some(({ rule }) => rule.id === id)) continue;
    changed.push({ rule: before.rule, version: next(id), effectiveFrom: now, isRemoved: true });
  }
  if (changed.length === 0) return;
  await log.append(
    changed.map((version) => {
      const fact: Fact = { type: 'rule', version, by: CONFIGURATION };
      return {
        ...{ family: 'trace', kind: 'fact', version: FACT_VERSION },
        ...{ source: CONFIGURATION, sequence: null, arrival: now, payload: encodeJson(fact) },
      };
    }),
  );
}

/** As it comes back from the log: JSON knows no undefined. */
function asKept(rule: RuleVersion['rule']): unknown {
  return JSON.parse(JSON.stringify(rule));
}
