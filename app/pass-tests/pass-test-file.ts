import { z } from 'zod';
import { InputError, YamlFile } from '../../domain/index.ts';
import { historyOf, historyWords, instant, type PassHistory } from './pass-history.ts';

const words = z.string({ error: 'text' });
const passTest = z.strictObject({
  name: words,
  ...historyWords,
  findings: z.array(
    z.strictObject({
      ...{ rule: words, key: words, from: instant, to: instant.nullable().optional() },
      ...{ serials: z.int().optional(), epcs: z.array(words).optional(), said: words.optional() },
      statuses: z.array(words).optional(),
    }),
    { error: 'a list of findings' },
  ),
});
const schema = z.looseObject({ passes: z.array(passTest, { error: 'a list of tests of passes' }).default([]) });
type Written = z.output<typeof passTest>;

/** What a finding must say; what is not given is not compared. */
export type ExpectedPassFinding = Written['findings'][number];

/** A test of rules over passes: what was said and seen, and what has to be found. */
export interface PassTest extends PassHistory {
  readonly name: string;
  readonly findings: readonly ExpectedPassFinding[];
}

/**
 * Reads the tests of passes of a rule test file (docs/rules.md, "Tests of passes").
 * @throws {InputError} RULE_TEST_FILE_BAD with `file:line: key: given, allowed`
 */
export function parsePassTests(text: string, file: string): PassTest[] {
  const yaml = new YamlFile(text, file, 'RULE_TEST_FILE_BAD');
  const parsed = schema.safeParse(yaml.value);
  if (!parsed.success) {
    yaml.reportIssues(parsed.error.issues, [], 'the keys in docs/rules.md, "Tests of passes"');
    yaml.throwIfBad();
    throw new InputError('RULE_TEST_FILE_BAD', `${file}:1: not understood`, { file });
  }
  const tests = parsed.data.passes.map((written, index): PassTest => {
    const history = historyOf(written, (path, allowed) => {
      yaml.report(['passes', index, ...path], allowed);
    });
    return { name: written.name, ...history, findings: written.findings };
  });
  yaml.throwIfBad();
  return tests;
}
