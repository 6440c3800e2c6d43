import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { identityOfTag } from '../../codecs/epc/index.ts';
import {
  formPasses,
  type GpiEvent,
  InputError,
  PORTAL_CAP_MS,
  PORTAL_QUIET_MS,
  type Sighting,
  systemTime,
} from '../../domain/index.ts';
import { SightingBuilder } from '../../gateways/index.ts';
import {
  apiClient,
  fleetIds,
  parseRecording,
  parseScenario,
  playFleet,
  portalFacts,
  replayReadings,
  replayReads,
  SCENARIOS,
  type Scenario,
  trafficOf,
} from '../../simulators/index.ts';
import { urlHost } from '../addresses.ts';
import type { Config } from '../config/index.ts';
import { untilToldToStop } from '../signals.ts';
import { startSimulatedGateway } from '../simulated-gateway.ts';
import { type Credentials, simulationCredentials } from '../simulation-credentials.ts';
import { configFor, readOptions, usageError } from './options.ts';

const OPTIONS = {
  list: { type: 'boolean' },
  mqtt: { type: 'string' },
  http: { type: 'string' },
  token: { type: 'string' },
  password: { type: 'string' },
  credentials: { type: 'string' },
  gateway: { type: 'string' },
  live: { type: 'boolean' },
  'as-recorded': { type: 'boolean' },
  passes: { type: 'boolean' },
  outside: { type: 'string' },
  inside: { type: 'string' },
} as const;

const USAGE = 'simulate SCENARIO|FILE.yaml | simulate replay FILE.csv | simulate --list';

interface Stage {
  readonly config: Config;
  readonly brokerUrl: string;
  readonly signal: AbortSignal;
  readonly values: ReturnType<typeof readOptions<typeof OPTIONS>>['values'];
}

