/** ISO/IEC 15424 symbology identifier: `]`, a letter for the symbology, one for how it was read. */
const SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/;

/**
 * What a symbol says, without what the scanner puts around it: the symbology identifier, and blanks, carriage return,
 * line feed or tab before and after. FNC1 (0x1D) belongs to the symbol and stays.
 */
export function symbolText(scanned: string): string {
  return scanned.trim().replace(SYMBOLOGY, '').trim();
}
