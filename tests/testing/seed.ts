/**
 * What property tests draw is drawn anew in each run, unless ISOTHERM_TEST_SEED (a whole number of 32 bits) says where
 * to begin. `.ci/run` takes it from the commit's files: the same files pass or fail again, other files draw others
 * (docs/decisions/0081).
 */
import { configureGlobal } from 'fast-check';

const given = process.env.ISOTHERM_TEST_SEED;
if (given !== undefined && given !== '') {
  const seed = Number(given);
  if (!Number.isInteger(seed)) throw new RangeError(`ISOTHERM_TEST_SEED is ${given}: a whole number was expected`);
  configureGlobal({ seed: seed | 0 });
}
