import { decodeCayenne } from './cayenne.ts';
import { decodeMilesight } from './milesight.ts';
import type { UplinkDecoder } from './uplink-bytes.ts';

/** Decoders by the name that a person gives (`--decoder`); brands and models are found by the same names. */
const DECODERS: Readonly<Record<string, UplinkDecoder>> = {
  milesight: decodeMilesight,
  cayenne: decodeCayenne,
};

const BY_HINT: readonly (readonly [RegExp, string])[] = [
  [/milesight|\b(em300|em320|em500|am1\d\d|am3\d\d|ts30\d|ts201|ws303|vs\d{3})\b/i, 'milesight'],
  [/cayenne/i, 'cayenne'],
];

export const DECODER_NAMES: readonly string[] = Object.keys(DECODERS);

/** The decoder that a name, brand or model stands for; null where there is none. */
export function decoderFor(hints: readonly string[]): UplinkDecoder | null {
  for (const hint of hints) {
    const name = hint.toLowerCase();
    const exact = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
    if (exact !== undefined) return exact;
    const found = BY_HINT.find(([pattern]) => pattern.test(hint));
    if (found !== undefined) return DECODERS[found[1]] ?? null;
  }
  return null;
}
