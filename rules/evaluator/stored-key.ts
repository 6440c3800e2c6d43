import {
  type Finding,
  type History,
  type HistoryScan,
  joinReadings,
  type Key,
  keyOf,
  NO_READINGS,
} from '../../domain/index.ts';
import type { Engine } from '../engine/engine.ts';
import type { ParkedKey } from '../engine/rejudging.ts';
import { BOUNDED_TAIL } from '../engine/series.ts';
import type { StoredReadings } from '../engine/tails.ts';

/** Before every event time that may be stored: the year 1. */
const BEGINNING_MS = -62_135_596_800_000;
/** After every event time that may be stored: the year 9999. */
const END_MS = 253_402_300_799_999;
/** Readings asked for at first; each further try asks for four times as many. */
const FIRST_BEFORE = 64;
const FIRST_AFTER = 256;
const TIMES_MORE = 4;
/** Readings beside a key read at once. */
const PAGE = 4_096;
/** Newest readings that a metric which others ask is taken up with: a flag told each minute, for a day. */
const BESIDE_NEWEST = 2_048;

/**
 * Takes every key up from its newest stored readings and the findings that are present, a few statements for all of
 * them; the few whose state rests on more than a tail of readings are read further back, together.
 *
 * @param present findings by key, as the store has them
 * @param isOwn whose keys are taken up; null for all
 * @param asked metrics that rules on others ask, by code: taken up first
 * @returns how many keys had to be read further
 */
export async function restoreKeys(
  engine: Engine,
  scan: HistoryScan,
  present: ReadonlyMap<string, readonly Finding[]>,
  isOwn: ((device: string) => boolean) | null,
  asked: ReadonlySet<number>,
): Promise<number> {
  await restoreAsked(engine, scan, asked, isOwn);
  let wanted: readonly Key[] | null = null;
  let readFurther = 0;
  for (let count = BOUNDED_TAIL.most; ; count *= TIMES_MORE) {
    const further: Key[] = [];
    for await (const tails of scan.newest(count, wanted, isOwn)) {
      for (const { device, metric, readings, firstTime } of tails) {
        const stretch = { readings, isWhole: readings.count < count, firstTime };
        const findings = present.get(keyOf({ device, metric })) ?? [];
        if (engine.restore({ device, metric }, stretch, findings) !== 'done') further.push({ device, metric });
      }
    }
    readFurther = Math.max(readFurther, further.length);
    if (further.length === 0) return readFurther;
    wanted = further;
  }
}

/** Judges a parked key again from its stored readings; reads only as far to both sides as the outcome depends on. */
export async function reevaluateKey(engine: Engine, history: History, parked: ParkedKey): Promise<void> {
  const { key, device, metric } = parked;
  const tailFrom = engine.tailFrom(key);
  const end = Number.isFinite(tailFrom) ? tailFrom : END_MS;
  let before = FIRST_BEFORE;
  let after = FIRST_AFTER;
  for (;;) {
    const isFromBeginning = parked.from === Number.NEGATIVE_INFINITY;
    const earlier = isFromBeginning
      ? NO_READINGS
      : await history.before(device, metric, Math.min(parked.from, end), before);
    const from = isFromBeginning ? BEGINNING_MS : parked.from;
    const later = from < end ? await history.read(device, metric, from, end, after) : NO_READINGS;
    const isWhole = isFromBeginning || earlier.count < before;
    const readings = joinReadings(earlier, later);
    const since = isWhole ? BEGINNING_MS : (readings.time[0] ?? tailFrom);
    const beside = await readBeside(engine, history, parked, since);
    const outcome = engine.reevaluate(parked, { readings, isWhole, reachesTail: later.count < after }, beside);
    if (outcome === 'done') return;
    if (outcome === 'moreBefore') before *= TIMES_MORE;
    else after *= TIMES_MORE;
  }
}

/** What the rules of a key ask of other metrics of its device, from so long before `since` as counts up to their tails. */
async function readBeside(
  engine: Engine,
  history: History,
  { key, device }: ParkedKey,
  since: number,
): Promise<Map<number, StoredReadings>> {
  const stored = new Map<number, StoredReadings>();
  for (const { metric, tailFrom, reachMs } of engine.askedBeside(key)) {
    const from = Math.max(BEGINNING_MS, since - reachMs);
    const end = Number.isFinite(tailFrom) ? tailFrom : END_MS;
    let readings =
      from <= BEGINNING_MS ? NO_READINGS : await history.before(device, metric, Math.min(from, end), FIRST_BEFORE);
    const isWhole = from <= BEGINNING_MS || readings.count < FIRST_BEFORE;
    for (let next = from; next < end; ) {
      const page = await history.read(device, metric, next, end, PAGE);
      readings = joinReadings(readings, page);
      next = page.count < PAGE ? end : (page.time[page.count - 1] as number) + 1;
    }
    stored.set(metric, { readings, isWhole, reachesTail: true });
  }
  return stored;
}

/** What others ask is there before they are: its readings alone, its findings come with all the rest. */
async function restoreAsked(
  engine: Engine,
  scan: HistoryScan,
  asked: ReadonlySet<number>,
  isOwn: ((device: string) => boolean) | null,
): Promise<void> {
  if (asked.size === 0) return;
  const keys = (await scan.keys()).filter(
    ({ device, metric }) => asked.has(metric) && (isOwn === null || isOwn(device)),
  );
  for await (const tails of scan.newest(BESIDE_NEWEST, keys)) {
    for (const { device, metric, readings, firstTime } of tails) {
      engine.restoreReadings({ device, metric }, { readings, isWhole: readings.count < BESIDE_NEWEST, firstTime });
    }
  }
}
