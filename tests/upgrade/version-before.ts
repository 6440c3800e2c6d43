import { commitOf } from './program-of.ts';

/**
 * The version that `.ci/run` upgrades from: the newest commit whose tables are not those of now (0835 came after it, with the
 * shares of evaluators). Set it to that of the last release as soon as there is one.
 */
const VERSION_BEFORE = '09fe7c8f92212eab9a26d1aa77735cec4d5e5139';

/**
 * Its commit, or null after saying why the test is skipped.
 * @throws {Error} where parts are required (`ISOTHERM_TEST_REQUIRE_PARTS`, set by .ci/run) and this clone does not have it
 */
export function versionBefore(): string | null {
  const found = commitOf(VERSION_BEFORE);
  if (found !== null) return found;
  const reason = `there is no history here that reaches to ${VERSION_BEFORE.slice(0, 8)}: a shallow clone, or no clone`;
  if (process.env.ISOTHERM_TEST_REQUIRE_PARTS === '1') throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
  return null;
}
