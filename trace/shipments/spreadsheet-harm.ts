/** Digits that a spreadsheet keeps of a number (IEEE 754 double precision, as Excel documents it). */
const DIGITS_KEPT = 15;

/**
 * What a spreadsheet did to a text that it took for a number, in words for who saved the file; null: nothing that can be seen.
 * A lot may be a number; only what no lot is written as is told of one.
 */
export function spreadsheetHarm(given: string): string | null {
  return /^\d(?:[.,]\d+)?E\+\d{2,}$/i.test(given) ? 'was turned into a rounded number by a spreadsheet' : null;
}

/**
 * The same of an EPC, which is a bare number only as an SSCC of 18 digits.
 *
 * One that ends in zeros from the sixteenth digit on was rounded, or is one of a thousand that really look so: one in ten of
 * the rounded ones has a right check digit and would be somebody else's pallet. As a URI it is text and passes.
 */
export function spreadsheetHarmToEpc(given: string): string | null {
  const harm = spreadsheetHarm(given);
  if (harm !== null) return harm;
  if (/^\d{15,}[.,]0+$/.test(given)) return 'was turned into a number by a spreadsheet';
  if (/^\d{15}0+$/.test(given) && given.length > DIGITS_KEPT)
    return 'looks rounded by a spreadsheet, which keeps fifteen digits';
  return /^\d{15,17}$/.test(given) ? 'lost zeros at the front, or other digits, in a spreadsheet' : null;
}
