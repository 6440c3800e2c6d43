/**
 * Superuser URL of a PostgreSQL whose `shared_preload_libraries` has timescaledb; null, after saying so, where
 * ISOTHERM_TEST_TIMESCALE_URL names none: the extension is in no registry that a test could install it from.
 */
export function timescaleUrl(): string | null {
  const url = process.env.ISOTHERM_TEST_TIMESCALE_URL ?? '';
  if (url !== '') return url;
  process.stderr.write('skipped: ISOTHERM_TEST_TIMESCALE_URL names no server with TimescaleDB\n');
  return null;
}