/**
 * `isotherm simulate`: readers and loggers, invented or recorded, against any Isotherm over MQTT (docs/simulate.md).
 * Ends by itself when the scenario or the recording is over and everything is acknowledged; prints one JSON line.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, OPTIONS);
  const [what, file, ...more] = positionals;
  if (values.list) {
    for (const [name, { about }] of Object.entries(SCENARIOS)) process.stdout.write(`${name.padEnd(8)}  ${about}\n`);
    return 0;
  }
  if (what === undefined || more.length > 0 || (what === 'replay') !== (file !== undefined)) throw usageError(USAGE);
  const config = configFor(values.config);
  const stopping = new AbortController();
  untilToldToStop(systemTime).then(() => stopping.abort());
  const brokerUrl = values.mqtt ?? `mqtt://${urlHost(config.mqtt.host)}:${config.mqtt.port}`;
  const stage = { config, brokerUrl, signal: stopping.signal, values };
  const result = file === undefined ? await playScenario(await scenarioOf(what), stage) : await replay(file, stage);
  if (result !== null) process.stdout.write(`${JSON.stringify(result)}\n`);
  return stopping.signal.aborted ? 1 : 0;
}

async function scenarioOf(what: string): Promise<Scenario> {
  const builtIn = SCENARIOS[what];
  if (builtIn !== undefined) return builtIn.scenario;
  if (!/\.ya?ml$/.test(what)) {
    const names = Object.keys(SCENARIOS).join(', ');
    throw new InputError('SCENARIO_UNKNOWN', `scenario: given "${what}", allowed: ${names}, or a YAML file`);
  }
  const text = await readText(what);
  try {
    return parseScenario(parse(text), what);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const message = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new InputError('SCENARIO_INVALID', `${what}: ${message}`, { file: what }, cause);
  }
}

async function playScenario(scenario: Scenario, stage: Stage): Promise<object> {
  const { brokerUrl, signal, values } = stage;
  const time = systemTime;
  if (scenario.kind === 'fleet') {
    const ids = fleetIds(scenario);
    return withCredentials(stage, ids, async ({ passwordOf }) => {
      say(`${ids.length} loggers report for ${scenario.for / 1_000} s`);
      const readings = await playFleet({ scenario, brokerUrl, passwordOf, time, signal });
      return { scenario: 'fleet', loggers: ids.length, readings };
    });
  }
  const id = values.gateway ?? scenario.gateway;
  return withCredentials(stage, [id], async ({ passwordOf }) => {
    const traffic = trafficOf(scenario, time.now() + 8_000);
    const { movements, reads, gpi } = traffic;
    if (values.http !== undefined && values.token !== undefined) {
      const api = apiClient(values.http, values.token);
      for (const { method, path, body } of portalFacts(scenario, traffic)) {
        await (method === 'PUT' ? api.put(path, body) : api.post(path, body));
      }
    } else say('no --http URL --token TOKEN: the platform is not told of doors and shipments, only what readers see');
    const lastMs = (reads.at(-1)?.firstSeen ?? time.now()) - time.now();
    say(`${movements.length} pallets through ${traffic.doors.length} doors in ${Math.ceil(lastMs / 1_000)} s`);
    const taken = await through(stage, id, passwordOf(id), { reads, gpi, shiftMs: 0, isLive: true });
    return { scenario: 'portal', pallets: movements.length, reads: taken };
  });
}

async function replay(file: string, stage: Stage): Promise<object | null> {
  const { brokerUrl, signal, values } = stage;
  const recording = parseRecording(await readText(file), file);
  const times =
    recording.kind === 'reads' ? recording.reads.map((r) => r.firstSeen) : recording.readings.map((r) => r.time);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) throw new InputError('REPLAY_FILE_BAD', `${file}: no rows`, { file });
  if (values.passes) {
    if (recording.kind === 'readings') throw new InputError('REPLAY_FILE_BAD', `${file}: --passes wants tag reads`);
    printPasses(recording.reads, recording.gpi, antennasOf(values.outside), antennasOf(values.inside));
    return null;
  }
  const isLive = values.live ?? false;
  const now = systemTime.now();
  // Shifted by whole seconds: a file replayed twice is two passes, not one.
  const shiftMs = values['as-recorded'] ? 0 : Math.floor((now - (isLive ? first - 2_000 : last)) / 1_000) * 1_000;
  say(`${times.length} rows, ${new Date(first + shiftMs).toISOString()} to ${new Date(last + shiftMs).toISOString()}`);
  if (recording.kind === 'readings') {
    const ids = [...new Set(recording.readings.map(({ device }) => device))];
    return withCredentials(stage, ids, async ({ passwordOf }) => {
      const { readings } = recording;
      const options = { readings, brokerUrl, passwordOf, shiftMs, isLive, time: systemTime, signal };
      return { replayed: 'readings', devices: ids.length, readings: await replayReadings(options) };
    });
  }
  const id = values.gateway ?? 'sim-gateway';
  return withCredentials(stage, [id], async ({ passwordOf }) => {
    const { reads, gpi } = recording;
    const taken = await through(stage, id, passwordOf(id), { reads, gpi, shiftMs, isLive });
    return { replayed: 'reads', readers: new Set(reads.map(({ reader }) => reader)).size, reads: taken };
  });
}

interface Played {
  readonly reads: readonly Sighting[];
  readonly gpi: readonly GpiEvent[];
  readonly shiftMs: number;
  readonly isLive: boolean;
}

/** Plays reads through a real gateway with simulated readers; resolves when the platform has them. */
async function through(stage: Stage, id: string, password: string, played: Played): Promise<number> {
  const { brokerUrl, signal } = stage;
  const used = new Map<string, { antennas: number[]; inputs: number[] }>();
  const of = (reader: string) => {
    const known = used.get(reader) ?? { antennas: [], inputs: [] };
    used.set(reader, known);
    return known;
  };
  for (const { reader, antenna } of played.reads) {
    const { antennas } = of(reader);
    if (!antennas.includes(antenna)) antennas.push(antenna);
  }
  for (const { reader, port } of played.gpi) {
    const { inputs } = of(reader);
    if (!inputs.includes(port)) inputs.push(port);
  }
  const readers = new Map(
    [...used].map(([reader, { antennas, inputs }]) => {
      return [reader, { antennas: antennas.length > 0 ? antennas : [1], inputs }];
    }),
  );
  const room = played.reads.length + played.gpi.length + 1_000;
  const gateway = await startSimulatedGateway({ id, brokerUrl, password, readers, room, time: systemTime, signal });
  try {
    const taken = await replayReads({ ...played, readers: gateway.readers, time: systemTime, signal });
    await gateway.delivered(played.isLive);
    return taken;
  } finally {
    await gateway.stop();
  }
}

