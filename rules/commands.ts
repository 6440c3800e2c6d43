import { type Backtest, backtest } from './backtest/backtest.ts';
import { parseContext } from './backtest/context-file.ts';
import type { Lines, ReadingRow } from './backtest/readings-csv.ts';
import { parseRuleTests, runRuleTest } from './backtest/rule-test.ts';
import { parseRules, type RuleFileEntry } from './file/rule-file.ts';

/** A file as a command hands it in: its text and the name that messages call it by. */
export interface TextFile {
  readonly text: string;
  readonly file: string;
}

/** A file too large to hold: its lines without line ends. */
export interface LinesFile {
  readonly lines: Lines;
  readonly file: string;
}

export interface BacktestCommand {
  readonly rules: TextFile;
  readonly readings: LinesFile;
  readonly context: TextFile | null;
  /** What rules over passes find, and when that is known; absent = nothing. */
  readonly overPasses?: Backtest['overPasses'];
  readonly isFinal: boolean;
  readonly onQuarantined?: (row: ReadingRow, reason: string) => void;
}

/**
 * `isotherm rules check`: what is worth saying about a good file, one line each: warnings, then what it holds.
 *
 * @throws {InputError} RULE_FILE_BAD; `details.problems` has every mistake as a line of its own
 */
export function rulesCheckCommand({ text, file }: TextFile): string[] {
  const { rules, warnings } = parseRules(text, file);
  return [...warnings, `${file}: ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}, no errors`];
}

/**
 * `isotherm rules backtest`: lines of JSON for stdout, without line ends. Rule and context file are read before the
 * first line, so that a mistake in them shows at once.
 *
 * @throws {InputError} RULE_FILE_BAD, CONTEXT_FILE_BAD, BACKTEST_CONTEXT_MISSING, READINGS_FILE_BAD
 */
export function rulesBacktestCommand(given: BacktestCommand): AsyncGenerator<string> {
  const { rules } = parseRules(given.rules.text, given.rules.file);
  const context = given.context === null ? null : parseContext(given.context.text, given.context.file);
  const { isFinal, onQuarantined, overPasses } = given;
  return backtest({
    rules,
    rulesFile: given.rules.file,
    ...given.readings,
    context: context?.devices ?? null,
    ...(context === null ? {} : { goods: context.goods }),
    isFinal,
    ...(overPasses ? { overPasses } : {}),
    ...(onQuarantined ? { onQuarantined } : {}),
  });
}

export interface RuleTestOutcome {
  /** For stdout: a line per test, and under a failed one how it differs. */
  readonly lines: readonly string[];
  readonly failed: number;
}

/** Runs a file's tests of other things than rules over readings. */
export type RunOthers = (tests: TextFile, rules: readonly RuleFileEntry[]) => OthersOutcome | Promise<OthersOutcome>;
type OthersOutcome = RuleTestOutcome & { readonly tests: number };

/**
 * `isotherm rules test`: runs one file of tests over the rule file it names. Exit 1 where `failed` is not 0.
 *
 * @param readRules reads the rule file by the path the test file gives, which is from the test file's place
 * @param runOthers the file's tests of other things, by the same rules
 * @throws {InputError} RULE_TEST_FILE_BAD, RULE_FILE_BAD
 */
export async function rulesTestCommand(
  tests: TextFile,
  readRules: (path: string) => Promise<TextFile>,
  runOthers: RunOthers = () => ({ lines: [], tests: 0, failed: 0 }),
): Promise<RuleTestOutcome> {
  const parsed = parseRuleTests(tests.text, tests.file);
  const ruleFile = parsed.rules === null ? null : await readRules(parsed.rules);
  const rules = ruleFile === null ? [] : parseRules(ruleFile.text, ruleFile.file).rules;
  const others = await runOthers(tests, rules);
  const lines: string[] = [];
  let failed = 0;
  for (const test of parsed.tests) {
    const differences = runRuleTest(test, rules);
    if (differences.length > 0) failed++;
    lines.push(`${differences.length === 0 ? 'ok' : 'FAILED'} ${test.name}`, ...differences.map((line) => `  ${line}`));
  }
  const all = parsed.tests.length + others.tests;
  failed += others.failed;
  lines.push(...others.lines, `${tests.file}: ${all - failed} of ${all} tests passed`);
  return { lines, failed };
}
