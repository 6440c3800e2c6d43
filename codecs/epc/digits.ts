import { InputError } from '../../domain/index.ts';

/**
 * GS1 check digit of the digits before it: weights 3, 1, 3... from the right, to the next multiple of ten
 * (GS1 General Specifications, 7.9.1).
 *
 * @param digits decimal digits without the check digit
 */
export function checkDigit(digits: string): number {
  let sum = 0;
  for (let i = digits.length - 1, weight = 3; i >= 0; i--, weight = 4 - weight) {
    sum += (digits.charCodeAt(i) - 48) * weight;
  }
  return (10 - (sum % 10)) % 10;
}

export function isDigits(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

/**
 * A key of fixed length whose last digit is its check digit.
 * @throws {InputError} EPC_SYNTAX, EPC_CHECK_DIGIT
 */
export function checkedKey(name: string, digits: string, length: number): string {
  if (digits.length !== length || !isDigits(digits)) {
    throw new InputError('EPC_SYNTAX', `${name} ${digits}: ${length} digits expected`, { [name]: digits });
  }
  const expected = checkDigit(digits.slice(0, -1));
  if (digits.charCodeAt(length - 1) - 48 !== expected) {
    throw new InputError('EPC_CHECK_DIGIT', `${name} ${digits}: check digit ${expected} expected`, { [name]: digits });
  }
  return digits;
}

/** A GTIN of 8, 12, 13 or 14 digits as GTIN-14. */
export function gtin14(digits: string): string {
  if (![8, 12, 13, 14].includes(digits.length)) {
    throw new InputError('EPC_SYNTAX', `GTIN ${digits}: 8, 12, 13 or 14 digits expected`, { gtin: digits });
  }
  return checkedKey('GTIN', digits.padStart(14, '0'), 14);
}
