import { calendarDate, type Element, elementsIn, gtin14, readScan } from '../../codecs/epc/index.ts';
import { InputError } from '../../domain/index.ts';
import type { VerificationRequest } from '../../trace/index.ts';

/**
 * Reads what a scanner sent of a pack's 2D symbol: element strings as scanned (FNC1, with or without symbology
 * identifier) or in parentheses, or a Digital Link. GTIN (01) and serial (21) are needed; lot is (10), expiry (17).
 *
 * @param year the current one: it decides the century of the expiry
 * @throws {InputError} EPC_*
 */
export function readPack(scan: string, year: number): VerificationRequest {
  const isMarked = scan.startsWith('(') || /^https?:/i.test(scan);
  const elements: Element[] = isMarked ? elementsIn(scan) : readScan(scan);
  const value = (ai: string) => elements.find((element) => element.ai === ai)?.value ?? null;
  const gtin = value('01');
  const serial = value('21');
  if (gtin === null || serial === null) {
    throw new InputError('EPC_SYNTAX', `${scan}: GTIN (01) and serial (21) expected`);
  }
  const expiry = value('17');
  return {
    ...{ gtin: gtin14(gtin), serial, lot: value('10') },
    expiry: expiry === null ? null : calendarDate(expiry, year),
  };
}
