import type { Json } from './tag-event.ts';
import { timeIn } from './tag-event.ts';

/** Names that speak of when: `timestamp`, `ts`, `Time`, `received_at`, `measuredAt`, `DateTime`. */
const NAME =
  /^_?@?(ts|utc|epoch|date|time|datum|zeit)$|time$|stamp$|date$|time_?(utc|ms|s|unix|iso)$|[a-z](ed|t)_?at$/i;
/** And those that only sound like it. */
const NOT_A_TIME =
  /up_?time|run_?time|air_?time|work_?time|up_?date$|life_?time|^format$|seat$|heat$|^cat$|^rat$|(float|boat|thermostat|stat|start|alert)$/i;
const WRITTEN = /(19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](19|20)\d\d/;
/** Moments in the life of a device, not of what it measures. */
const OF_SOMETHING_ELSE =
  /calibr|install|manufact|production|firmware|version|expir|warrant|activat|commission|deploy|regist|boot|join|next|battery/i;
/** The ends of something that lasted: a reading may be of any moment between them. */
const OF_AN_END = /start|begin|began|(^|[^a-z])end|stop|until|valid/i;
/** Of one moment, written in seconds and in milliseconds. */
const SAME_MS = 1000;

/**
 * A field of an object that states an absolute time under a name that its dialect does not know: what stands beside it
 * was measured then, and not when it arrived.
 * @returns its name; null where there is none
 */
export function unreadTime(object: Json, known: readonly string[] = []): string | null {
  for (const [name, value] of Object.entries(object)) {
    if (!known.includes(name) && speaksOfTime(name) && isAbsolute(value)) return name;
  }
  return null;
}

/** A time that an object states, epoch ms; or its field, where it can only be guessed at. */
export type Stated = { readonly time: number } | { readonly field: string };

/**
 * When what an object holds was measured, by its own word: a decoded uplink may be of a memory that a device sends later.
 * Understood are RFC 3339 with a zone, and a number that can only be epoch seconds or milliseconds, however
 * near its arrival. When a device was calibrated, installed or started is not when it measured.
 * @returns null where it says nothing
 */
export function statedTime(object: Json): Stated | null {
  let stated: { readonly time: number } | null = null;
  for (const [name, value] of Object.entries(object)) {
    if (!speaksOfTime(name) || !isAbsolute(value) || OF_SOMETHING_ELSE.test(name)) continue;
    const time = typeof value === 'string' && !/^\d+$/.test(value) ? timeIn(value) : epoch(Number(value));
    if (typeof time !== 'number' || OF_AN_END.test(name)) return { field: name };
    // Two that differ: which of them it was measured at nobody says.
    if (stated !== null && Math.abs(stated.time - time) >= SAME_MS) return { field: name };
    stated ??= { time };
  }
  return stated;
}

function speaksOfTime(name: string): boolean {
  const bare = name.replace(/^[\s_]+|[\s_]+$/g, '');
  return NAME.test(bare) && !NOT_A_TIME.test(bare);
}

function isAbsolute(value: unknown): boolean {
  if (typeof value === 'string') {
    return value.length <= 64 && (/^\d{10,19}$/.test(value) ? isAbsolute(Number(value)) : WRITTEN.test(value));
  }
  return typeof value === 'number' && [1, 1e3, 1e6, 1e9].some((scale) => value >= 1e9 * scale && value < 4e9 * scale);
}

/** By its size: seconds or milliseconds. */
function epoch(value: number): number | undefined {
  if (value >= 1e9 && value < 4e9) return Math.floor(value * 1000);
  return value >= 1e12 && value < 4e12 ? Math.floor(value) : undefined;
}
