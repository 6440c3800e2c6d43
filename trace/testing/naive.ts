import type { AirLimits } from '../../domain/index.ts';
import type { World } from '../exposure/environment.ts';
import { type Holding, holding, holdingsOf, type Statement } from '../statements/timeline.ts';

/** A fact as tests write it; the order of the list is the order of the log. */
export interface Said {
  readonly what: 'containment' | 'attachment' | 'presence';
  /** Child, device, EPC. */
  readonly subject: string;
  /** Parent, unit or place, place; null = none from here on. */
  readonly value: string | null;
  readonly from: number;
}

/**
 * The naive model: what trace.md means, one moment at a time, without an interval anywhere. The devices around `epc` at
 * `at`: those of the nearest of itself and its ancestors that has any, else those of the place it is in.
 */
export function naiveEnvironment(said: readonly Said[], epc: string, at: number): string[] {
  for (let unit: string | null = epc; unit !== null; unit = parentAt(said, unit, at)) {
    const devices = devicesAt(said, unit, at);
    if (devices.length > 0) return devices;
  }
  const place = placeAt(said, epc, at);
  return place === null ? [] : devicesAt(said, place, at);
}

/** The last word on a subject up to `at`: a later moment beats an earlier one, then the later log position. */
function lastWord(said: readonly Said[], what: Said['what'], subject: string, at: number): string | null {
  let last: Said | null = null;
  for (const one of said) {
    if (one.what !== what || one.subject !== subject || one.from > at) continue;
    if (last === null || one.from >= last.from) last = one;
  }
  return last?.value ?? null;
}

function parentAt(said: readonly Said[], epc: string, at: number): string | null {
  return lastWord(said, 'containment', epc, at);
}

/** What it is in at `at`. */
export { parentAt as naiveParent };

function devicesAt(said: readonly Said[], subject: string, at: number): string[] {
  const devices = new Set(said.filter(({ what }) => what === 'attachment').map((one) => one.subject));
  return [...devices].filter((device) => lastWord(said, 'attachment', device, at) === subject).sort();
}

/**
 * Where it is, lived through moment by moment: it goes where it is said to be; inside something it is where that is,
 * from the moment it was put in or that was moved, as far as that is known; taken out, it stays.
 */
function placeAt(said: readonly Said[], epc: string, at: number): string | null {
  const start = Math.min(...said.map(({ from }) => from));
  let place: string | null = null;
  for (let now = start; now <= at; now++) {
    for (const one of said) {
      if (one.what === 'presence' && one.subject === epc && one.from === now) place = one.value;
    }
    const parent = parentAt(said, epc, now);
    if (parent === null) continue;
    const isNew = parentAt(said, epc, now - 1) !== parent || wasPutAgain(said, epc, now);
    const isMoved = wordsOnPlace(said, parent, now);
    if ((isNew && isPlaceSpokenOf(said, parent, now)) || isMoved) place = placeAt(said, parent, now);
  }
  return place;
}

function wasPutAgain(said: readonly Said[], epc: string, now: number): boolean {
  return said.some(({ what, subject, from }) => what === 'containment' && subject === epc && from === now);
}

/** Whether anything is said at `now` of where `epc` is, by itself or through what it is in. */
function wordsOnPlace(said: readonly Said[], epc: string, now: number): boolean {
  if (said.some(({ what, subject, from }) => what === 'presence' && subject === epc && from === now)) return true;
  const parent = parentAt(said, epc, now);
  if (parent === null) return false;
  return wordsOnPlace(said, parent, now) || (wasPutAgain(said, epc, now) && isPlaceSpokenOf(said, parent, now));
}

/** Whether anything had been said of where `epc` is, up to `now`. */
function isPlaceSpokenOf(said: readonly Said[], epc: string, now: number): boolean {
  const start = Math.min(...said.map(({ from }) => from));
  for (let at = start; at <= now; at++) if (wordsOnPlace(said, epc, at)) return true;
  return false;
}

export interface NaiveReading {
  readonly device: string;
  readonly at: number;
  readonly value: number;
}

