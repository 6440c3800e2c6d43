import { once } from 'node:events';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InputError, type IsothermError, isPassRule } from '../../domain/index.ts';
import { runDispositionTests } from '../../quality/index.ts';
import {
  type BacktestCommand,
  BUILTIN_RULES,
  parseRules,
  rulesBacktestCommand,
  rulesCheckCommand,
  rulesTestCommand,
  type TextFile,
} from '../../rules/index.ts';
import { type PassHistory, parsePassHistory } from '../pass-tests/pass-history.ts';
import { passFindings, runPassTests } from '../pass-tests/run-pass-tests.ts';
import { readOptions, usageError } from './options.ts';

const USAGE =
  'rules check FILE... | rules test FILE... | rules backtest --rules FILE [--readings FILE.csv] [--context FILE] [--final] | rules builtin';

/** `isotherm rules check`, `test`, `backtest` and `builtin`. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {
    rules: { type: 'string' },
    readings: { type: 'string' },
    context: { type: 'string' },
    final: { type: 'boolean', default: false },
  });
  const [action, ...files] = positionals;
  if (action === 'check' && files.length > 0) return check(files);
  if (action === 'test' && files.length > 0) return test(files);
  if (action === 'builtin' && files.length === 0) return builtin();
  const { rules, readings, context, final: isFinal } = values;
  const isGiven = rules !== undefined && (readings !== undefined || context !== undefined);
  if (action !== 'backtest' || !isGiven || files.length > 0) throw usageError(USAGE);
  return backtest({ rules, readings, context, isFinal });
}

/** The rules an installation starts with, as a rule file. */
function builtin(): number {
  process.stdout.write(BUILTIN_RULES);
  return 0;
}

/** Every mistake in every file is a line on stderr; exit 2 where there is one. */
async function check(files: readonly string[]): Promise<number> {
  let isGood = true;
  for (const file of files) {
    try {
      for (const line of rulesCheckCommand(await textFile(file))) process.stdout.write(`${line}\n`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      isGood = false;
      const { problems } = error.details;
      for (const problem of Array.isArray(problems) ? problems : [error.message]) process.stderr.write(`${problem}\n`);
    }
  }
  return isGood ? 0 : 2;
}

/** Exit 1 where a test fails. A rule file is named from its test file's place. */
async function test(files: readonly string[]): Promise<number> {
  let failed = 0;
  for (const file of files) {
    const outcome = await rulesTestCommand(
      await textFile(file),
      (path) => textFile(resolve(dirname(file), path)),
      async (tests, rules) => {
        const dispositions = runDispositionTests(tests.text, tests.file);
        const passes = await runPassTests(tests.text, tests.file, rules);
        return {
          lines: [...dispositions.lines, ...passes.lines],
          tests: dispositions.tests + passes.tests,
          failed: dispositions.failed + passes.failed,
        };
      },
    );
    for (const line of outcome.lines) process.stdout.write(`${line}\n`);
    failed += outcome.failed;
  }
  return failed > 0 ? 1 : 0;
}

async function backtest(given: {
  readonly rules: string;
  /** Absent: the context file tells of passes, and there are no readings. */
  readonly readings: string | undefined;
  readonly context: string | undefined;
  readonly isFinal: boolean;
}): Promise<number> {
  let quarantined = 0;
  const rules = await textFile(given.rules);
  const context = given.context === undefined ? null : await textFile(given.context);
  const history = context === null ? null : parsePassHistory(context.text, context.file);
  if (given.readings === undefined && history === null) throw usageError(USAGE);
  const overPasses = await foundInPasses(rules, history);
  const lines = rulesBacktestCommand({
    ...{ rules, context },
    ...(overPasses !== null && { overPasses }),
    readings:
      given.readings === undefined ? NO_READINGS : { lines: await linesOf(given.readings), file: given.readings },
    isFinal: given.isFinal,
    onQuarantined: () => {
      quarantined += 1;
    },
  });
  for await (const line of lines) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  }
  if (quarantined > 0)
    process.stderr.write(`${quarantined} readings were not taken: outside physical sense or ahead of their arrival\n`);
  return 0;
}

const NO_READINGS: BacktestCommand['readings'] = { lines: ['arrival,device,metric,time,value'], file: 'no readings' };

/** What rules over passes find in what the context file tells of doors and goods; null: there is neither. */
async function foundInPasses(
  rules: TextFile,
  history: PassHistory | null,
): Promise<BacktestCommand['overPasses'] | null> {
  const over = parseRules(rules.text, rules.file).rules.filter(({ rule }) => isPassRule(rule));
  if (over.length === 0) return null;
  if (history !== null) return passFindings(history, over);
  const names = over.map(({ rule }) => rule.id).join(', ');
  process.stderr.write(`not judged, for no --context names doors and what they saw: ${names}\n`);
  return null;
}

async function linesOf(file: string): Promise<AsyncIterable<readonly string[]>> {
  const handle = await open(file).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(file, cause);
  });
  if ((await handle.stat()).isDirectory()) {
    await handle.close();
    throw new InputError('FILE_UNREADABLE', `${file}: is a directory, allowed: a CSV file`, { file });
  }
  return lines(handle);
}

/** The lines of each piece that is read, together: waiting for each line by itself takes longer than judging it. */
async function* lines(handle: FileHandle): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const piece of handle.createReadStream({ encoding: 'utf8', highWaterMark: PIECE_BYTES })) {
    const found = `${rest}${piece}`.split('\n');
    rest = found.pop() ?? '';
    yield found;
  }
  if (rest !== '') yield [rest];
}

const PIECE_BYTES = 1 << 18;

async function textFile(file: string): Promise<TextFile> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(file, cause);
  });
  return { text, file };
}

function unreadable(file: string, cause: NodeJS.ErrnoException): IsothermError {
  return new InputError('FILE_UNREADABLE', `${file}: cannot be read (${cause.code})`, { file }, cause);
}
