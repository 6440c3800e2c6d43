/** What some observations say is usual: their middle, how far from it they usually are, and how many they are. */
export interface Usual {
  readonly observations: number;
  /** null where there is none. */
  readonly median: number | null;
  /** Median absolute deviation: the median of the distances to the median. */
  readonly mad: number | null;
}

/** By which a MAD is the standard deviation of what is normally distributed. */
const MAD_TO_SIGMA = 1.4826;
/** What is further from the usual than so many standard deviations does not happen by itself. */
const SIGMAS = 5;

/** Median and MAD: one odd day does not move them. Pure (docs/rules.md, "What is usual"). */
export function usualOf(values: readonly number[]): Usual {
  const median = medianOf(values);
  const mad = median === null ? null : medianOf(values.map((value) => Math.abs(value - median)));
  return { observations: values.length, median, mad };
}

/** How far from the usual is odd; null where too little is known to say. */
export function oddFrom({ observations, mad }: Usual, learnt: number): number | null {
  return mad === null || observations < learnt ? null : SIGMAS * MAD_TO_SIGMA * mad;
}

export function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  return (lower + upper) / 2;
}
