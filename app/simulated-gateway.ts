import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, silentMeter, type TimeSource, UnavailableError } from '../domain/index.ts';
import { Gateway, parseGatewayConfig } from '../gateways/index.ts';
import { SimulatedReader } from '../simulators/index.ts';

export interface SimulatedGatewayOptions {
  readonly id: string;
  readonly brokerUrl: string;
  readonly password: string;
  /** Antennas and inputs of each reader. */
  readonly readers: ReadonlyMap<string, { readonly antennas: readonly number[]; readonly inputs: readonly number[] }>;
  /** Reads and events a reader must be able to hold. */
  readonly room: number;
  readonly time: TimeSource;
  readonly signal: AbortSignal;
}

export interface SimulatedGateway {
  readonly readers: ReadonlyMap<string, SimulatedReader>;
  /**
   * Waits until everything the readers saw is acknowledged.
   * @param isLive the last pass is only just over: waits until the platform can settle it, too
   * @throws {UnavailableError} SIMULATION_UNDELIVERED
   */
  delivered(isLive: boolean): Promise<void>;
  stop(): Promise<void>;
}

const DELIVERED_WITHIN_MS = 120_000;
const READING_WITHIN_MS = 20_000;
/** Longer than a sighting may still grow after its last read. */
const SETTLE_MS = 3_500;
/** And longer than a portal's quiet time and the reader's next word that it has told everything. */
const SETTLE_LIVE_MS = 9_000;

/**
 * A real gateway with a spool of its own, reading simulated readers over real LLRP: what it sends, a site would send.
 * @throws {UnavailableError} SIMULATION_NOT_READING
 */
export async function startSimulatedGateway(options: SimulatedGatewayOptions): Promise<SimulatedGateway> {
  const { id, brokerUrl, password, time, room, signal } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-simulate-'));
  const readers = new Map<string, SimulatedReader>();
  const profiles = [];
  for (const [reader, { antennas, inputs }] of options.readers) {
    const simulated = new SimulatedReader({
      time,
      antennas: Math.max(1, ...antennas),
      gpis: Math.max(1, ...inputs),
      bufferTags: room,
      bufferEvents: room,
    });
    await simulated.start();
    readers.set(reader, simulated);
    profiles.push({
      id: reader,
      host: '127.0.0.1',
      port: simulated.port,
      antennas: antennas.map((antenna) => ({ antenna })),
      gpi: inputs.map((port) => ({ port })),
    });
  }
  const config = parseGatewayConfig({ id, dataDir, mqtt: { url: brokerUrl, password }, readers: profiles }, 'simulate');
  const gateway = new Gateway({ config, time, logger: silentLogger, meter: silentMeter });
  await gateway.start();
  const stop = async () => {
    await gateway.stop();
    await Promise.all([...readers.values()].map((reader) => reader.stop()));
    await rm(dataDir, { recursive: true, force: true });
  };
  const isReading = () => gateway.status.readers.every(({ state }) => state === 'reading');
  if (!(await comesTrue(isReading, READING_WITHIN_MS, time, signal)) && !signal.aborted) {
    await stop();
    throw new UnavailableError('SIMULATION_NOT_READING', 'the simulated readers did not start reading');
  }
  return {
    readers,
    async delivered(isLive) {
      const isHandedOver = () => [...readers.values()].every(({ waitingTags }) => waitingTags === 0);
      await comesTrue(isHandedOver, DELIVERED_WITHIN_MS, time, signal);
      await time.sleep('simulate: settle', isLive ? SETTLE_LIVE_MS : SETTLE_MS, signal);
      const isSent = () => gateway.status.spool.pending === 0;
      if ((await comesTrue(isSent, DELIVERED_WITHIN_MS, time, signal)) || signal.aborted) return;
      const { pending } = gateway.status.spool;
      const message = `${pending} batches were not acknowledged by ${brokerUrl}: is it up, and are the credentials of ${id} right?`;
      throw new UnavailableError('SIMULATION_UNDELIVERED', message);
    },
    stop,
  };
}

async function comesTrue(check: () => boolean, withinMs: number, time: TimeSource, signal: AbortSignal) {
  const deadline = time.now() + withinMs;
  while (!check()) {
    if (signal.aborted || time.now() >= deadline) return false;
    await time.sleep('simulate: wait', 25, signal);
  }
  return true;
}
