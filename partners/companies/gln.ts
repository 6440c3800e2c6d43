import { checkDigit } from '../../codecs/epc/index.ts';

/** Whether a number is 13 digits of which the last checks the others (GS1 General Specifications, 7.9). */
export function isGln(given: string): boolean {
  return /^\d{13}$/.test(given) && `${checkDigit(given.slice(0, 12))}` === given.slice(12);
}
