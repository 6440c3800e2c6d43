import { systemTime } from '../domain/index.ts';

/** The middle one, of an even number the upper; 0 of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** How long it took, ms. */
export async function ms(work: () => Promise<unknown>): Promise<number> {
  const from = systemTime.monotonic();
  await work();
  return systemTime.monotonic() - from;
}
