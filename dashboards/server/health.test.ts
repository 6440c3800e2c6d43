import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeBatch } from '../../codecs/batch/index.ts';
import { BY_PLATFORM, systemTime } from '../../domain/index.ts';
import { PostgresAuditTrail, recordBackup } from '../../storage/index.ts';
import type { HealthView, ReaderTest } from '../api/index.ts';
import { HealthCommands } from './health-commands.ts';
import { Installation } from './testing/installation.ts';

const NOW = Date.now();
const reader = (id: string, state: string, reason: string | null) => ({
  ...{ id, state, reason, firmware: null, lastActivity: NOW },
});
let house: Installation;

beforeAll(async () => {
  house = await Installation.start({
    gateways: [
      {
        ...{ id: 'gw-lyon', state: 'online', at: NOW, pending: 2 },
        readers: [reader('dock-1', 'reading', null), reader('dock-2', 'waiting', 'connection refused')],
        manifest: {
          ...{ version: 17, madeAt: NOW, confirmedAt: NOW, isOld: false, shipments: 2, things: 98 },
          left: { shipments: 1, things: 40 },
        },
        manifestRefused: 'MANIFEST_OLDER',
      },
    ],
  });
});
afterAll(() => house.stop());

const health = async () => (await house.ask('operations', 'GET', '/health')).body as HealthView;

test('health is for who runs the installation, and says what gateways said', async () => {
  expect((await house.ask('quality', 'GET', '/health')).status).toBe(403);
  expect(await health()).toMatchObject({
    ...{ ready: true, database: true, troubles: [], dead: [], undelivered: [], subscriptions: [], quarantine: 0 },
    gateways: [
      {
        ...{ id: 'gw-lyon', pending: 2, readers: [{ id: 'dock-1' }, { id: 'dock-2', reason: 'connection refused' }] },
        ...{ manifest: { version: 17, left: { shipments: 1 } }, manifestRefused: 'MANIFEST_OLDER' },
      },
    ],
    consumers: expect.arrayContaining([expect.objectContaining({ consumer: 'writer' })]),
  });
});

test('with the database away health says that what it keeps is not known, not that there is none', async () => {
  const { database, log } = house;
  const since = Date.UTC(2026, 10, 20, 10);
  const trouble = { part: 'ledger-check', code: 'LEDGER_CHANGED', since, text: 'changed' };
  const away = { ready: false, database: false, lag: [], dead: 0, troubles: [trouble] };
  const state = { readiness: async () => away, disk: async () => null, certificates: () => [], gateways: () => [] };
  const audit = new PostgresAuditTrail({ database });
  const epcisSubscriptions = { ended: async () => [] };
  const commands = { audit, database, epcisSubscriptions, health: state, log, time: systemTime };
  expect(await new HealthCommands(commands).view()).toMatchObject({
    ...{ ready: false, database: false, quarantine: null, dead: null, undelivered: null, lastBackup: null },
    subscriptions: null,
    checks: ['antennas', 'devices', 'calibration', 'archive', 'ledger', 'backup', 'disk', 'certificates'].map(
      (subject) => ({ subject, state: subject === 'ledger' ? 'trouble' : 'unknown' }),
    ),
  });
});

const check = async (subject: string) => (await health()).checks.find((one) => one.subject === subject);

test.each([
  ['antennas', 'weakReads', 'dock-1/antenna 2', 'dock-1/antenna 2'],
  ['devices', 'silence', 'logger-7/temperature', 'logger-7/temperature'],
  ['devices', 'health', 'health:device logger-7', 'device logger-7'],
  [
    'calibration',
    'health',
    'health:calibration overdue logger-7/temperature',
    'calibration overdue logger-7/temperature',
  ],
  ['archive', 'health', 'health:archive', 'archive'],
  ['ledger', 'health', 'health:ledger-check', 'ledger-check'],
  ['backup', 'health', 'health:backup', 'backup'],
  ['disk', 'health', 'health:disk', 'disk'],
  ['disk', 'health', 'health:log-size', 'log-size'],
  ['certificates', 'health', 'health:certificate http.tls', 'certificate http.tls'],
  ['certificates', 'health', 'health:ended certificate http.tls', 'ended certificate http.tls'],
])(
  'the row of %s is in trouble, and of nothing else, while a finding of kind %s goes on: %s',
  async (subject, kind, key, name) => {
    const before = (await health()).checks;
    await house.database.query(
      `INSERT INTO findings (rule, key, from_at, rule_version, kind, severity, readings, runs, detected_at, detected_late)
     VALUES ('r', $1, '2026-11-20T10:00Z', 1, $2, 'warning', 0, '[]', now(), false)`,
      [key, kind],
    );
    const row = { subject, state: 'trouble', since: '2026-11-20T10:00:00.000Z', count: 1, names: [name] };
    expect((await health()).checks).toEqual(before.map((one) => (one.subject === subject ? row : one)));
    await house.database.query('UPDATE findings SET to_at = now() WHERE key = $1', [key]);
    expect((await health()).checks).toEqual(before);
  },
);

test('health says of when the last backup is, and that none was made', async () => {
  expect(await health()).toMatchObject({ lastBackup: null });
  expect(await check('backup')).toMatchObject({ state: 'unknown', since: null });
  const { database } = house;
  const record = { at: Date.UTC(2026, 10, 20, 10), manifestSha256: '3f0c' };
  const audit = new PostgresAuditTrail({ database });
  await recordBackup({ audit, database }, record, BY_PLATFORM);
  expect(await health()).toMatchObject({ lastBackup: '2026-11-20T10:00:00.000Z' });
  expect(await check('backup')).toMatchObject({ state: 'nothing' });
});

