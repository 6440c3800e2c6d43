/** Below so many tries a share says more about chance than about what was tried. */
export const LEAST_TRIES = 20;
/** Standard normal quantile of 0.95: five in a hundred lie beyond either end. */
const Z90 = 1.6448536269514722;

/** A share with the interval that holds the true one nine times in ten. */
export interface Proportion {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/**
 * How often something happens, from how often it did: Wilson's score interval (Brown, Cai and DasGupta, "Interval
 * Estimation for a Binomial Proportion", Statistical Science 16, 2001), which holds for few tries and for none that hit.
 * @returns null below {@link LEAST_TRIES}
 */
export function proportion(hits: number, tries: number): Proportion | null {
  return tries < LEAST_TRIES ? null : wilson(hits, tries);
}

/** The same for any number of tries but none: to order by, not to show. */
export function wilson(hits: number, tries: number): Proportion {
  const share = hits / tries;
  const shrink = 1 + Z90 ** 2 / tries;
  const middle = (share + Z90 ** 2 / (2 * tries)) / shrink;
  const half = (Z90 / shrink) * Math.sqrt((share * (1 - share)) / tries + Z90 ** 2 / (4 * tries ** 2));
  // At the very ends the two differ by what a double cannot hold.
  return { share, low: Math.min(share, Math.max(0, middle - half)), high: Math.max(share, Math.min(1, middle + half)) };
}
