/*
 * Files of tests share a process and its modules, one after the other (vitest.config.ts, `isolate`). A kit of the tests that
 * keeps something for the file it serves clears it away here, since a hook registered on import is that of the first file
 * alone.
 */

type Clear = () => void | Promise<void>;

const clearing: Clear[] = [];

/** Registers what is done after each file of tests from here on, once a process. */
export function afterEachFile(clear: Clear): void {
  clearing.push(clear);
}

/** Carries it out, the last registered first; what fails keeps nothing from being cleared. */
export async function clearAway(): Promise<void> {
  const failures: unknown[] = [];
  for (const clear of clearing.toReversed()) {
    try {
      await clear();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('\n'));
}
