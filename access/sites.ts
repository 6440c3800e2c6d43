import { InputError, managesAll, type Permission, SITE_ID, type Sites } from '../domain/index.ts';

/** Sites that one person or token may be bound to. */
const MOST_SITES = 1_000;

/** As the tables keep them: null = all. */
export function sitesOf(column: readonly string[] | null): Sites {
  return column ?? 'all';
}

export function sitesColumn(sites: Sites): readonly string[] | null {
  return sites === 'all' ? null : sites;
}

/**
 * Sorted, each once. Ids need not be registered: a site may come after its people.
 * @param permissions what the role may
 * @throws {InputError} SITES_BAD, ROLE_NEEDS_ALL_SITES
 */
export function requireSites(
  sites: Sites,
  { role, permissions }: { readonly role: string; readonly permissions: ReadonlySet<Permission> },
): Sites {
  if (sites === 'all') return sites;
  const wrong = sites.find((site) => !SITE_ID.test(site));
  if (wrong !== undefined || sites.length === 0 || sites.length > MOST_SITES) {
    const given = wrong === undefined ? `${sites.length} sites` : `"${wrong}"`;
    throw new InputError('SITES_BAD', `sites: given ${given}, allowed: all, or ids such as site:lyon`);
  }
  if (managesAll(permissions)) {
    throw new InputError(
      'ROLE_NEEDS_ALL_SITES',
      `sites: given ${sites.join(', ')}, allowed: all, since the role ${role} manages who may come in, everywhere`,
    );
  }
  return [...new Set(sites)].sort();
}
