import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemTime } from '../domain/index.ts';
import { SimulatedReader, type SimulatedReaderOptions } from '../simulators/reader/index.ts';
import { type Diagnosis, diagnoseReader } from './doctor.ts';
import { dockReader, gatewayConfig } from './testing/builders.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function aReader(options: Partial<SimulatedReaderOptions> = {}): Promise<SimulatedReader> {
  const reader = new SimulatedReader({ time: systemTime, ...options });
  await reader.start();
  stops.push(() => reader.stop());
  return reader;
}

async function diagnosed(port: number, changes: Parameters<typeof dockReader>[1] = {}): Promise<Diagnosis[]> {
  const [profile] = gatewayConfig({ mqtt: { url: 'mqtt://127.0.0.1' }, readers: [dockReader(port, changes)] }).readers;
  const diagnoses: Diagnosis[] = [];
  if (profile === undefined) return diagnoses;
  for await (const diagnosis of diagnoseReader(profile, systemTime)) diagnoses.push(diagnosis);
  return diagnoses;
}

function complaints(diagnoses: readonly Diagnosis[]): string[] {
  return diagnoses.filter(({ verdict }) => verdict !== 'good').map(({ found }) => found);
}

test('a reader that is well has no complaints, and is left as it was', async () => {
  const reader = await aReader();
  const diagnoses = await diagnosed(reader.port);
  expect(complaints(diagnoses)).toEqual([]);
  expect(diagnoses.length).toBeGreaterThan(5);
  expect(reader.rospecs.size).toBe(0);
});

test('a clock at 2000-01-01, no hold, a missing antenna, input and output, and too much power are named', async () => {
  const reader = await aReader({ clockOffsetMs: Date.UTC(2000, 0, 1) - Date.now(), canHold: false, gpis: 1, gpos: 2 });
  const diagnoses = await diagnosed(reader.port, {
    antennas: [{ antenna: 5, powerDbm: 33 }],
    gpi: [{ port: 2 }],
    outputs: { red: 3 },
  });
  expect(complaints(diagnoses)).toEqual([
    expect.stringMatching(/clock is .* s behind/),
    'it cannot keep reports while the connection is away',
    'antenna 5 is configured, it has 4',
    'input 2 is configured, it has 1',
    'output 3 (red) is configured, it has 2',
    'antenna 5 should send at 33 dBm, the reader can do 10 to 30 dBm',
  ]);
});

test.each(['ADD_ROSPEC', 'SET_READER_CONFIG'])(
  'what the gateway will do is tried: a refused %s is found before the gateway meets it',
  async (message) => {
    const reader = await aReader();
    reader.misbehave({ refuses: [message] });
    expect(complaints(await diagnosed(reader.port))).toEqual([
      `the reader refused ${message}: not now (LLRP status 109)`,
    ]);
  },
);

test('an Impinj reader that refuses its extensions is read without them, and that is said', async () => {
  const reader = await aReader({ isImpinj: true });
  reader.misbehave({ onExtensions: 'refuses' });
  const [complaint, ...others] = complaints(await diagnosed(reader.port));
  expect(complaint).toMatch(/^Impinj extensions cannot be had/);
  expect(others).toEqual([]);
  expect(reader.rospecs.size).toBe(0);
});

test('a reader that is taken says so', async () => {
  const reader = await aReader();
  await reader.callClient('127.0.0.1', await aListener(() => undefined));
  expect(complaints(await diagnosed(reader.port))).toEqual(['the reader refuses the connection, it already has one']);
});

test('nobody there, and somebody who does not speak LLRP, are told apart', async () => {
  const web = await aListener((write) => write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const silent = await aListener(() => undefined);
  expect(complaints(await diagnosed(1))[0]).toMatch(/ECONNREFUSED/);
  expect(complaints(await diagnosed(web))[0]).toMatch(/no LLRP message header/);
  expect(complaints(await diagnosed(silent, { answerMs: 100 }))[0]).toMatch(/nothing that speaks LLRP/);
});

async function aListener(greet: (write: (text: string) => void) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    stops.unshift(async () => void socket.destroy());
    greet((text) => socket.write(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