/** The passes that would be formed of the recording, one JSON line each; no Isotherm needed. */
function printPasses(
  reads: readonly Sighting[],
  gpi: readonly GpiEvent[],
  outside: readonly number[],
  inside: readonly number[],
): void {
  for (const reader of new Set(reads.map((read) => read.reader))) {
    const own = reads.filter((read) => read.reader === reader);
    const inputs = gpi.filter((event) => event.reader === reader);
    const numbered = Map.groupBy(
      own.filter(({ tids }) => tids !== undefined),
      ({ epcHex }) => epcHex,
    );
    const builder = new SightingBuilder({ gapMs: 2_000, capMs: 60_000 });
    for (const { at } of inputs) builder.cut(at);
    const sightings: Sighting[] = [];
    for (const read of own) {
      builder.add(read, read.firstSeen);
      sightings.push(...builder.takeChanged(read.firstSeen));
    }
    const antennas = [...new Set(own.map(({ antenna }) => antenna))].map((antenna) => {
      const side = outside.includes(antenna) ? 'outside' : inside.includes(antenna) ? 'inside' : null;
      return { reader, antenna, side } as const;
    });
    const triggers = [...new Set(inputs.map(({ port }) => `${reader}/${port}`))];
    const portal = { id: reader, antennas, triggers, quietMs: PORTAL_QUIET_MS, capMs: PORTAL_CAP_MS };
    for (const { portal: at, from, to, endedBy, direction, directionReason, reads: found } of formPasses(
      portal,
      sightings,
      inputs,
      identityOfTag,
    )) {
      const tags = found.map((read) => ({
        epc: identityOfTag(read.epcHex, read.epcBits),
        count: read.count,
        rssi: read.rssiDbm,
        direction: read.direction,
        reason: read.directionReason,
        ...numbersOf(numbered.get(read.epcHex), { from, to }),
      }));
      const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
      process.stdout.write(`${JSON.stringify({ reader: at, ...times, endedBy, direction, directionReason, tags })}\n`);
    }
  }
}

/** The numbers by which a tag answered in a pass; nothing where the reader did not ask. */
function numbersOf(
  numbered: readonly Sighting[] = [],
  { from, to }: { readonly from: number; readonly to: number },
): { readonly tids?: readonly string[] } {
  const own = numbered.filter((read) => read.firstSeen >= from && read.firstSeen <= to);
  const tids = [...new Set(own.flatMap((read) => read.tids ?? []))];
  return tids.length > 0 ? { tids } : {};
}

function antennasOf(text: string | undefined): number[] {
  if (text === undefined) return [];
  const antennas = text.split(',').map(Number);
  if (antennas.every((antenna) => Number.isInteger(antenna) && antenna > 0)) return antennas;
  throw new InputError('COMMAND_USAGE', `antennas: given "${text}", allowed: numbers such as 1,2`);
}

async function withCredentials<T>(
  { config, values }: Stage,
  ids: readonly string[],
  work: (credentials: Credentials) => Promise<T>,
): Promise<T> {
  const given = { file: values.credentials, password: values.password };
  const credentials = await simulationCredentials(config, ids, given);
  try {
    return await work(credentials);
  } finally {
    await credentials.end();
  }
}

/** UTF-8, or UTF-16 as spreadsheets save "Unicode text". */
async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new InputError('FILE_UNREADABLE', `${file}: cannot be read (${cause.code})`, { file }, cause);
  });
  const mark = bytes.subarray(0, 2).toString('hex');
  return new TextDecoder(mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8').decode(bytes);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
