import { checkDigit } from './digits.ts';

/**
 * The Global Location Number that an identifier of a place or party names: SGLN or PGLN, as URI or Digital Link
 * (GS1 General Specifications, AI 414 and 417). An extension is a place inside it and is left out.
 *
 * @returns 13 digits; null where it names none, or one whose check digit is wrong
 */
export function glnOf(given: string): string | null {
  const urn = /^urn:epc:id:(?:sgln|pgln):(\d{6,12})\.(\d{0,6})(?:\.|$)/.exec(given);
  if (urn !== null) {
    const digits = `${urn[1] ?? ''}${urn[2] ?? ''}`;
    return digits.length === 12 ? `${digits}${checkDigit(digits)}` : null;
  }
  const linked = /^https?:\/\/.*\/(?:414|417)\/(\d{13})(?:[/?#]|$)/i.exec(given)?.[1] ?? '';
  return isGln(linked) ? linked : null;
}

/** Whether it is 13 digits of which the last checks the others. */
export function isGln(given: string): boolean {
  return /^\d{13}$/.test(given) && `${checkDigit(given.slice(0, 12))}` === given.slice(12);
}
