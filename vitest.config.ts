import { defineConfig } from 'vitest/config';
import { isShortRun, LONG_FILES } from './tests/long-files.ts';
import { PATIENCE_MS } from './tests/testing/bounds.ts';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      '**/.cache/**',
      'bench/peers/**',
      ...(isShortRun() ? Object.keys(LONG_FILES) : []),
    ],
    globalSetup: ['storage/testing/global-setup.ts', 'tests/testing/short-run.ts'],
    // One file at a time per worker. Three for the two cores the tests are meant to pass on: the slowest files mostly wait
    // for servers that start, recover or retry.
    maxWorkers: 3,
    testTimeout: 4 * PATIENCE_MS,
    // After a file the plans of what it asked are looked at, which takes longer than any of its tests on a busy machine.
    hookTimeout: 10 * PATIENCE_MS,
    setupFiles: ['tests/testing/set-up.ts'],
    // The files of a worker share its process: each would load the platform anew, a third of what the run costs
    // (docs/decisions/0071). What a kit keeps for a file it clears by tests/testing/after-file.ts.
    isolate: false,
    expect: { poll: { timeout: PATIENCE_MS } },
  },
});
