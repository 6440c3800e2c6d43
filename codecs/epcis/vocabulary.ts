/*
 * The words of GS1's Core Business Vocabulary 2.0 that JSON-LD writes without their namespace. Any of them may be a URI
 * of one's own instead.
 */

/** EPCIS 2.0, section 7.4. */
export const EVENT_TYPES: readonly string[] = [
  ...['ObjectEvent', 'AggregationEvent', 'AssociationEvent', 'TransactionEvent', 'TransformationEvent'],
];

/** Section 7.1. */
export const BUSINESS_STEPS = words(`accepting arriving assembling collecting commissioning consigning
  creating_class_instance cycle_counting decommissioning departing destroying disassembling dispensing encoding
  entering_exiting holding inspecting installing killing loading other packing picking receiving removing repackaging
  repairing replacing reserving retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking
  storing transporting unloading unpacking void_shipping`);

/** Section 7.2. */
export const DISPOSITIONS = words(`active available completeness_inferred completeness_verified conformant
  container_closed container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive
  mismatch_class mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant
  non_sellable_other partially_dispensed recalled reserved retail_sold returned sellable_accessible
  sellable_not_accessible stolen unavailable unknown`);

/** Section 7.3. */
export const TRANSACTION_TYPES = words(
  `bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt`,
);

/** Section 7.4. */
export const SOURCE_TYPES = words('owning_party possessing_party location');

/** Section 7.5. */
export const ERROR_REASONS = words('did_not_occur incorrect_data');

/** A word of the CBV in full: as URN, as web URI of either host, under its JSON-LD prefix. */
const IN_FULL =
  /^(?:urn:epcglobal:cbv:(?:bizstep|disp|btt|sdt|er):|https?:\/\/(?:ref|ns)\.gs1\.org\/cbv\/[A-Za-z]+-|cbv:(?:(?:BizStep|Disp|BTT|SDT|ER)-)?)(.*)$/i;

/** The word in it without its namespace, known or not; null where it is bare or somebody else's URI. */
export function cbvWord(given: string): string | null {
  return IN_FULL.exec(given)?.[1] ?? null;
}

/** Which vocabulary a field takes its words from, as its URN names it. */
export type WordKind = 'bizstep' | 'disp' | 'btt' | 'sdt' | 'er';
/** How XML writes words of the CBV: as they came, bare ones as URN, or all of them in one namespace. */
export type CbvForm = 'as given' | 'URN' | 'web URI';

const VOCABULARIES: Readonly<Record<WordKind, { readonly web: string; readonly words: ReadonlySet<string> }>> = {
  bizstep: { web: 'BizStep', words: BUSINESS_STEPS },
  disp: { web: 'Disp', words: DISPOSITIONS },
  btt: { web: 'BTT', words: TRANSACTION_TYPES },
  sdt: { web: 'SDT', words: SOURCE_TYPES },
  er: { web: 'ER', words: ERROR_REASONS },
};

/** A word of the CBV as XML writes it; somebody else's URI stays as it came. CBV 2.0, section 7. */
export function inFull(kind: WordKind, given: string, form: CbvForm): string {
  const { web, words: known } = VOCABULARIES[kind];
  const word = form === 'as given' ? given : (cbvWord(given) ?? given);
  if (!known.has(word)) return given;
  return form === 'web URI' ? `https://ref.gs1.org/cbv/${web}-${word}` : `urn:epcglobal:cbv:${kind}:${word}`;
}

/** A word of the CBV as JSON-LD writes it; what is none stays as it came. */
export function bareIn(kind: WordKind, given: string): string {
  const word = cbvWord(given);
  return word !== null && VOCABULARIES[kind].words.has(word) ? word : given;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
