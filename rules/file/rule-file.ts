import type { z } from 'zod';
import { isMapping, type Rule, YamlFile } from '../../domain/index.ts';
import { KINDS, type WrittenRule } from './kinds.ts';
import { KINDS_OVER_PASSES } from './pass-kinds.ts';
import { reachWarning } from './reach-warning.ts';
import { unitWarning } from './unit-warning.ts';

const ALL_KINDS: Readonly<Record<string, z.ZodType<WrittenRule>>> = { ...KINDS, ...KINDS_OVER_PASSES };

/** One rule as a file gives it. */
export interface RuleFileEntry {
  readonly rule: Rule;
  /** Event time from which it judges; null where the file does not say (a backtest takes all of time, an edit now). */
  readonly effectiveFrom: number | null;
  /** 1-based line of the entry, for messages. */
  readonly line: number;
}

export interface RuleFile {
  readonly rules: readonly RuleFileEntry[];
  /** What is allowed but probably not meant, as `file:line: ...`. */
  readonly warnings: readonly string[];
}

/**
 * Reads a rule file (docs/rules.md, "File").
 *
 * @param text the file as it stands
 * @param file its name, for messages
 * @throws {InputError} RULE_FILE_BAD with `file:line: key: given, allowed` of the first mistake as message and every
 * mistake in `details.problems`
 */
export function parseRules(text: string, file: string): RuleFile {
  const yaml = new YamlFile(text, file, 'RULE_FILE_BAD');
  const entries = entriesOf(yaml);
  const rules = entries.flatMap((entry, index) => parseEntry(yaml, entry, index) ?? []);
  findRepeatedIds(yaml, entries);
  yaml.throwIfBad();
  return { rules, warnings: rules.flatMap((entry) => reachWarning(entry, file) ?? unitWarning(entry, file) ?? []) };
}

function entriesOf(yaml: YamlFile): readonly unknown[] {
  if (!isMapping(yaml.value)) {
    yaml.report([], 'a map with the key rules');
    return [];
  }
  const { rules, ...others } = yaml.value;
  for (const key of Object.keys(others)) yaml.reportUnknownKey([key], 'rules');
  if (Array.isArray(rules)) return rules;
  yaml.report(['rules'], 'a list of rules');
  return [];
}

function parseEntry(yaml: YamlFile, entry: unknown, index: number): RuleFileEntry | null {
  const path = ['rules', index];
  const kind = isMapping(entry) ? entry.kind : undefined;
  const schema = typeof kind === 'string' && Object.hasOwn(ALL_KINDS, kind) ? ALL_KINDS[kind] : undefined;
  if (!isMapping(entry)) yaml.report(path, "a map of a rule's keys");
  else if (schema === undefined) yaml.report([...path, 'kind'], Object.keys(ALL_KINDS).join(', '));
  else {
    const parsed = schema.safeParse(entry);
    if (parsed.success) return { ...parsed.data, line: yaml.lineOf(path) };
    yaml.reportIssues(parsed.error.issues, path, `the keys of kind ${kind} in docs/rules.md`);
  }
  return null;
}

function findRepeatedIds(yaml: YamlFile, entries: readonly unknown[]): void {
  const firstLine = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    const id = isMapping(entry) ? entry.id : undefined;
    if (typeof id !== 'string') continue;
    const path = ['rules', index, 'id'];
    const earlier = firstLine.get(id);
    if (earlier === undefined) firstLine.set(id, yaml.lineOf(path));
    else yaml.report(path, `unique ids; line ${earlier} has it already`);
  }
}
