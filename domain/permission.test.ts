import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  can,
  needsAllSites,
  PERMISSIONS,
  permissionsAt,
  permissionsOf,
  ROLES,
  type Role,
  rolesWith,
  visibleTo,
} from './permission.ts';

const role = fc.constantFrom(...ROLES);
const permission = fc.constantFrom(...PERMISSIONS);
const site = fc.constantFrom('site:berlin', 'site:lyon', 'site:milan', 'site:porto');
const sites = fc.uniqueArray(site);

function principal(role: Role, its: 'all' | readonly string[]) {
  return { role, permissions: permissionsOf(role), sites: its };
}

describe('permissions', () => {
  test('an admin may do everything, and nobody is given what only an admin may', () => {
    for (const one of PERMISSIONS) expect(can(principal('admin', 'all'), one)).toBe(true);
    expect(rolesWith('access.manage')).toEqual(['admin']);
  });

  test('for the installation as a whole, the table alone decides', () => {
    fc.assert(
      fc.property(role, permission, sites, (given, asked, theirs) => {
        expect(can(principal(given, 'all'), asked)).toBe(rolesWith(asked).includes(given));
        // What concerns all sites is not for who sees some.
        const may = rolesWith(asked).includes(given) && !needsAllSites(asked);
        expect(can(principal(given, theirs), asked)).toBe(may);
        expect(permissionsAt(permissionsOf(given), theirs).has(asked)).toBe(may);
      }),
    );
  });

  test('a subject is within reach of who sees every site, or one that the subject was at', () => {
    fc.assert(
      fc.property(role, permission, sites, sites, (given, asked, theirs, its) => {
        const may = rolesWith(asked).includes(given);
        const isShared = its.some((at) => theirs.includes(at));
        expect(can(principal(given, 'all'), asked, { sites: its })).toBe(may);
        expect(can(principal(given, theirs), asked, { sites: its })).toBe(may && !needsAllSites(asked) && isShared);
      }),
    );
  });

  test('who sees every site has no condition in lists', () => {
    expect(visibleTo({ sites: 'all' })).toBeNull();
    expect(visibleTo({ sites: [] })).toEqual([]);
  });
});
