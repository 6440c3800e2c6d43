import {
  calendarDate,
  type Element,
  elementsIn,
  gtin14,
  isLikelySplit,
  readScan,
  type Scan,
  separatorDropped,
  symbolText,
} from '../../codecs/epc/index.ts';
import { InputError } from '../../domain/index.ts';
import type { VerificationRequest } from '../../trace/index.ts';

/** What a scanner sent of a pack's 2D symbol, read. */
export interface PackScan {
  readonly request: VerificationRequest;
  /** YYMMDD as the code has it, where 00 stands for no day; null: it has none. */
  readonly expiryCoded: string | null;
  /** Other serials it would be if the scanner dropped FNC1. */
  readonly otherSerials: readonly string[];
  /** Whether that can hardly be chance. */
  readonly isRunTogether: boolean;
}

/**
 * Reads what a scanner sent of a pack's 2D symbol: element strings as scanned (FNC1, with or without symbology
 * identifier) or in parentheses, a Digital Link, or a German PPN. GTIN (01) and serial (21) are needed; lot is (10),
 * expiry (17).
 *
 * @param year the current one: it decides the century of the expiry
 * @throws {InputError} EPC_*
 */
export function readPack(scan: string, year: number): PackScan {
  const { elements, unread, splits } = readElements(scan);
  const value = (ai: string) => elements.find((element) => element.ai === ai)?.value ?? null;
  const gtin = value('01');
  const serial = value('21');
  if (gtin === null || serial === null) {
    const isRunTogether = gtin !== null && splits.some((split) => split.some(({ ai }) => ai === '21'));
    if (isRunTogether) throw separatorDropped(scan);
    const notRead = unread.length === 0 ? '' : `; not read: ${unread.join(', ')}`;
    throw new InputError('EPC_SYNTAX', `${scan}: GTIN (01) and serial (21) expected${notRead}`);
  }
  const expiry = value('17');
  return {
    request: {
      ...{ gtin: gtin14(gtin), serial, lot: value('10') },
      expiry: expiry === null ? null : calendarDate(expiry, year),
    },
    expiryCoded: expiry,
    otherSerials: splits.flatMap((split) => split.filter(({ ai }) => ai === '21').map((element) => element.value)),
    isRunTogether: isLikelySplit(elements, splits),
  };
}

/**
 * Refuses a scan without FNC1 whose serial is not known but would be, or looks as if it were, were lot and expiry not run
 * into it. A serial that is known as it stands is taken, whatever stands in it.
 *
 * @param known which of some serials of a GTIN are known here
 * @throws {InputError} EPC_NO_SEPARATOR
 */
export async function refuseRunTogether(
  scan: string,
  { request, otherSerials, isRunTogether }: PackScan,
  known: (gtin: string, serials: readonly string[]) => Promise<readonly string[]>,
): Promise<void> {
  if (otherSerials.length === 0) return;
  const found = await known(request.gtin, [request.serial, ...otherSerials]);
  if (found.includes(request.serial)) return;
  if (isRunTogether || found.length > 0) throw separatorDropped(scan);
}

function readElements(scan: string): Scan {
  const isMarked = /^(\(|https?:\/\/)/i.test(symbolText(scan));
  if (!isMarked) return readScan(scan);
  const elements: Element[] = elementsIn(scan);
  return { elements, unread: [], splits: [] };
}
