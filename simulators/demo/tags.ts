import { encodeTag, sgtin } from '../../codecs/epc/index.ts';
import type { Epc } from '../../domain/index.ts';

/** A tag in the field of one antenna, once. */
export interface ReadTag {
  /** LLRP AntennaID. */
  readonly antenna: number;
  readonly epcHex: string;
  readonly rssiDbm: number;
}

/** What stands in the EPC memory of a simulated tag, upper-case hex. */
export function tagOf(epc: Epc): string {
  // Filter values (TDS 1.13, 10.2, 10.3): 0 = all others.
  return encodeTag(epc.replace(/^urn:epc:id:(sgtin|sscc):/, 'urn:epc:tag:$1-96:0.'));
}

/** Serials no notice of the demo mentions. */
export function unknownTags(count: number): string[] {
  return Array.from({ length: count }, (_, i) => tagOf(sgtin('0614141', '812346', String(990_001 + i))));
}
