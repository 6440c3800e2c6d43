import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './tests/testing/bounds.ts';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.cache/**', 'bench/peers/**'],
    globalSetup: ['storage/testing/global-setup.ts'],
    // One file at a time per worker. Three for the two cores the tests are meant to pass on: the slowest files mostly wait
    // for servers that start, recover or retry.
    maxWorkers: 3,
    testTimeout: 4 * PATIENCE_MS,
    hookTimeout: 4 * PATIENCE_MS,
    setupFiles: ['tests/testing/set-up.ts'],
    expect: { poll: { timeout: PATIENCE_MS } },
  },
});
