import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The tests of one room alone, for `npm run mutate`. */
const { ISOTHERM_MUTATE: room = '' } = process.env;

const config = mergeConfig(base, defineConfig({ test: { maxWorkers: 1 } }));
config.test.include = [`${room}/**/*.test.ts`];
export default config;
