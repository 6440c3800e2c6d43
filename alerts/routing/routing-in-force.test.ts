import { afterAll, beforeEach, expect, test } from 'vitest';
import { silentLogger, systemTime, Troubles } from '../../domain/index.ts';
import { PostgresAuditTrail } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { by } from '../../storage/testing/people.ts';
import { RoutingInForce } from './routing-in-force.ts';
import { RoutingVersions } from './routing-versions.ts';

const database = await testDatabase();
const hook = { id: 'ops', kind: 'webhook' as const, url: 'http://127.0.0.1:9/', secret: 'whsec_c2VjcmV0' };
const alerts = { channels: [hook], route: { channel: 'ops' } };
const text = (to: string) => `route: { name: all, to: [{ channel: ${to} }] }`;
const WHO = by('ada');
const troubles = new Troubles();
const running: RoutingInForce[] = [];

function inForce(file: { name: string; text: string } | null = null): RoutingInForce {
  const made = new RoutingInForce({ database, alerts, file, logger: silentLogger, time: systemTime, troubles });
  running.push(made);
  return made;
}

function versions(file: string | null = null): RoutingVersions {
  const audit = new PostgresAuditTrail({ database });
  return new RoutingVersions({ audit, database, file, time: systemTime, channels: async () => ['ops', 'gone'] });
}

beforeEach(() => database.query('TRUNCATE routing_versions'));
afterAll(() => Promise.all(running.map((one) => one.stop())));

test('alerts.route counts until somebody writes a routing; that counts at once, in every process', async () => {
  const [here, there] = [inForce(), inForce()];
  await Promise.all([here.start(), there.start()]);
  expect(here.found.source).toEqual({ kind: 'route' });
  await versions().put({ text: text('ops'), reason: 'a first one', seen: 0 }, WHO);
  await expect.poll(() => there.found.source).toMatchObject({ kind: 'edited', version: 1 });
  expect(here.plan?.root.name ?? null).not.toBeNull();
});

test('a channel that went after it was named is a trouble that says so, and everything else of the routing goes on', async () => {
  await versions().put({ text: text('gone'), reason: 'named while it was there', seen: 0 }, WHO);
  const kept = inForce();
  await kept.start();
  expect(kept.found).toMatchObject({
    source: { kind: 'edited' },
    problems: ['the route all: the channel gone is not there any more'],
  });
  expect(troubles.list()).toMatchObject([{ part: 'routing', code: 'ROUTING_BROKEN' }]);
});

test('a version that cannot be read any more is passed over for the one before it', async () => {
  await versions().put({ text: text('ops'), reason: 'a good one', seen: 0 }, WHO);
  await database.query("INSERT INTO routing_versions VALUES (2, 'route: 7', 'ada', now(), 'of another release')");
  const kept = inForce();
  await kept.start();
  expect(kept.found).toMatchObject({
    source: { kind: 'edited', version: 1 },
    problems: [expect.stringMatching(/^version 2:1: /)],
  });
});

test('where the configuration names a file, that counts, and nobody changes it on the page', async () => {
  await versions().put({ text: text('gone'), reason: 'before there was a file', seen: 0 }, WHO);
  const kept = inForce({ name: 'routing.yaml', text: text('ops') });
  await kept.start();
  expect(kept.found.source).toMatchObject({ kind: 'file', file: 'routing.yaml' });
  await expect(
    versions('routing.yaml').put({ text: text('ops'), reason: 'on the page', seen: 1 }, WHO),
  ).rejects.toMatchObject({ code: 'ROUTING_CONFIGURED' });
  await expect(inForce({ name: 'routing.yaml', text: text('gone') }).start()).rejects.toMatchObject({
    code: 'ROUTING_FILE_BAD',
  });
});
