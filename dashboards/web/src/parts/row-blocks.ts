import type { Range } from '@tanstack/react-virtual';

/** How many rows to spare on both sides of what is seen, at least, and how many come and go at once. */
export interface RowBlocks {
  readonly around: number;
  readonly block: number;
}

/** Indexes of the rows to draw, in whole blocks: what is drawn changes once in a block, not with each row. */
export function blocksAround(
  { startIndex, endIndex, count }: Pick<Range, 'startIndex' | 'endIndex' | 'count'>,
  { around, block }: RowBlocks,
): number[] {
  const first = Math.max(0, Math.floor((startIndex - around) / block) * block);
  const end = Math.min(count, Math.ceil((endIndex + 1 + around) / block) * block);
  return Array.from({ length: Math.max(0, end - first) }, (_, nth) => first + nth);
}
