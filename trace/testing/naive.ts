import type { World } from '../environment.ts';
import { type Holding, holding, holdingsOf, type Statement } from '../timeline.ts';

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

/** The same facts as the environment functions take them. */
export function worldOf(said: readonly Said[]): World {
  const statements = said.map((one, position): Statement & Pick<Said, 'what'> => {
    return { ...one, position, source: `fact:${position}` };
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
