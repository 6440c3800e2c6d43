import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

/** A test that failed, or a file whose setting up or tearing down did. */
export interface Failure {
  /** From the project's top folder on. */
  readonly file: string;
  /** With the names of what it stands in; empty for the file itself. */
  readonly test: string;
  /** The first line of its first error. */
  readonly error: string;
  /** Whether a property was refuted: a counter-example stays one however often it is tried. */
  readonly isProperty: boolean;
}

/** What a run of the tests came to. */
export interface RunResult {
  readonly reason: TestRunEndReason;
  readonly failures: readonly Failure[];
  /** Errors outside every test: nobody can say which file they belong to. */
  readonly strays: readonly string[];
}

/** Where the result is written, as JSON of a {@link RunResult}. */
export const RESULT_VARIABLE = 'ISOTHERM_TEST_RESULT';

/** A reporter of vitest beside its own: writes what failed for the program that started the run. */
export default class FailureReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], strays: readonly SerializedError[], reason: TestRunEndReason): void {
    const path = process.env[RESULT_VARIABLE];
    if (path === undefined) throw new Error(`${RESULT_VARIABLE} does not say where to write`);
    const result: RunResult = { reason, failures: modules.flatMap(failuresOf), strays: strays.map(firstLine) };
    writeFileSync(path, JSON.stringify(result));
  }
}

function failuresOf(module: TestModule): Failure[] {
  const file = module.relativeModuleId;
  const found: Failure[] = [];
  const add = (test: string, errors: readonly SerializedError[] | undefined) => {
    const [first] = errors ?? [];
    if (first !== undefined) found.push({ file, test, error: firstLine(first), isProperty: isProperty(first) });
  };
  for (const test of module.children.allTests('failed')) {
    const { errors } = test.result();
    add(test.fullName, errors === undefined || errors.length === 0 ? [{ message: 'no error was given' }] : errors);
  }
  // Also those of a hook of a group of tests.
  for (const suite of module.children.allSuites()) add(suite.fullName, suite.errors());
  add('', module.errors());
  return found;
}

function firstLine({ message }: SerializedError): string {
  return message.split('\n', 1)[0]?.trim() ?? '';
}

/** fast-check says so in the error itself, or in what caused it. */
function isProperty({ message, stack, cause }: SerializedError): boolean {
  return `${message}\n${stack ?? ''}`.includes('Property failed after') || (cause !== undefined && isProperty(cause));
}
