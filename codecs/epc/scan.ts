import { InputError } from '../../domain/index.ts';
import { checkedKey } from './digits.ts';
import type { Element } from './elements.ts';

/** FNC1 as scanners transmit it: the group separator. */
const FNC1 = '\x1d';

/** ISO/IEC symbology identifiers of symbols that carry GS1 element strings: GS1-128, DataBar, DataMatrix, QR, DotCode. */
const SYMBOLOGY = /^\](C1|e0|d2|Q3|J1)/;

/** What the value of an application identifier is (GS1 General Specifications, figure 3.2-1). */
interface Format {
  readonly ai: RegExp;
  readonly length: number | readonly [least: number, most: number];
  readonly holds: 'digits' | 'date' | 'key' | 'text' | 'part';
}

/** What stands on medicines, their cases and pallets; an AI that is not here cannot be read past. */
const FORMATS: readonly Format[] = [
  { ai: /^00/, length: 18, holds: 'key' },
  { ai: /^0[12]/, length: 14, holds: 'key' },
  { ai: /^1[1-3567]/, length: 6, holds: 'date' },
  { ai: /^20/, length: 2, holds: 'digits' },
  { ai: /^3[1-6][0-9][0-9]/, length: 6, holds: 'digits' },
  { ai: /^41[0-7]/, length: 13, holds: 'key' },
  { ai: /^(10|21|22|240|241|250|251|254|400|403)/, length: [1, 30], holds: 'text' },
  { ai: /^(30|37)/, length: [1, 8], holds: 'digits' },
  { ai: /^235/, length: [1, 28], holds: 'text' },
  { ai: /^253/, length: [13, 30], holds: 'text' },
  { ai: /^255/, length: [13, 25], holds: 'digits' },
  { ai: /^420/, length: [1, 20], holds: 'text' },
  { ai: /^7003/, length: 10, holds: 'digits' },
  { ai: /^7006/, length: 6, holds: 'date' },
  { ai: /^71[0-7]/, length: [1, 20], holds: 'text' },
  { ai: /^8003/, length: [14, 30], holds: 'text' },
  { ai: /^8004/, length: [1, 30], holds: 'text' },
  { ai: /^8006/, length: 18, holds: 'digits' },
  { ai: /^8008/, length: [8, 12], holds: 'digits' },
  { ai: /^8010/, length: [1, 30], holds: 'part' },
  { ai: /^8011/, length: [1, 12], holds: 'digits' },
  { ai: /^801[78]/, length: 18, holds: 'key' },
  { ai: /^9[0-9]/, length: [1, 90], holds: 'text' },
];

/** AIs whose value has a length of its own and needs no FNC1 after it (figure 7.8.5-2). */
const PREDEFINED = /^(0[0-4]|1[1-9]|20|3[1-6]|41)/;

const HOLDS: Readonly<Record<Format['holds'], { readonly takes: RegExp; readonly name: string }>> = {
  digits: { takes: /^[0-9]*$/, name: 'digits' },
  date: { takes: /^[0-9]*$/, name: 'digits' },
  key: { takes: /^[0-9]*$/, name: 'digits' },
  text: { takes: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/, name: 'characters of GS1 set 82' },
  part: { takes: /^[#\-/0-9A-Z]*$/, name: 'characters of GS1 set 39' },
};

export function isScan(text: string): boolean {
  return SYMBOLOGY.test(text) || text.includes(FNC1);
}

/**
 * Reads what a scanner sends of a GS1 symbol: element strings one after another, FNC1 after those of no predefined
 * length. Lengths, characters, check digits and dates are checked.
 *
 * @param text with or without symbology identifier (`]d2`)
 * @throws {InputError} EPC_SYNTAX, EPC_RANGE, EPC_CHECK_DIGIT with the application identifier
 */
export function readScan(text: string): Element[] {
  const elements: Element[] = [];
  let rest = text.replace(SYMBOLOGY, '');
  if (rest.startsWith(FNC1)) rest = rest.slice(1);
  while (rest !== '') {
    const format = FORMATS.find(({ ai }) => ai.test(rest));
    const ai = format === undefined ? undefined : rest.match(format.ai)?.[0];
    if (format === undefined || ai === undefined) {
      throw new InputError(
        'EPC_SYNTAX',
        `${shown(text)}: application identifier ${shown(rest.slice(0, 4))} is not known`,
      );
    }
    const end = endOf(rest, ai, format);
    const value = rest.slice(ai.length, end);
    checkValue(ai, value, format);
    if (elements.some((element) => element.ai === ai)) {
      throw new InputError('EPC_SYNTAX', `${shown(text)}: application identifier ${ai} stands in it twice`);
    }
    elements.push({ ai, value });
    rest = rest.slice(end);
    if (rest.startsWith(FNC1)) rest = rest.slice(1);
  }
  if (elements.length === 0) throw new InputError('EPC_SYNTAX', `${shown(text)}: element strings expected`);
  return elements;
}

/**
 * A date of six digits as a calendar date: day 00 is the last of its month; the century is the one that lies within
 * 50 years of `year` (General Specifications, 7.12).
 *
 * @param yymmdd of AI 11, 13, 15, 16 or 17
 * @param year the current one
 * @returns `2027-06-30`
 * @throws {InputError} EPC_RANGE if there is no such day
 */
export function calendarDate(yymmdd: string, year: number): string {
  const [, yy = '', mm = '', dd = ''] = /^(\d\d)(\d\d)(\d\d)$/.exec(yymmdd) ?? [];
  const century = Math.floor(year / 100) * 100;
  const ahead = Number(yy) - (year % 100);
  const full = century + Number(yy) + (ahead >= 51 ? -100 : ahead <= -50 ? 100 : 0);
  const lastDay = new Date(Date.UTC(full, Number(mm), 0)).getUTCDate();
  const day = dd === '00' ? lastDay : Number(dd);
  if (yy === '' || Number(mm) < 1 || Number(mm) > 12 || day > lastDay) {
    throw new InputError('EPC_RANGE', `date ${yymmdd}: YYMMDD of a day that exists expected`);
  }
  return `${full}-${mm}-${String(day).padStart(2, '0')}`;
}

function endOf(rest: string, ai: string, { length }: Format): number {
  if (typeof length === 'number' && PREDEFINED.test(ai)) return ai.length + length;
  const separator = rest.indexOf(FNC1);
  return separator < 0 ? rest.length : separator;
}

function checkValue(ai: string, value: string, { length, holds }: Format): void {
  const [least, most] = typeof length === 'number' ? [length, length] : length;
  const cap = ai === '10' || ai === '21' || ai === '22' || ai === '254' ? 20 : most;
  const { takes, name } = HOLDS[holds];
  if (value.length < least || value.length > cap || !takes.test(value)) {
    const count = least === cap ? `${cap}` : `${least} to ${cap}`;
    throw new InputError('EPC_RANGE', `(${ai})${shown(value)}: ${count} ${name} expected`);
  }
  if (holds === 'key') checkedKey(`(${ai})`, value, value.length);
  // Any century: only the day matters here, and 29 February decides it by YY alone but for 1900 and 2100.
  if (holds === 'date') calendarDate(value, 2000);
}

function shown(text: string): string {
  return text.replaceAll(FNC1, '<FNC1>');
}
