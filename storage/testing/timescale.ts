import pg from 'pg';

/**
 * Superuser URL of a PostgreSQL whose `shared_preload_libraries` has timescaledb; null, after saying so, where
 * ISOTHERM_TEST_TIMESCALE_URL names none. `.ci/timescale-server` starts one of the Apache edition.
 */
export function timescaleUrl(): string | null {
  const url = process.env.ISOTHERM_TEST_TIMESCALE_URL ?? '';
  if (url !== '') return url;
  process.stderr.write('skipped: ISOTHERM_TEST_TIMESCALE_URL names no server with TimescaleDB\n');
  return null;
}

/** Whether the server has the columnstore, which TimescaleDB's Apache edition lacks; says so where it does. */
export async function hasColumnstore(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ license: string | null }>(
      `SELECT current_setting('timescaledb.license', true) AS license`,
    );
    if (rows[0]?.license !== 'apache') return true;
    process.stderr.write("skipped: TimescaleDB's Apache edition has no columnstore\n");
    return false;
  } finally {
    await client.end();
  }
}
