import { connect, createServer } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { encodeFrame } from '../codecs/llrp/index.ts';
import { ManualTime, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { SimulatedReader, type SimulatedReaderOptions } from '../simulators/reader/index.ts';
import { type ClientEvents, LlrpClient } from './client.ts';
import { OutgoingLine } from './line.ts';
import { gatewayMetrics } from './metrics.ts';
import { ReaderSession, type ReadSink } from './session.ts';
import { dockReader, gatewayConfig } from './testing/builders.ts';

const NOTHING: ClientEvents = { report() {}, notification() {}, malformed() {}, closed() {} };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A session by the hands of a clock that stands still, with a reader that lives by the machine's. */
async function aSession(changes: Parameters<typeof dockReader>[1] = {}, options: Partial<SimulatedReaderOptions> = {}) {
  const reader = new SimulatedReader({ time: systemTime, ...options });
  await reader.start();
  const time = new ManualTime(Date.UTC(2026, 10, 22, 12));
  const profile = gatewayConfig({ mqtt: { url: 'mqtt://x' }, readers: [dockReader(reader.port, changes)] }).readers[0];
  if (profile === undefined) throw new Error('no reader');
  const line = new OutgoingLine(profile, time);
  const waits: number[] = [];
  const completed: number[] = [];
  const sink: ReadSink = {
    tags() {},
    gpi() {},
    gap() {},
    complete: (_reader, at) => void completed.push(at),
    completeUntil: () => null,
  };
  const warn = (fields: object) => {
    if ('waitMs' in fields && typeof fields.waitMs === 'number') waits.push(fields.waitMs);
  };
  const session = new ReaderSession({
    profile,
    line,
    time,
    sink,
    logger: { ...silentLogger, warn },
    metrics: gatewayMetrics(silentMeter),
    ready: async () => {},
    changed: () => {},
    random: () => 0.5,
  });
  stops.push(
    () => reader.stop(),
    () => session.abandon(),
  );
  return { reader, time, session, waits, completed };
}

test('a reader that has gone quiet is given two keepalives and a half, no more', async () => {
  const { reader, time, session, completed } = await aSession({ keepaliveMs: 30_000, answerMs: 120_000 });
  session.start();
  await vi.waitFor(() => expect(completed).toHaveLength(1), { interval: 1 });
  reader.misbehave({ isSilent: true });
  await time.advance(74_000);
  expect(session.status.state).toBe('reading');
  await time.advance(1000);
  await vi.waitFor(() => expect(session.status.reason).toBe('nothing heard for 75 s'), { interval: 1 });
});

test('the wait between attempts doubles to 30 s', async () => {
  const { reader, time, session, waits } = await aSession();
  await reader.stop();
  session.start();
  for (let attempt = 1; attempt <= 8; attempt++) {
    await vi.waitFor(() => expect(waits).toHaveLength(attempt), { interval: 1 });
    await time.advance(waits.at(-1) ?? 0);
  }
  expect(waits.slice(0, 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('after a connection that worked the wait starts small again', async () => {
  const { reader, time, session, waits, completed } = await aSession();
  session.start();
  for (let attempt = 1; attempt <= 3; attempt++) {
    await vi.waitFor(() => expect(completed).toHaveLength(attempt), { interval: 1 });
    expect(session.status.state).toBe('reading');
    reader.dropConnection();
    await vi.waitFor(() => expect(waits).toHaveLength(attempt), { interval: 1 });
    await time.advance(waits.at(-1) ?? 0);
  }
  expect(waits).toEqual([500, 500, 500]);
});

test('a reader that accepts every connection and refuses set-up is not called twice a second for ever', async () => {
  const { reader, time, session, waits } = await aSession();
  reader.misbehave({ refuses: ['ADD_ROSPEC'] });
  session.start();
  for (let attempt = 1; attempt <= 8; attempt++) {
    await vi.waitFor(() => expect(waits).toHaveLength(attempt), { interval: 1 });
    expect(session.status.reason).toBe('the reader refused ADD_ROSPEC: not now (LLRP status 109)');
    await vi.waitFor(() => expect(reader.isConnected).toBe(false), { interval: 1 });
    await time.advance(waits.at(-1) ?? 0);
  }
  expect(waits.slice(0, 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('a reader that is set up and drops the connection before it answers once is waited for too', async () => {
  const { reader, time, session, waits } = await aSession();
  reader.misbehave({ isSilent: false, answerDelayMs: 0 });
  session.start();
  for (let attempt = 1; attempt <= 4; attempt++) {
    await vi.waitFor(() => expect(['configuring', 'reading']).toContain(session.status.state), { interval: 1 });
    reader.misbehave({ isSilent: true });
    reader.dropConnection();
    await vi.waitFor(() => expect(waits).toHaveLength(attempt), { interval: 1 });
    reader.misbehave({ isSilent: false });
    await time.advance(waits.at(-1) ?? 0);
  }
  expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
});

test('a connection that is reset is lost as one that is closed, to whoever waits for an answer', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  const client = new LlrpClient({
    ...{ socket: connect(address.port, '127.0.0.1'), time: systemTime, keepaliveMs: 60_000, answerMs: 60_000 },
    events: NOTHING,
  });
  client.start();
  // As when a light is set: what is no error of ours would end the gateway.
  const light = client.must({ name: 'SET_READER_CONFIG', ResetToFactoryDefault: false, parameters: [] });
  await expect(light).rejects.toMatchObject({
    ...{ code: 'LLRP_CONNECTION_LOST', message: 'read ECONNRESET' },
  });
  await expect(client.farewell()).resolves.toBeUndefined();
});

// The socket was destroyed with the answer: reports that were under way behind it were gone, and the reader thought them told.
test.each([
  ['ends the connection', true],
  ['leaves it open', false],
])('what a reader still sends behind its answer to the farewell is taken, whether it then %s', async (_, ends) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (request) => {
      const message = {
        name: 'CLOSE_CONNECTION_RESPONSE',
        parameters: [{ name: 'LLRPStatus', StatusCode: 0, ErrorDescription: '' }],
      };
      socket.write(
        encodeFrame({ version: 1, id: request.readUInt32BE(6), message } as Parameters<typeof encodeFrame>[0]),
      );
      setImmediate(() => {
        socket.write(encodeFrame({ version: 1, id: 9, message: { name: 'RO_ACCESS_REPORT', parameters: [] } }));
        if (ends) socket.end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  const reports: number[] = [];
  const reasons: Error[] = [];
  const client = new LlrpClient({
    ...{ socket: connect(address.port, '127.0.0.1'), time: systemTime, keepaliveMs: 60_000, answerMs: 60_000 },
    events: { ...NOTHING, report: ({ length }) => reports.push(length), closed: (reason) => reasons.push(reason) },
  });
  client.start();
  await client.farewell();
  expect([reports, reasons, client.isOrderly]).toEqual([[10], [], true]);
  client.close(new Error('let go'));
  expect(reasons.map(({ message }) => message)).toEqual(['let go']);
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test.each(['refuses', 'says nothing', 'hangs up'] as const)(
  'with impinj: auto a reader that %s when asked for extensions is read without them',
  async (onExtensions) => {
    const { reader, time, session, waits } = await aSession({ answerMs: 100 }, { isImpinj: true });
    reader.misbehave({ onExtensions });
    session.start();
    await vi.waitFor(
      async () => {
        if (session.status.state === 'waiting') await time.advance(waits.at(-1) ?? 0);
        else await time.advance(10);
        expect(session.status.state).toBe('reading');
      },
      { interval: 5 },
    );
    expect(waits.length).toBeLessThanOrEqual(1);
  },
);

test('with impinj: on it is an error that says what to do', async () => {
  const { reader, session } = await aSession({ impinj: 'on' }, { isImpinj: true });
  reader.misbehave({ onExtensions: 'refuses' });
  session.start();
  await vi.waitFor(() => expect(session.status.reason).toMatch(/refused CUSTOM_MESSAGE/), { interval: 1 });
});
