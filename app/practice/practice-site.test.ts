import { expect, test } from 'vitest';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { plainEnvironment } from '../config/index.ts';
import { PracticeSite } from './practice-site.ts';

const STARTS_WITHIN_MS = 60_000;

// A page that was told "off" offered to start what was being started, and so began it once more.
test('a practice site that is wanted again while it ends is starting, not off', {
  timeout: STARTS_WITHIN_MS,
}, async () => {
  const site = new PracticeSite({
    // No directory: it fails soon, and starts no database.
    ...{ dataDir: '/dev/null/practice', host: '127.0.0.1', port: 0, url: null, tls: () => null },
    connections: { most: 100, mostPerAddress: 100, isTrusted: () => false },
    home: () => ({ url: null, port: 1 }),
    ...{ env: plainEnvironment(), time: systemTime, logger: silentLogger },
  });
  site.begin(false);
  const ending = site.end();
  expect(site.state.state).toBe('stopping');
  site.begin(false);
  await ending;
  expect(site.state.state).toBe('starting');
  await expect.poll(() => site.state.state, { timeout: STARTS_WITHIN_MS }).toBe('failed');
  await site.end();
  expect(site.state).toEqual({ state: 'off', detail: null, people: 0 });
});
