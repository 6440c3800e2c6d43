/** Numbers of tags that answered in one sighting, at most: two tags with one EPC are the matter, not how many. */
export const MOST_TIDS = 4;
/** Bytes of a tag's number: 32 bits name its maker and model, 96 or more the one tag. What is longer is cut. */
export const TID_BYTES = { least: 4, most: 24 } as const;

/**
 * TID memory as upper-case hex, whole words; null where it is none: too short, or not of an allocation class that tags of
 * this air interface have (E0 to E3; GS1 EPC Gen2 clause 6.3.2.1.3, ISO/IEC 15963). A read that failed often gives zeros.
 */
export function tidOf(hex: string): string | null {
  const words = hex.slice(0, TID_BYTES.most * 2).toUpperCase();
  return words.length >= TID_BYTES.least * 2 && words.length % 4 === 0 && /^E[0-3][0-9A-F]+$/.test(words)
    ? words
    : null;
}

/**
 * Numbers read in either of two reports, in order; of one that begins another only the longer. Order and repetition of
 * reports change nothing.
 */
export function mergeTids(a: readonly string[] = [], b: readonly string[] = []): readonly string[] {
  const all = [...new Set([...a, ...b])].sort();
  // Sorted, what begins another stands right before it.
  return all.filter((tid, index) => all[index + 1]?.startsWith(tid) !== true).slice(0, MOST_TIDS);
}

/** Two tags for certain: neither number begins the other. One that was read in part may be of the same tag. */
export function areTwoTags(one: string, other: string): boolean {
  return !one.startsWith(other) && !other.startsWith(one);
}
