import { vi } from 'vitest';
import { PATIENCE_MS } from './bounds.ts';

/*
 * A machine that is busy with other tests is slow, not wrong: whoever waits for a condition waits this long unless it says
 * otherwise. vitest has a setting for expect.poll and none for vi.waitFor, which gives up after one second.
 */
const { waitFor, waitUntil } = vi;
const patient = <O extends { timeout?: number }>(given: number | O | undefined) =>
  typeof given === 'number' ? given : { timeout: PATIENCE_MS, ...given };
vi.waitFor = (check, options) => waitFor(check, patient(options));
vi.waitUntil = (check, options) => waitUntil(check, patient(options));
