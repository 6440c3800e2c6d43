import { InputError } from '../../domain/index.ts';
import { calendarDate } from './application-identifiers.ts';
import { checkedKey } from './digits.ts';
import type { Element } from './elements.ts';

/** What stands on a medicine pack: GTIN, expiry, lot, serial. */
const ON_PACKS = ['01', '17', '10', '21'] as const;

/**
 * Readings of a scan whose scanner drops FNC1: the value of the last element may hold further elements. `012...21ABC` with
 * `17270630` run into it is such a one.
 *
 * @param elements as read without any FNC1
 * @returns the other readings, those with an expiry date in the middle first; empty where there is none
 */
export function splitsWithoutSeparator(elements: readonly Element[]): Element[][] {
  const last = elements.at(-1);
  if (last === undefined || (last.ai !== '10' && last.ai !== '21')) return [];
  const read = elements.slice(0, -1);
  return tails(last, new Set(elements.map(({ ai }) => ai)))
    .map((tail) => [...read, ...tail])
    .sort((a, b) => Number(hasExpiry(b)) - Number(hasExpiry(a)));
}

/**
 * Whether a split can hardly be chance: a whole date behind 17 that ends the scan or is followed by lot or serial.
 */
export function isLikelySplit(elements: readonly Element[], splits: readonly (readonly Element[])[]): boolean {
  return !hasExpiry(elements) && splits.some(hasExpiry);
}

export function separatorDropped(scan: string): InputError {
  return new InputError(
    'EPC_NO_SEPARATOR',
    `${scan}: lot, serial and expiry run into each other: the scanner drops the separator; set it to send FNC1 as the byte 0x1D (GS)`,
  );
}

function hasExpiry(elements: readonly Element[]): boolean {
  return elements.some(({ ai }) => ai === '17');
}

/** Every way to take a value apart into itself and elements that are not there yet. */
function tails({ ai, value }: Element, taken: ReadonlySet<string>): Element[][] {
  const found: Element[][] = [];
  for (let at = 1; at <= 20 && at < value.length - 2; at++) {
    const head = { ai, value: value.slice(0, at) };
    for (const tail of elementsFrom(value.slice(at), taken)) found.push([head, ...tail]);
  }
  return found;
}

/** A text that begins with an identifier of a pack, taken apart to its end. */
function elementsFrom(text: string, taken: ReadonlySet<string>): Element[][] {
  const ai = ON_PACKS.find((one) => text.startsWith(one) && !taken.has(one));
  if (ai === undefined) return [];
  const rest = text.slice(2);
  const left = new Set([...taken, ai]);
  if (ai === '10' || ai === '21') {
    const whole = rest !== '' && rest.length <= 20 ? [[{ ai, value: rest }]] : [];
    return [...whole, ...tails({ ai, value: rest }, left)];
  }
  const length = ai === '17' ? 6 : 14;
  const element = { ai, value: rest.slice(0, length) };
  if (!isWhole(element)) return [];
  if (rest.length === length) return [[element]];
  return elementsFrom(rest.slice(length), left).map((tail) => [element, ...tail]);
}

/** Whether it is a day that exists, or a GTIN with its check digit. */
function isWhole({ ai, value }: Element): boolean {
  try {
    if (ai === '17') calendarDate(value, 2000);
    else checkedKey('GTIN', value, 14);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
