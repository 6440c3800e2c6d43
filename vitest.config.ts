import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'bench/peers/**'],
    globalSetup: ['storage/testing/global-setup.ts'],
    // One file at a time per worker; two workers suit the two cores the tests are meant to pass on.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
