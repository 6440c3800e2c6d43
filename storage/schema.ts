import pg from 'pg';
import type { Logger } from '../domain/index.ts';
import { asUnavailable } from './failure.ts';

export const USUAL_SCHEMA = 'public';
/** Where `public` is somebody else's. */
export const OWN_SCHEMA = 'isotherm';

/**
 * Where our tables are, or are to be made: `public`, but for a database whose `public` holds the tables of something
 * else; there a schema of our own, so that neither takes the other's `users` for its own.
 *
 * @throws {UnavailableError} DATABASE_UNAVAILABLE
 */
export async function ourSchema(connection: pg.ClientConfig, logger: Logger): Promise<string> {
  const client = new pg.Client(connection);
  // A connection that breaks fails the statement under way; without a listener it would end the process as well.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ schema: string; foreign: string | null }>(
      `SELECT CASE WHEN to_regclass('${USUAL_SCHEMA}.isotherm_migrations') IS NOT NULL THEN '${USUAL_SCHEMA}'
            WHEN to_regclass('${OWN_SCHEMA}.isotherm_migrations') IS NOT NULL OR foreign_tables IS NOT NULL THEN '${OWN_SCHEMA}'
            ELSE '${USUAL_SCHEMA}' END AS schema, foreign_tables AS foreign
         FROM (SELECT string_agg(relname, ', ' ORDER BY relname) AS foreign_tables FROM (
                 SELECT relname FROM pg_class c
                  WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = '${USUAL_SCHEMA}')
                    AND relkind IN ('r', 'p', 'v', 'm', 'f')
                    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
                  ORDER BY relname LIMIT 3) first_ones) foreign_ones`,
    );
    const { schema = USUAL_SCHEMA, foreign = null } = rows[0] ?? {};
    if (schema === OWN_SCHEMA) {
      logger.info(
        { schema, foreign },
        'the database holds tables of something else; ours are in a schema of their own',
      );
    }
    return schema;
  } catch (error) {
    throw asUnavailable(error);
  } finally {
    await client.end().catch(() => {});
  }
}
