import type { Finding, History, KeyReadings } from '../../domain/index.ts';
import type { Engine, ParkedKey } from '../engine/engine.ts';

/** Before every event time that may be stored: the year 1. */
const BEGINNING_MS = -62_135_596_800_000;
/** After every event time that may be stored: the year 9999. */
const END_MS = 253_402_300_799_999;
/** Readings asked for at first; each further try asks for four times as many. */
const FIRST_BEFORE = 64;
const FIRST_AFTER = 256;
const TIMES_MORE = 4;

/** Takes one key up from its newest stored readings; reads further back until its state is certain. */
export async function restoreKey(
  engine: Engine,
  history: History,
  key: { readonly device: string; readonly metric: number },
  findings: readonly Finding[],
): Promise<void> {
  let firstTime: number | undefined;
  for (let count = FIRST_BEFORE; ; count *= TIMES_MORE) {
    const readings = await history.before(key.device, key.metric, END_MS, count);
    const isWhole = readings.count < count;
    firstTime ??= isWhole ? readings.time[0] : await firstStored(history, key);
    if (firstTime === undefined) return;
    if (engine.restore(key, { readings, isWhole, firstTime }, findings) === 'done') return;
  }
}

async function firstStored(
  history: History,
  key: { readonly device: string; readonly metric: number },
): Promise<number | undefined> {
  const { time } = await history.read(key.device, key.metric, BEGINNING_MS, END_MS, 1);
  return time[0];
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
    const earlier = isFromBeginning ? NONE : await history.before(device, metric, Math.min(parked.from, end), before);
    const from = isFromBeginning ? BEGINNING_MS : parked.from;
    const later = from < end ? await history.read(device, metric, from, end, after) : NONE;
    const outcome = engine.reevaluate(parked, {
      readings: joined(earlier, later),
      isWhole: isFromBeginning || earlier.count < before,
      reachesTail: later.count < after,
    });
    if (outcome === 'done') return;
    if (outcome === 'moreBefore') before *= TIMES_MORE;
    else after *= TIMES_MORE;
  }
}

const NONE: KeyReadings = { count: 0, time: new Float64Array(0), value: new Float64Array(0) };

function joined(a: KeyReadings, b: KeyReadings): KeyReadings {
  const count = a.count + b.count;
  const time = new Float64Array(count);
  const value = new Float64Array(count);
  time.set(a.time.subarray(0, a.count));
  time.set(b.time.subarray(0, b.count), a.count);
  value.set(a.value.subarray(0, a.count));
  value.set(b.value.subarray(0, b.count), a.count);
  return { count, time, value };
}
