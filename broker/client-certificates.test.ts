import { connectAsync, type IClientOptions } from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Broker, type BrokerOptions, type Principal } from './index.ts';
import { AUTHORITY, FORGED, GATEWAY, LOGGER, LOST, REVOCATIONS, SECOND, SERVERS, SLY } from './testing/authority.ts';
import { TEST_CERT, TEST_KEY } from './testing/certificate.ts';

type TlsOptions = NonNullable<BrokerOptions['tls']>;

const running: Broker[] = [];
/** Ids with credentials. */
let registered: Set<string>;
afterEach(async () => {
  await Promise.all(running.splice(0).map((broker) => broker.stop()));
});

async function door(change: Partial<TlsOptions> = {}): Promise<{ broker: Broker; port: number }> {
  registered = new Set(['logger-7', 'gw-1']);
  const broker = new Broker({
    ...{ host: '127.0.0.1', port: 0, time: systemTime, logger: silentLogger, meter: silentMeter },
    tls: { port: 0, key: TEST_KEY, cert: TEST_CERT, clientCa: AUTHORITY, clientCrl: REVOCATIONS, ...change },
    authenticate: async (_client, username, password): Promise<Principal | null> =>
      password === username ? { kind: 'device', id: username } : null,
    certified: async (id) => (registered.has(id) ? { kind: 'device', id } : null),
    accept: (_message, done) => done(),
  });
  running.push(broker);
  return { broker, port: (await broker.start()).tls ?? 0 };
}

/** @returns 'in', or the return code of CONNACK, or what ended it */
async function signIn(port: number, options: IClientOptions): Promise<string> {
  const base = { ca: [TEST_CERT, SECOND.cert], reconnectPeriod: 0, connectTimeout: 10_000 };
  try {
    const client = await connectAsync(`mqtts://127.0.0.1:${port}`, { ...base, ...options });
    await client.endAsync(true);
    return 'in';
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}

describe('a certificate instead of a password', () => {
  test.each([
    ['its common name', LOGGER, 'logger-7'],
    ['a DNS name of it', GATEWAY, 'gw-1'],
  ])('lets in whose id is %s', async (_what, pair, clientId) => {
    const { port } = await door();
    expect(await signIn(port, { ...pair, clientId })).toBe('in');
    expect(await signIn(port, { ...pair, clientId, username: clientId })).toBe('in');
  });

  test.each([
    ['of another id', LOGGER, 'gw-1', '2'],
    ['of another id, whatever the password says', LOGGER, 'gw-1', '2', 'gw-1'],
    ['whose e-mail address and URI read like the name of another type', SLY, 'logger-7', '2'],
    ['of an authority that is not ours', FORGED, 'logger-7', '4'],
    ['made for servers', SERVERS, 'logger-7', '4'],
    ['that its authority has taken back', LOST, 'logger-7', '4'],
  ])('does not let in one %s', async (_what, pair, clientId, code, password?: string) => {
    const { port } = await door();
    const given = password === undefined ? {} : { username: clientId, password };
    expect(await signIn(port, { ...pair, clientId, ...given })).toBe(code);
  });

  test('does not let in an id without credentials, and ends with them', async () => {
    const { broker, port } = await door();
    const client = await connectAsync(`mqtts://127.0.0.1:${port}`, {
      ...{ ...LOGGER, clientId: 'logger-7', ca: TEST_CERT, reconnectPeriod: 0 },
    });
    registered.delete('logger-7');
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    broker.disconnect('logger-7');
    await closed;
    expect(await signIn(port, { ...LOGGER, clientId: 'logger-7' })).toBe('4');
  });

  test('is not needed: who has none, or one that does not hold, may have a password', async () => {
    const { port } = await door();
    const right = { clientId: 'logger-7', username: 'logger-7', password: 'logger-7' };
    expect(await signIn(port, right)).toBe('in');
    expect(await signIn(port, { ...FORGED, ...right })).toBe('in');
    expect(await signIn(port, { ...FORGED, ...right, password: 'wrong' })).toBe('4');
  });

  test('says nothing where no authority is configured', async () => {
    const broker = await door();
    await broker.broker.stop();
    const bare = new Broker({
      ...{ host: '127.0.0.1', port: 0, time: systemTime, logger: silentLogger, meter: silentMeter },
      tls: { port: 0, key: TEST_KEY, cert: TEST_CERT },
      authenticate: async () => null,
      certified: async (id) => ({ kind: 'device', id }),
      accept: (_message, done) => done(),
    });
    running.push(bare);
    expect(await signIn((await bare.start()).tls ?? 0, { ...LOGGER, clientId: 'logger-7' })).toBe('4');
  });
});

test('a certificate that is changed while the door is open is shown from the next handshake on; who is in stays', async () => {
  let change: Parameters<NonNullable<TlsOptions['onChange']>>[0] = () => {};
  const { port } = await door({
    onChange: (take) => {
      change = take;
    },
  });
  const url = `mqtts://127.0.0.1:${port}`;
  const options = { ...LOGGER, clientId: 'logger-7', reconnectPeriod: 0 };
  const before = await connectAsync(url, { ...options, ca: TEST_CERT });
  change({ ...SECOND, clientCa: AUTHORITY });
  await expect(
    connectAsync(url, { ...GATEWAY, clientId: 'gw-1', reconnectPeriod: 0, ca: TEST_CERT }),
  ).rejects.toThrow();
  const after = await connectAsync(url, { ...GATEWAY, clientId: 'gw-1', reconnectPeriod: 0, ca: SECOND.cert });
  expect(before.connected).toBe(true);
  await Promise.all([before.endAsync(true), after.endAsync(true)]);
});
