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

const text = (ai: RegExp, most: number, least = 1): Format => ({ ai, length: [least, most], holds: 'text' });
const digits = (ai: RegExp, length: Format['length']): Format => ({ ai, length, holds: 'digits' });

/** An AI that is not here cannot be read past. */
const FORMATS: readonly Format[] = [
  { ai: /^00/, length: 18, holds: 'key' },
  { ai: /^0[12]/, length: 14, holds: 'key' },
  { ai: /^1[1-3567]/, length: 6, holds: 'date' },
  digits(/^20/, 2),
  text(/^(10|21|22|243|254)/, 20),
  text(/^235/, 28),
  text(/^(240|241|250|251|400|401|403)/, 30),
  digits(/^242/, [1, 6]),
  text(/^253/, 30, 13),
  digits(/^255/, [13, 25]),
  digits(/^(30|37)/, [1, 8]),
  digits(/^3[1-6][0-9][0-9]/, 6),
  digits(/^39[02][0-9]/, [1, 15]),
  digits(/^39[13][0-9]/, [4, 18]),
  digits(/^394[0-9]/, 4),
  digits(/^395[0-9]/, 6),
  { ai: /^402/, length: 17, holds: 'key' },
  { ai: /^41[0-7]/, length: 13, holds: 'key' },
  text(/^420/, 20),
  text(/^421/, 12, 4),
  digits(/^(422|424|426)/, 3),
  digits(/^(423|425)/, [3, 15]),
  text(/^427/, 3),
  digits(/^7001/, 13),
  text(/^7002/, 30),
  digits(/^7003/, 10),
  digits(/^7004/, [1, 4]),
  text(/^7005/, 12),
  { ai: /^7006/, length: 6, holds: 'date' },
  digits(/^7007/, [6, 12]),
  text(/^7008/, 3),
  text(/^7009/, 10),
  text(/^7010/, 2),
  digits(/^7011/, [6, 10]),
  text(/^702[0-2]/, 20),
  text(/^7023/, 30),
  text(/^703[0-9]/, 30, 4),
  text(/^71[0-7]/, 20),
  text(/^(723[0-9]|7240)/, 30),
  digits(/^8001/, 14),
  text(/^(8002|8012)/, 20),
  text(/^8003/, 30, 14),
  text(/^8004/, 30),
  digits(/^8005/, 6),
  digits(/^(8006|8026)/, 18),
  text(/^8007/, 34),
  digits(/^8008/, [8, 12]),
  text(/^8009/, 50),
  { ai: /^8010/, length: [1, 30], holds: 'part' },
  digits(/^8011/, [1, 12]),
  text(/^(8013|8020)/, 25),
  { ai: /^801[78]/, length: 18, holds: 'key' },
  digits(/^8019/, [1, 10]),
  text(/^(8110|8112|8200)/, 70),
  digits(/^8111/, 4),
  text(/^9[0-9]/, 90),
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

/** A GTIN with something behind it, or an SSCC alone. No EPC memory begins with these (TDS 1.13, table 14-1). */
const WITHOUT_MARKS = /^(01\d{14}(?=\d\d.)|00\d{18}$)/;

export function isScan(text: string): boolean {
  return SYMBOLOGY.test(text) || text.includes(FNC1) || WITHOUT_MARKS.test(text);
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
  const { takes, name } = HOLDS[holds];
  if (value.length < least || value.length > most || !takes.test(value)) {
    const count = least === most ? `${most}` : `${least} to ${most}`;
    throw new InputError('EPC_RANGE', `(${ai})${shown(value)}: ${count} ${name} expected`);
  }
  if (holds === 'key') checkedKey(`(${ai})`, value, value.length);
  // Any century: only the day matters here, and 29 February decides it by YY alone but for 1900 and 2100.
  if (holds === 'date') calendarDate(value, 2000);
}

/**
 * Checks elements that came with their application identifiers apart, but for primary keys and GTINs, which have checks
 * of their own. An AI that is not known is let through.
 * @throws {InputError} EPC_RANGE, EPC_CHECK_DIGIT with the application identifier
 */
export function checkAttributes(elements: readonly Element[], isKey: (ai: string) => boolean): void {
  for (const { ai, value } of elements) {
    const format = isKey(ai) || ai === '02' ? undefined : FORMATS.find((one) => one.ai.exec(ai)?.[0] === ai);
    if (format !== undefined) checkValue(ai, value, format);
  }
}

function shown(text: string): string {
  return text.replaceAll(FNC1, '<FNC1>');
}
