import type { Permission } from '../../../../domain/index.ts';
import type { TextKey } from '../text/say.ts';

/** The screens of administration by what they are about, and who sees each. */
export const ADMIN_SCREENS = [
  { to: '/admin/setup', text: 'setup.title', permission: 'installation.manage', group: 'installation' },
  { to: '/admin/organisation', text: 'organisation.title', permission: 'installation.manage', group: 'installation' },
  { to: '/admin/channels', text: 'channels.title', permission: 'installation.manage', group: 'installation' },
  { to: '/admin/places', text: 'places.title', permission: 'place.register', group: 'goods' },
  { to: '/admin/portals', text: 'doors.title', permission: 'place.register', group: 'goods' },
  { to: '/admin/products', text: 'products.title', permission: 'product.register', group: 'goods' },
  { to: '/admin/partners', text: 'partners.title', permission: 'partner.read', group: 'goods' },
  { to: '/admin/markets', text: 'markets.title', permission: 'partner.read', group: 'goods' },
  { to: '/admin/systems', text: 'systems.title', permission: 'erp.exchange', group: 'goods' },
  { to: '/admin/exceptions', text: 'exceptions.title', permission: 'partner.read', group: 'goods' },
  { to: '/admin/records', text: 'record.title', permission: 'partner.read', group: 'goods' },
  { to: '/admin/users', text: 'users.title', permission: 'access.manage', group: 'people' },
  { to: '/admin/roles', text: 'roles.title', permission: 'access.manage', group: 'people' },
  { to: '/admin/tokens', text: 'tokens.title', permission: 'access.manage', group: 'people' },
  { to: '/admin/credentials', text: 'credentials.title', permission: 'access.manage', group: 'people' },
  { to: '/admin/routing', text: 'routing.title', permission: 'alert.handle', group: 'alerts' },
  { to: '/admin/silences', text: 'silences.title', permission: 'alert.handle', group: 'alerts' },
  { to: '/admin/statistics', text: 'statistics.title', permission: 'alert.handle', group: 'alerts' },
  { to: '/admin/health', text: 'health.title', permission: 'health.manage', group: 'operation' },
  { to: '/admin/quarantine', text: 'quarantine.title', permission: 'quarantine.read', group: 'operation' },
  { to: '/admin/holds', text: 'holds.title', permission: 'hold.change', group: 'operation' },
  { to: '/admin/retention', text: 'retention.title', permission: 'audit.read', group: 'operation' },
  { to: '/admin/audit', text: 'audit.title', permission: 'audit.read', group: 'operation' },
  { to: '/admin/audit-review', text: 'review.title', permission: 'audit.read', group: 'operation' },
] as const satisfies readonly { to: string; text: TextKey; permission: Permission; group: AdminGroup }[];

/** In the order in which they stand. */
export const ADMIN_GROUPS = ['installation', 'goods', 'people', 'alerts', 'operation'] as const;
export type AdminGroup = (typeof ADMIN_GROUPS)[number];

/** Screens that a pharmacy has no use for: it has no doors with readers, no loggers, no ERP beside it, and nobody on duty at night. */
export const NOT_OF_A_PHARMACY: ReadonlySet<string> = new Set([
  ...['/admin/portals', '/admin/credentials', '/admin/channels', '/admin/quarantine', '/admin/systems'],
  ...['/admin/routing', '/admin/silences', '/admin/statistics', '/admin/roles', '/admin/holds', '/admin/audit-review'],
]);
