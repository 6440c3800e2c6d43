/**
 * Why an identifier is not verified. The last two are of release 1.3 of the guideline of GS1 US and go to who says that he
 * reads it (`GS1US-Version`).
 */
export const FAILURE_REASONS = [
  ...['No_match_GTIN_Serial', 'No_match_GTIN_Serial_Lot_Expiry', 'No_match_GTIN_Serial_Lot'],
  ...['No_match_GTIN_Serial_Expiry', 'No_reason_provided', 'Manufacturer_policy', 'Not_for_re-distribution'],
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** What else is said of a pack. Illegitimate is of release 1.3. */
export const ADDITIONAL_INFO = ['Recalled', 'Suspect', 'Expired', 'ExpirationExtended', 'Illegitimate'] as const;
export type AdditionalInfo = (typeof ADDITIONAL_INFO)[number];

/** Whose words are answered in: the standard of GS1, or the guideline of GS1 US after it. */
export type GuidelineVersion = '1.1' | '1.3';

export interface VerificationData {
  readonly verified: boolean;
  readonly verificationFailureReason?: FailureReason;
  readonly additionalInfo?: AdditionalInfo;
}
