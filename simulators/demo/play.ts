import type { TimeSource } from '../../domain/index.ts';
import { SimulatedLogger } from '../loggers/logger.ts';
import { ANTENNA, climateOf, type DemoUnit, ROOM_SENSORS, SHIPMENTS, type Story } from './cast.ts';
import type { ReadTag } from './tags.ts';
import { tagOf, unknownTags } from './tags.ts';

const MINUTE = 60_000;
/** Loggers of the demo measure once a minute... */
const MEASURE_MS = MINUTE;
/** ...and once they have caught up with the wall clock, often enough that a person sees it move. */
const LIVE_MS = 10_000;
/** The replayed stretch runs this much faster than life. */
const REPLAY_STEP_MS = 2 * MINUTE;
const REPLAY_EVERY_MS = 2_000;

export interface Stagehands {
  readonly brokerUrl: string;
  /** MQTT password of a simulated device. */
  passwordOf(device: string): string;
  /** A tag comes into the field of a reader's antenna. */
  read(reader: string, tag: ReadTag): void;
  readonly time: TimeSource;
  /** One short line about what has just been played. */
  onScene(text: string): void;
}

/**
 * Plays the story: two days of history in the first seconds, the last half hour at sixty times life, then live until
 * `signal` aborts. Everything goes over MQTT and LLRP; nothing here touches the platform directly.
 */
export async function play(story: Story, hands: Stagehands, signal: AbortSignal): Promise<void> {
  const loggers = new Map<string, SimulatedLogger>();
  for (const id of [
    ...SHIPMENTS.flatMap((shipment) => shipment.units.map((unit) => unit.logger)),
    ...ROOM_SENSORS.map((sensor) => sensor.id),
  ]) {
    const climate = climateOf(id, story);
    loggers.set(id, new SimulatedLogger({ id, password: hands.passwordOf(id), brokerUrl: hands.brokerUrl, climate }));
  }
  const all = [...loggers.values()];
  try {
    await Promise.all(all.map((logger) => logger.start()));
    hands.onScene('two days of history arrive as the loggers upload their memory');
    await Promise.all(all.map((logger) => uploadHistory(logger, story)));
    await Promise.all([
      playReadings(all, story, hands, signal),
      playDoors(hands, signal),
      playLateUpload(loggers, story, hands, signal),
    ]);
  } finally {
    await Promise.all(all.map((logger) => logger.stop()));
  }
}

async function uploadHistory(logger: SimulatedLogger, story: Story): Promise<void> {
  const until =
    logger.id === 'LOG-401' ? story.silentFrom : logger.id === 'LOG-501' ? story.heldBack.from : story.replayFrom;
  await logger.upload(story.historyFrom, until, MEASURE_MS);
}

/** From the end of the history to now quickly, then on at life's pace. */
async function playReadings(
  all: readonly SimulatedLogger[],
  story: Story,
  hands: Stagehands,
  signal: AbortSignal,
): Promise<void> {
  const heard = all.filter((logger) => logger.id !== 'LOG-401');
  hands.onScene('a cold room defrosts; a truck door is left open in Lyon; LOG-401 has fallen silent');
  let at = story.replayFrom;
  while (!signal.aborted && at < hands.time.now() - MEASURE_MS) {
    const until = Math.min(at + REPLAY_STEP_MS, Math.floor(hands.time.now() / MINUTE) * MINUTE);
    if (until === at) break;
    await Promise.all(heard.map((logger) => logger.upload(at, until, MEASURE_MS)));
    at = until;
    await hands.time.sleep('demo: replay', REPLAY_EVERY_MS, signal);
  }
  if (!signal.aborted) hands.onScene('the loggers have caught up and report live');
  while (!signal.aborted) {
    await hands.time.sleep('demo: live', LIVE_MS, signal);
    const now = Math.floor(hands.time.now() / LIVE_MS) * LIVE_MS;
    if (now <= at) continue;
    await Promise.all(heard.map((logger) => logger.upload(at, now, LIVE_MS)));
    at = now;
  }
}

/** LOG-501 meets a network again and uploads what it measured two hours ago. */
async function playLateUpload(
  loggers: ReadonlyMap<string, SimulatedLogger>,
  story: Story,
  hands: Stagehands,
  signal: AbortSignal,
): Promise<void> {
  await hands.time.sleep('demo: late upload', 20_000, signal);
  if (signal.aborted) return;
  hands.onScene('LOG-501 uploads an excursion of two hours ago');
  await loggers.get('LOG-501')?.upload(story.heldBack.from, story.heldBack.to, MEASURE_MS);
}

async function playDoors(hands: Stagehands, signal: AbortSignal): Promise<void> {
  await hands.time.sleep('demo: first pallet', 6_000, signal);
  if (signal.aborted) return;
  hands.onScene('SHP-1002 arrives in Madrid with three serials too many and one missing');
  const arriving = unitOf('SHP-1002');
  await push(
    hands,
    'reader-madrid-1',
    [...arriving.serials.slice(0, -1).map(tagOf), ...unknownTags(3), tagOf(arriving.sscc)],
    signal,
  );
  await hands.time.sleep('demo: second pallet', 8_000, signal);
  if (signal.aborted) return;
  hands.onScene('SHP-1003 leaves Berlin through dock 1; dock 2 reads some of its tags too');
  const leaving = unitOf('SHP-1003');
  const tags = [...leaving.serials.map(tagOf), tagOf(leaving.sscc)];
  await Promise.all([
    push(hands, 'reader-berlin-1', tags, signal, 'out'),
    stray(hands, 'reader-berlin-2', tags.slice(0, 9), signal),
  ]);
}

/** A pallet goes through a door: the antenna on the side it comes from sees it first. */
async function push(
  hands: Stagehands,
  reader: string,
  tags: readonly string[],
  signal: AbortSignal,
  way: 'in' | 'out' = 'in',
): Promise<void> {
  const [first, second] = way === 'in' ? [ANTENNA.outside, ANTENNA.inside] : [ANTENNA.inside, ANTENNA.outside];
  for (const antenna of [first, second]) {
    for (let round = 0; round < 4 && !signal.aborted; round++) {
      for (const [i, epcHex] of tags.entries())
        hands.read(reader, { antenna, epcHex, rssiDbm: -48 - ((i * 7 + round * 3) % 12) });
      await hands.time.sleep('demo: pallet moves', 250, signal);
    }
  }
}

/** A few weak reads of a pallet at the next door. */
async function stray(hands: Stagehands, reader: string, tags: readonly string[], signal: AbortSignal): Promise<void> {
  await hands.time.sleep('demo: stray', 400, signal);
  for (const [i, epcHex] of tags.entries())
    hands.read(reader, { antenna: ANTENNA.outside, epcHex, rssiDbm: -71 - (i % 4) });
}

function unitOf(shipment: string): DemoUnit {
  const unit = SHIPMENTS.find((candidate) => candidate.id === shipment)?.units[0];
  if (unit === undefined) throw new RangeError(`the demo has no unit of ${shipment}`);
  return unit;
}
