import { expect, test } from 'vitest';
import { rollingUpgrade, type Stage } from './upgrade/rolling-upgrade.ts';
import { versionBefore } from './upgrade/version-before.ts';

/*
 * The short form of `npm run upgrade`: two processes of the version before that do everything, one made anew after the other, so
 * that each part of either version is beside the other's.
 */

const from = versionBefore();
const WHOLE = 'broker,ingest,trace,rules,alerts,web';
const STAGES: readonly Stage[] = [
  ['first', `${WHOLE},storage`],
  ['second', WHOLE],
];

test.skipIf(from === null)(
  'an upgrade under load, process by process, loses and doubles nothing, and tells each alert once',
  async () => {
    const say = (text: string) => process.stdout.write(`rolling upgrade: ${text}\n`);
    const load = { loggers: 2, warmUpMs: 3_000, besideMs: 2_000 };
    expect(await rollingUpgrade({ from: from ?? '', stages: STAGES, ...load, say })).toEqual([]);
  },
  300_000,
);
