/**
 * What is known of a step, a byte a reading: a learnt gap depends on the key's steps alone, so that it is judged once for
 * all the rules that judge the key.
 */
export const NOT_JUDGED = 0;
export const NO_GAP = 1;
export const GAP = 2;