/** What the air around something was, in moments. */
export interface NaiveExposure {
  readonly from: number;
  readonly above: number;
  readonly below: number;
  readonly outside: number;
  readonly unknown: number;
  readonly min: number | null;
  readonly max: number | null;
}

/**
 * The exposure of `epc` from when it first was in something, somewhere or had a device until `now`, moment by moment:
 * outside a limit where any device around it says so, unknown where none says anything. null where it was nowhere yet.
 *
 * @param hour how many moments a value holds where nothing better is known
 */
export function naiveExposure(
  said: readonly Said[],
  readings: readonly NaiveReading[],
  epc: string,
  { now, limits, hour }: { readonly now: number; readonly limits: AirLimits; readonly hour: number },
): NaiveExposure | null {
  const isKnownAt = (at: number) =>
    parentAt(said, epc, at) !== null ||
    devicesAt(said, epc, at).length > 0 ||
    said.some((one) => one.what === 'presence' && one.subject === epc && one.from <= at);
  let from = 0;
  while (from < now && !isKnownAt(from)) from++;
  if (from >= now) return null;
  const moments = { above: 0, below: 0, outside: 0, unknown: 0 };
  const values: number[] = [];
  for (let at = from; at < now; at++) {
    const devices = naiveEnvironment(said, epc, at);
    const held = devices.flatMap((device) => naiveValue(readings, device, at, hour) ?? []);
    const isAbove = held.some((value) => limits.max !== null && value > limits.max);
    const isBelow = held.some((value) => limits.min !== null && value < limits.min);
    if (isAbove) moments.above++;
    if (isBelow) moments.below++;
    if (isAbove || isBelow) moments.outside++;
    if (held.length === 0) moments.unknown++;
    const read = readings.filter((reading) => reading.at === at && devices.includes(reading.device));
    values.push(...held, ...read.map(({ value }) => value));
  }
  const [min, max] = values.length === 0 ? [null, null] : [Math.min(...values), Math.max(...values)];
  return { from, ...moments, min, max };
}

/** What a device's last reading says at `at`, if it still holds: until the next, unless the step there is a gap. */
export function naiveValue(readings: readonly NaiveReading[], device: string, at: number, hour: number): number | null {
  const own = readings.filter((reading) => reading.device === device).sort((a, b) => a.at - b.at);
  const passed = own.filter((reading) => reading.at <= at);
  const [last, next] = [passed.at(-1), own[passed.length]];
  if (last === undefined || next === undefined) return null;
  const steps = passed.slice(1).map((reading, index) => reading.at - (passed[index]?.at ?? 0));
  const recent = steps.slice(-20).sort((a, b) => a - b);
  const middle = recent.slice(Math.ceil(recent.length / 2) - 1, Math.floor(recent.length / 2) + 1);
  const median = middle.reduce((sum, step) => sum + step, 0) / middle.length;
  const usual = recent.length < 4 ? hour : 5 * median;
  // Both of the last two steps are longer: the device has become slower.
  const slower = steps.length < 2 ? 0 : Math.min(...steps.slice(-2));
  const longest = slower > usual ? 3 * slower : usual;
  return next.at - last.at > longest ? null : last.value;
}

/** The same facts as the environment functions take them; `unit`: how many ms a moment lasts. */
export function worldOf(said: readonly Said[], unit = 1): World {
  const statements = said.map((one, position): Statement & Pick<Said, 'what'> => {
    return { ...one, from: one.from * unit, position, source: `fact:${position}` };
  });
  const of = (what: Said['what'], subject: string) =>
    statements.filter((one) => one.what === what && one.subject === subject);
  return {
    containment: (child) => holdingsOf(of('containment', child)),
    devices(subject) {
      const devices = new Set(statements.filter(({ what }) => what === 'attachment').map((one) => one.subject));
      return [...devices].flatMap((device): Holding[] =>
        holdingsOf(of('attachment', device))
          .filter(({ value }) => value === subject)
          .map((held) => ({ ...held, value: device })),
      );
    },
    presence: (epc) => holding(of('presence', epc)).map(({ statement: { value, from } }) => ({ value, from })),
  };
}
