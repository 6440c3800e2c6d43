import { InputError } from '../../domain/index.ts';
import { checkedKey } from './digits.ts';

/** What the value of an application identifier is (GS1 General Specifications, section 3; GS1 Syntax Dictionary 2026). */
export interface Format {
  readonly ai: RegExp;
  readonly length: number | readonly [least: number, most: number];
  readonly holds: 'digits' | 'date' | 'key' | 'text' | 'part' | 'file-safe';
}

const text = (ai: RegExp, most: number, least = 1): Format => ({ ai, length: [least, most], holds: 'text' });
const digits = (ai: RegExp, length: Format['length']): Format => ({ ai, length, holds: 'digits' });
const key = (ai: RegExp, length: number): Format => ({ ai, length, holds: 'key' });
const date = (ai: RegExp): Format => ({ ai, length: 6, holds: 'date' });

/** Every identifier of the dictionary's release of July 2026. */
const FORMATS: readonly Format[] = [
  key(/^00/, 18),
  key(/^0[123]/, 14),
  date(/^1[1-3567]/),
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
  digits(/^394[0-3]/, 4),
  digits(/^395[0-5]/, 6),
  key(/^402/, 17),
  key(/^41[0-7]/, 13),
  text(/^420/, 20),
  text(/^421/, 12, 4),
  digits(/^(422|424|426)/, 3),
  digits(/^(423|425)/, [3, 15]),
  text(/^427/, 3),
  text(/^43(0[01]|1[01]|20)/, 35),
  text(/^43(0|1)[2-6]/, 70),
  text(/^43(0|1)7/, 2, 2),
  text(/^4308/, 30),
  digits(/^4309/, 20),
  text(/^4318/, 20),
  text(/^4319/, 30),
  digits(/^432[123]/, 1),
  digits(/^432[45]/, 10),
  date(/^4326/),
  text(/^433[0-3]/, 7, 6),
  digits(/^7001/, 13),
  text(/^7002/, 30),
  digits(/^7003/, 10),
  digits(/^7004/, [1, 4]),
  text(/^7005/, 12),
  date(/^7006/),
  digits(/^7007/, [6, 12]),
  text(/^7008/, 3),
  text(/^7009/, 10),
  text(/^7010/, 2),
  digits(/^7011/, [6, 10]),
  text(/^702[0-2]/, 20),
  text(/^7023/, 30),
  text(/^703[0-9]/, 30, 4),
  text(/^7040/, 4, 4),
  text(/^7041/, 4),
  text(/^71[0-7]/, 20),
  text(/^723[0-9]/, 30, 3),
  text(/^7240/, 20),
  digits(/^7241/, 2),
  text(/^7242/, 25),
  digits(/^7250/, 8),
  digits(/^7251/, 12),
  digits(/^7252/, 1),
  text(/^725[349]/, 40),
  text(/^7255/, 10),
  text(/^7256/, 90),
  text(/^7257/, 70),
  text(/^7258/, 3, 3),
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
  text(/^(8013|8014|8020)/, 25),
  key(/^801[78]/, 18),
  digits(/^8019/, [1, 10]),
  { ai: /^8030/, length: [1, 90], holds: 'file-safe' },
  digits(/^804[01]/, 15),
  digits(/^8042/, 32),
  digits(/^8043/, [18, 20]),
  text(/^(8110|8112|8200)/, 70),
  digits(/^8111/, 4),
  text(/^90/, 30),
  text(/^9[1-9]/, 90),
];

/**
 * How many digits an identifier has, by its first two: what has to be known to name one that is newer than the table
 * (General Specifications, 3.1). Other beginnings are not assigned.
 */
const DIGITS_BY_START: readonly (readonly [RegExp, number])[] = [
  [/^(0[0-4]|1[0-9]|2[0-2]|3[07]|9[0-9])/, 2],
  [/^(2[3-9]|4[0-2]|71)/, 3],
  [/^(3[1-69]|43|70|72|8[0-2])/, 4],
];

/** Identifiers whose value has a length of its own and needs no FNC1 after it (General Specifications, 7.8.5). */
const PREDEFINED = /^(0[0-4]|1[1-9]|20|3[1-6]|41)/;

const HOLDS: Readonly<Record<Format['holds'], { readonly takes: RegExp; readonly name: string }>> = {
  digits: { takes: /^[0-9]*$/, name: 'digits' },
  date: { takes: /^[0-9]*$/, name: 'digits' },
  key: { takes: /^[0-9]*$/, name: 'digits' },
  text: { takes: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/, name: 'characters of GS1 set 82' },
  part: { takes: /^[#\-/0-9A-Z]*$/, name: 'characters of GS1 set 39' },
  'file-safe': { takes: /^[-_=0-9A-Za-z]*$/, name: 'characters of GS1 set 64' },
};

/** The identifier at the beginning of a text with what its value is; null where the table has none. */
export function identifierAt(rest: string): { readonly ai: string; readonly format: Format } | null {
  for (const format of FORMATS) {
    const ai = format.ai.exec(rest)?.[0];
    if (ai !== undefined) return { ai, format };
  }
  return null;
}

/** The identifier at the beginning of a text that the table has not, as far as GS1 has said how long such are. */
export function unknownIdentifierAt(rest: string): string {
  const length = DIGITS_BY_START.find(([start]) => start.test(rest))?.[1] ?? 4;
  return rest.slice(0, length);
}

/** Whether a value ends by its length and not by FNC1. */
export function isPredefined(ai: string): boolean {
  return PREDEFINED.test(ai);
}

/** What is wrong with a value, or nothing. @throws {InputError} EPC_RANGE, EPC_CHECK_DIGIT with the identifier */
export function checkValue(ai: string, value: string, { length, holds }: Format): void {
  const [least, most] = typeof length === 'number' ? [length, length] : length;
  const { takes, name } = HOLDS[holds];
  if (value.length < least || value.length > most || !takes.test(value)) {
    const count = least === most ? `${most}` : `${least} to ${most}`;
    throw new InputError('EPC_RANGE', `(${ai})${value.replaceAll('\x1d', '<FNC1>')}: ${count} ${name} expected`);
  }
  if (holds === 'key') checkedKey(`(${ai})`, value, value.length);
  // Any century: only the day matters here, and 29 February decides it by YY alone but for 1900 and 2100.
  if (holds === 'date') calendarDate(value, 2000);
}

/**
 * Checks elements that came with their application identifiers apart, but for primary keys and GTINs, which have checks
 * of their own. An identifier that is not known is let through.
 * @throws {InputError} EPC_RANGE, EPC_CHECK_DIGIT with the application identifier
 */
export function checkAttributes(
  elements: readonly { readonly ai: string; readonly value: string }[],
  isKey: (ai: string) => boolean,
): void {
  for (const { ai, value } of elements) {
    const known = isKey(ai) || ai === '02' ? null : identifierAt(ai);
    if (known !== null && known.ai === ai) checkValue(ai, value, known.format);
  }
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
