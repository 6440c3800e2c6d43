import pg from 'pg';
import { DATABASE_NAME } from './cluster.ts';

/** Migrates, and owns what must not change. It makes roles for readers (Grafana) and is no superuser. */
export const OWNER_ROLE = 'isotherm_owner';
/** What the platform runs as. */
export const PRODUCT_ROLE = 'isotherm_product';

/**
 * The roles of the installation and its database, made where they are not there yet.
 * @param url of the maintenance database, as the superuser
 */
export async function ensureRolesAndDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ owner: boolean; product: boolean; database: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS owner,
         EXISTS (SELECT FROM pg_roles WHERE rolname = $2) AS product,
         EXISTS (SELECT FROM pg_database WHERE datname = $3) AS database`,
      [OWNER_ROLE, PRODUCT_ROLE, DATABASE_NAME],
    );
    const is = rows[0] ?? { owner: false, product: false, database: false };
    if (!is.product) await client.query(`CREATE ROLE ${PRODUCT_ROLE} LOGIN`);
    if (!is.owner) await client.query(`CREATE ROLE ${OWNER_ROLE} LOGIN CREATEROLE`);
    await client.query(`GRANT ${PRODUCT_ROLE} TO ${OWNER_ROLE}`);
    if (!is.database) await client.query(`CREATE DATABASE ${DATABASE_NAME} OWNER ${OWNER_ROLE}`);
  } finally {
    await client.end();
  }
}