test('a message that was given up is sent again, or done without for a reason; the next time it is not there', async () => {
  await house.database.query(
    `INSERT INTO outbox (id, event, type, alert_id, channel, body, created_at, attempts, next_attempt_at, last_error, dead_at)
     SELECT id, 'e', 'alert.opened', 'a-1', 'ops', '{}', now(), 9, now(), 'answered 500', now()
     FROM unnest(ARRAY['e.ops', 'f.ops']) AS id`,
  );
  expect((await health()).undelivered).toMatchObject([{ channel: 'ops', lastError: 'answered 500' }, {}]);
  expect((await house.ask('operations', 'POST', '/undelivered/e.ops/send-again')).status).toBe(204);
  expect((await house.ask('operations', 'POST', '/undelivered/e.ops/send-again')).status).toBe(404);
  expect((await house.ask('operations', 'POST', '/undelivered/f.ops/discard', { reason: '' })).status).toBe(400);
  expect(
    (await house.ask('operations', 'POST', '/undelivered/f.ops/discard', { reason: 'told by phone' })).status,
  ).toBe(204);
  expect((await health()).undelivered).toEqual([]);
  const { rows } = await house.database.query('SELECT id FROM outbox WHERE dead_at IS NULL AND queued_at IS NULL');
  expect(rows).toEqual([{ id: 'e.ops' }]);
});

async function dead(kind: string, position: number): Promise<number> {
  const { rows } = await house.database.query<{ id: number }>(
    `INSERT INTO log_dead (consumer, family, partition, position, kind, version, source, sequence, arrival, reason, payload, at)
     VALUES ('writer', 'readings', 0, $2, $1, 1, 'mqtt', NULL, $3, 'WORKED_OUT_WRONG', '\\x00', $3) RETURNING id`,
    [kind, position, NOW],
  );
  return rows[0]?.id ?? 0;
}

test('a record that could not be taken is done without for a reason; one that would act elsewhere is not given again', async () => {
  const id = await dead('fact', 7);
  expect((await health()).dead).toMatchObject([{ id, kind: 'fact', canReplay: false, reason: 'WORKED_OUT_WRONG' }]);
  const refused = await house.ask('operations', 'POST', `/dead-records/${id}/replay`);
  expect(refused).toMatchObject({ status: 422, body: { code: 'RECORD_NOT_REPEATABLE' } });
  expect(
    (await house.ask('operations', 'POST', `/dead-records/${id}/discard`, { reason: 'a test of ours' })).status,
  ).toBe(204);
  expect(
    (await house.ask('operations', 'POST', `/dead-records/${id}/discard`, { reason: 'a test of ours' })).status,
  ).toBe(404);
  expect((await house.ask('operations', 'POST', '/dead-records/x/replay')).status).toBe(404);
});

const sighting = (by: string, antenna: number, epcHex: string, at: number) => ({
  ...{ reader: by, antenna, epcHex, epcBits: 96, firstSeen: at, lastSeen: at, count: 3, rssiDbm: -50 },
});

async function seen(...sightings: ReturnType<typeof sighting>[]): Promise<void> {
  const batch = { gateway: 'gw-lyon', sequence: 1, at: Date.now(), complete: [], gpi: [], gaps: [], sightings };
  const record = { family: 'trace', kind: 'sightings', version: 1, source: 'test', sequence: null } as const;
  await house.log.append([{ ...record, arrival: Date.now(), payload: encodeBatch(batch) }]);
}

test('a reader is watched for five seconds: antennas and tags of it alone, and of now alone', async () => {
  const testing = house.ask('operations', 'POST', '/readers/dock-1/test');
  let isDone = false;
  void testing.finally(() => {
    isDone = true;
  });
  // The test begins when the request has come in, whenever that is.
  while (!isDone) {
    await seen(
      sighting('dock-1', 1, '3034257BF468D480000003E8', Date.now()),
      sighting('dock-1', 2, '3034257BF468D480000003E9', Date.now()),
      sighting('dock-1', 3, '3034257BF468D480000003EA', Date.now() - 3_600_000),
      sighting('dock-9', 1, '3034257BF468D480000003EB', Date.now()),
    );
    await systemTime.sleep('between reads', 200);
  }
  expect((await testing).body).toEqual({
    ...{ gateway: 'gw-lyon', connected: true, reason: null, seconds: 5 },
    antennas: [
      { antenna: 1, tags: 1 },
      { antenna: 2, tags: 1 },
    ],
    tags: ['3034257BF468D480000003E8', '3034257BF468D480000003E9'],
  } satisfies ReaderTest);
});

test('a reader that does not read says why; one that nobody named too', async () => {
  const [away, unknown] = await Promise.all(
    ['dock-2', 'dock-3'].map((id) => house.ask('operations', 'POST', `/readers/${id}/test`)),
  );
  expect(away?.body).toMatchObject({ connected: false, reason: 'connection refused', antennas: [] });
  expect(unknown?.body).toMatchObject({
    gateway: null,
    connected: false,
    reason: expect.stringContaining('no gateway'),
  });
});
