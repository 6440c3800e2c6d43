import { needsAllSites, type Permission, permissionsAt, type TimeSource } from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';
import { permissionsIn, type RoleRow } from './roles.ts';
import { sitesOf } from './sites.ts';

/**
 * Whether who once asked for something, by the id that the audit trail names them by, may still do it for all sites: a token
 * that is revoked or has ended may not, nor a person who may not sign in.
 */
export async function mayStill(
  { database, time }: { readonly database: Database; readonly time: TimeSource },
  actor: string,
  permission: Permission,
): Promise<boolean> {
  const [, kind, id] = /^(token|user):(\d{1,9})$/.exec(actor) ?? [];
  if (kind === undefined) return false;
  const { rows } = await database.query<RoleRow & { sites: readonly string[] | null; scope: readonly string[] | null }>(
    kind === 'token'
      ? `SELECT role, sites, scope, permissions AS granted FROM tokens JOIN roles ON roles.name = tokens.role
         WHERE id = $1 AND (expires_at IS NULL OR expires_at > $2)`
      : `SELECT role, sites, NULL AS scope, permissions AS granted FROM users JOIN roles ON roles.name = users.role
         WHERE id = $1 AND disabled_at IS NULL AND $2::timestamptz IS NOT NULL`,
    [Number(id), timestamp(time.now())],
  );
  const [row] = rows;
  if (row === undefined) return false;
  const sites = sitesOf(row.sites);
  const isOfAll = sites === 'all' || !needsAllSites(permission);
  const isInScope = row.scope === null || row.scope.includes(permission);
  return isOfAll && isInScope && permissionsAt(permissionsIn(row), sites).has(permission);
}
