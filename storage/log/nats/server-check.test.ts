import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerInfo } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { requireDurable } from './server-check.ts';

/** What a server says of itself, looked at without one. */
async function check(accounts: readonly object[], connected: Partial<ServerInfo>, replicas = accounts.length) {
  const servers = accounts.map((account) => createServer((_, answer) => answer.end(JSON.stringify(account))));
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const monitors = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const info = { server_id: 'A', server_name: 'a', version: '2.12.0', max_payload: 8_388_608, ...connected };
  const options = { servers: [], monitors, replicas, partitions: 1, stream: 's', credentials: null, system: null };
  try {
    await requireDurable(info as ServerInfo, { ...options, acceptsUnsynced: false });
    return null;
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    for (const server of servers) server.close();
  }
}

const synced = (id: string, version = '2.12.3') => ({
  ...{ server_id: id, server_name: id.toLowerCase(), version },
  jetstream: { config: { sync_always: true, sync_interval: 120_000_000_000 } },
});

describe('a NATS cluster', () => {
  it('does where every server of as many as keep copies is seen, new enough, and writes at once', async () => {
    expect(await check([synced('A'), synced('B'), synced('C')], {})).toBeNull();
    expect(await check([synced('A', '3.0.0')], { version: '3.0.0' })).toBeNull();
  });

  it('does not where one of them is older, lazy, unseen, or has no JetStream', async () => {
    expect(await check([synced('A')], { version: '2.11.9' })).toBe('NATS_TOO_OLD');
    expect(await check([synced('A'), synced('B', '2.10.20')], {})).toBe('NATS_TOO_OLD');
    const lazy = { ...synced('B'), jetstream: { config: { sync_interval: 120_000_000_000 } } };
    expect(await check([synced('A'), lazy], {})).toBe('NATS_SYNC_LAZY');
    expect(await check([synced('A'), { ...synced('B'), jetstream: {} }], {})).toBe('NATS_SYNC_LAZY');
    expect(await check([synced('A'), synced('B')], {}, 3)).toBe('NATS_SYNC_UNSEEN');
    expect(await check([synced('A'), synced('A'), synced('A')], {}, 3)).toBe('NATS_SYNC_UNSEEN');
    expect(await check([synced('B')], {})).toBe('NATS_SYNC_UNSEEN');
  });
});
