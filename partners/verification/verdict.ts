import type { AdditionalInfo, FailureReason, GuidelineVersion, VerificationData } from '../../domain/index.ts';
import type { PackIdentifier } from './message.ts';
import type { PackState } from './pack-state.ts';

/** What stops a pack and has a word of its own in the messages; what else stops it has none. */
const TOLD: ReadonlySet<string> = new Set(['stolen', 'recalled', 'in two places', 'expired']);

/**
 * What is answered of a pack. Lot and expiry that are not known here do not match: nobody can say that they are right. A
 * pack that matches is verified, with what is known of it, as the standard's scenarios have it; one that is stopped for
 * a reason that has no word (an undecided excursion, a hold, a pack that was decommissioned) is not.
 */
export function verdictOf(
  { lot, expiry }: PackIdentifier,
  { known, findings }: PackState,
  version: GuidelineVersion,
): VerificationData {
  if (known === null) return failure('No_match_GTIN_Serial');
  const isLot = known.lot === lot;
  const isExpiry = known.expiry === expiry;
  if (!isLot && !isExpiry) return failure('No_match_GTIN_Serial_Lot_Expiry');
  if (!isLot) return failure('No_match_GTIN_Serial_Lot');
  if (!isExpiry) return failure('No_match_GTIN_Serial_Expiry');
  const info = infoOf(new Set(findings.map(({ finding }) => finding)), version);
  const told = info === null ? {} : { additionalInfo: info };
  const isStopped = findings.some(({ finding, stops }) => stops && !TOLD.has(finding));
  if (!isStopped) return { verified: true, ...told };
  return { ...failure(version === '1.3' ? 'Manufacturer_policy' : 'No_reason_provided'), ...told };
}

function infoOf(found: ReadonlySet<string>, version: GuidelineVersion): AdditionalInfo | null {
  if (found.has('stolen')) return version === '1.3' ? 'Illegitimate' : 'Suspect';
  if (found.has('recalled')) return 'Recalled';
  if (found.has('in two places')) return 'Suspect';
  return found.has('expired') ? 'Expired' : null;
}

function failure(verificationFailureReason: FailureReason): VerificationData {
  return { verified: false, verificationFailureReason };
}
