import { expect, test } from 'vitest';
import type { GatewayHeardView } from '../../../api/index.ts';
import { isWell } from './well.ts';

const AT = '2026-11-20T10:00:00.000Z';
const reader = (state: string) => ({ id: 'dock-1', state, reason: null, firmware: null, lastActivity: AT });
const gateway = (
  state: 'online' | 'offline',
  readers = [reader('reading')],
  doors: Pick<GatewayHeardView, 'manifest' | 'manifestRefused'> = { manifest: null, manifestRefused: null },
) => ({
  ...{ id: 'gw-lyon', state, at: AT, pending: 0, readers, ...doors },
});
const MANIFEST = {
  ...{ version: 17, madeAt: AT, confirmedAt: AT, isOld: false, shipments: 2, things: 98, left: null },
};
const consumer = (detached: boolean) => ({ consumer: 'writer', waiting: 3, detached });
const WELL = {
  ...{
    ready: true,
    database: true,
    troubles: [],
    checks: [],
    dead: [],
    undelivered: [],
    subscriptions: [],
    quarantine: 0,
  },
  ...{ gateways: [gateway('online')], consumers: [consumer(false)] },
};

test('an installation is well where everything works and nothing waits', () => {
  expect(isWell(WELL)).toBe(true);
});

test.each([
  ['a gateway is offline', { gateways: [gateway('online'), gateway('offline', [])] }],
  ['a reader does not read', { gateways: [gateway('online', [reader('reading'), reader('waiting')])] }],
  [
    'a gateway refused what its doors expect',
    { gateways: [gateway('online', [], { manifest: MANIFEST, manifestRefused: 'MANIFEST_KEY_UNKNOWN' })] },
  ],
  [
    'what a gateway judges by is old',
    { gateways: [gateway('online', [], { manifest: { ...MANIFEST, isOld: true }, manifestRefused: null })] },
  ],
  ['a part is left behind', { consumers: [consumer(false), consumer(true)] }],
  ['the database is away', { database: false }],
  ['what waits in quarantine is not known', { quarantine: null }],
  ['what was given up is not known', { undelivered: null }],
  ['what could not be taken is not known', { dead: null }],
  ['it is not ready', { ready: false }],
  [
    'a device is silent',
    { checks: [{ subject: 'devices' as const, state: 'trouble' as const, since: AT, count: 1, names: ['logger-7'] }] },
  ],
  ['something has trouble', { troubles: [{ part: 'log', code: 'LOG_FULL', since: AT, text: 'full' }] }],
])('nothing is said to be well where %s', (_, change) => {
  expect(isWell({ ...WELL, ...change })).toBe(false);
});
