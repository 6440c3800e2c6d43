// biome-ignore lint/style/noRestrictedImports: the thread that this runs in starts ten times as fast without the rest of it
import { InputError } from '../../domain/errors.ts';
// biome-ignore lint/style/noRestrictedImports: as above
import { momentsOf, zoneNamed } from '../../domain/zone.ts';

const DATE = /^(\d{4})-?(\d\d)-?(\d\d)$/;
const CLOCK = /^(\d\d):?(\d\d)(?::?(\d\d))?$/;

/**
 * `$instant(date, time, zone)` of mappings: dates and times as ERP and EDI write them, with the zone that they leave out,
 * as RFC 3339. A time that the clocks show twice is the earlier one. Nothing for the date gives nothing.
 *
 * @param date `20261129` or `2026-11-29`
 * @param time `1200`, `120000`, `12:00` or `12:00:00`; nothing: the beginning of the day
 * @param zone `Europe/Berlin`, `UTC`, `+01:00`
 * @throws {InputError} MAPPING_TIME where it is none, or the clocks skipped it
 */
export function instantOf(date: unknown, time: unknown, zone: unknown): string | undefined {
  const [day, clock, name] = [textOf(date), textOf(time), textOf(zone)];
  if (day === '') return undefined;
  const [, year, month, ofMonth] = DATE.exec(day) ?? [];
  const [, hour, minute, second = '00'] = CLOCK.exec(clock === '' ? '0000' : clock) ?? [];
  const given = `${day} ${clock}`.trim().slice(0, 40);
  if (year === undefined || hour === undefined) throw bad(given, 'a day as YYYYMMDD and a time as HHMM');
  if (name === '') throw bad(given, 'a zone with it, such as Europe/Berlin');
  const written = `${year}-${month}-${ofMonth}T${hour}:${minute}:${second}Z`;
  const civil = Date.parse(written);
  if (Number.isNaN(civil) || new Date(civil).toISOString().slice(0, 10) !== written.slice(0, 10)) {
    throw bad(given, 'a day and a time that there are');
  }
  const [moment] = momentsOf(civil, zoneNamed(name));
  if (moment === undefined) throw bad(given, `a time that clocks in ${name} show: they skip this one`);
  return new Date(moment).toISOString();
}

function textOf(given: unknown): string {
  return typeof given === 'string' || typeof given === 'number' ? String(given).trim() : '';
}

function bad(given: string, allowed: string): InputError {
  return new InputError('MAPPING_TIME', `$instant: ${JSON.stringify(given)} given; allowed: ${allowed}`);
}
