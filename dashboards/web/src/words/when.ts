/** Times as people at a site read them: on the clock on their wall, with UTC beside it where a record needs it. */

import { figureLocale, say } from '../text/say.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Zone = string | null | undefined;

const kept = new Map<string, Intl.DateTimeFormat>();

/** `10:05`, with the day where it is not today: `21 Nov, 10:05`. */
export function clock(at: number, zone: Zone, now = Date.now()): string {
  const time = format(at, zone, { hour: '2-digit', minute: '2-digit' });
  return dayOf(at, zone) === dayOf(now, zone) ? time : `${day(at, zone)}, ${time}`;
}

/** `22 Nov 2026, 10:05:30 GMT+1` */
export function full(at: number, zone: Zone): string {
  return format(at, zone, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}

/** `22 Nov, 10:05 CET` */
export function local(at: number, zone: Zone): string {
  return format(at, zone, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
}

/** `Tue 14:00`, with `CET` where the zone is named. */
export function weekday(at: number, zone: Zone, isZoneNamed = false): string {
  return format(at, zone, {
    ...{ weekday: 'short', hour: '2-digit', minute: '2-digit' },
    ...(isZoneNamed && { timeZoneName: 'short' }),
  });
}

/** `09:05 UTC`; with the day where the day differs from the local one. */
export function utc(at: number, zone: Zone): string {
  const time = format(at, 'UTC', { hour: '2-digit', minute: '2-digit' });
  return dayOf(at, 'UTC') === dayOf(at, zone) ? `${time} UTC` : `${day(at, 'UTC')}, ${time} UTC`;
}

export function day(at: number, zone: Zone): string {
  return format(at, zone, { day: 'numeric', month: 'short' });
}

/** `just now`, `4 min ago`, `3 h ago`, `2 days ago` */
export function ago(at: number, now: number): string {
  const passed = now - at;
  if (passed < MINUTE) return say('when.now');
  if (passed < 90 * MINUTE) return say('when.minutes', { count: Math.floor(passed / MINUTE) });
  if (passed < 2 * DAY) return say('when.hours', { count: Math.round(passed / HOUR) });
  return say('when.days', { count: Math.round(passed / DAY) });
}

/** `37 min`, `2 h 10 min`, `3 d 4 h` */
export function span(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.round(ms / 1000))} s`;
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `Europe/Lyon` as people say it: `Lyon time`. */
export function zoneName(zone: Zone): string {
  if (zone === null || zone === undefined) return zoneName(ownZone());
  if (zone === 'UTC') return 'UTC';
  return say('when.zone', { name: zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone });
}

/** `2026-11-22 10:05` by this clock, as {@link fromText} reads it. */
export function toText(at: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone: zone }).format(at);
}

/** Epoch ms of `2026-11-22 10:05` by this clock; null where that is no time, or one that the clock skipped. */
export function fromText(text: string, zone: string): number | null {
  const wall = Date.parse(`${text.trim().replace(' ', 'T')}:00Z`);
  if (Number.isNaN(wall) || !/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d$/.test(text.trim())) return null;
  const aheadOf = (at: number) => Date.parse(`${toText(at, zone).replace(' ', 'T')}:00Z`) - at;
  const near = wall - aheadOf(wall);
  const at = wall - aheadOf(near);
  return toText(at, zone) === text.trim().replace('T', ' ') ? at : null;
}

/** The zone of this browser, as IANA names it. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `GMT+1` */
export function offsetText(zone: string, at = Date.now()): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

function dayOf(at: number, zone: Zone): string {
  return format(at, zone, { year: 'numeric', month: '2-digit', day: '2-digit' });
}

function format(at: number, zone: Zone, options: Intl.DateTimeFormatOptions): string {
  const locale = figureLocale();
  const key = `${locale}|${zone ?? ''}|${JSON.stringify(options)}`;
  let formatter = kept.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(locale, { ...options, hour12: false, ...(zone ? { timeZone: zone } : {}) });
    kept.set(key, formatter);
  }
  return formatter.format(at);
}

/** A tick of a time axis: the day at midnight and where steps are days, else the time. */
export function axisTime(at: number, zone: Zone, stepSeconds: number): string {
  const time = format(at, zone, { hour: '2-digit', minute: '2-digit' });
  if (stepSeconds < MINUTE / 1000) return format(at, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return stepSeconds >= DAY / 1000 || time === '00:00' ? day(at, zone) : time;
}

/** `5m` as people write it: `5 min`. */
export function everyText(duration: string): string {
  return duration.replace(
    /^(\d+)(ms|s|m|h|d)$/,
    (_, count: string, unit: string) => `${count} ${unit === 'm' ? 'min' : unit}`,
  );
}
