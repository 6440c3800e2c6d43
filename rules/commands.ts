import { backtest } from './backtest/backtest.ts';
import { parseContext } from './backtest/context-file.ts';
import type { ReadingRow } from './backtest/readings-csv.ts';
import { parseRules } from './file/rule-file.ts';

/** A file as a command hands it in: its text and the name that messages call it by. */
export interface TextFile {
  readonly text: string;
  readonly file: string;
}

/** A file too large to hold: its lines without line ends. */
export interface LinesFile {
  readonly lines: Iterable<string> | AsyncIterable<string>;
  readonly file: string;
}

export interface BacktestCommand {
  readonly rules: TextFile;
  readonly readings: LinesFile;
  readonly context: TextFile | null;
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
  const { isFinal, onQuarantined } = given;
  return backtest({ rules, ...given.readings, context, isFinal, ...(onQuarantined ? { onQuarantined } : {}) });
}
