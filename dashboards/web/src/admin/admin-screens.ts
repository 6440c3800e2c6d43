import type { Permission } from '../../../../domain/index.ts';
import type { TextKey } from '../text/say.ts';

/** The screens of administration, and who sees each. */
export const ADMIN_SCREENS = [
  { to: '/admin/users', text: 'users.title', permission: 'access.manage' },
  { to: '/admin/roles', text: 'roles.title', permission: 'access.manage' },
  { to: '/admin/tokens', text: 'tokens.title', permission: 'access.manage' },
  { to: '/admin/credentials', text: 'credentials.title', permission: 'access.manage' },
  { to: '/admin/quarantine', text: 'quarantine.title', permission: 'quarantine.read' },
  { to: '/admin/audit', text: 'audit.title', permission: 'audit.read' },
] as const satisfies readonly { to: string; text: TextKey; permission: Permission }[];
