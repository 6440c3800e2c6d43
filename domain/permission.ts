/** What a person, or a program in a person's place, is here for. */
export const ROLES = ['logistics', 'quality', 'dock', 'operations', 'admin'] as const;
export type Role = (typeof ROLES)[number];

interface PermissionRow {
  /** Finishes the sentence "may ...". */
  readonly about: string;
  readonly roles: readonly Role[];
  /** Only for who sees every site: it says something of all of them, or decides for all of them. */
  readonly allSites?: true;
}

const EVERYBODY = ROLES;
const ADMIN: readonly Role[] = ['admin'];

/**
 * Who may do what: the one table that routes, sockets, the page, the OpenAPI document and docs/permissions.md share.
 * A name is a subject and a verb.
 */
const TABLE = {
  'records.read': { about: 'see shipments, serials, devices, readings, portals, rules and alerts', roles: EVERYBODY },
  'originals.read': {
    about: 'see messages as received, which may hold more than the page shows',
    roles: ['quality', 'operations', 'admin'],
  },
  'shipment.announce': { about: 'announce, correct and cancel a shipment', roles: ['logistics', 'admin'] },
  'shipment.close': {
    about: 'close a shipment, after which nothing is expected of it',
    roles: ['logistics', 'quality', 'operations', 'admin'],
  },
  'shipment.share': {
    about: 'show a shipment to a customer by a link, and withdraw such links',
    roles: ['logistics', 'quality', 'admin'],
  },
  'unit.count': { about: 'count the contents of a unit', roles: EVERYBODY },
  'difference.settle': { about: 'settle a difference between expected and seen', roles: EVERYBODY },
  'pack.verify': { about: 'ask whether a pack may move on', roles: EVERYBODY },
  'pack.decommission': {
    about: 'decommission packs and revert that, and enter what the national system answers',
    roles: ['logistics', 'quality', 'dock', 'admin'],
    allSites: true,
  },
  'verifications.read': { about: 'see what others verified', roles: ['quality', 'operations', 'admin'] },
  'alert.comment': { about: 'comment on an alert', roles: EVERYBODY },
  'alert.handle': {
    about: 'acknowledge, assign, snooze, resolve and reopen an alert',
    roles: ['logistics', 'quality', 'operations', 'admin'],
  },
  'case.decide': {
    about: 'decide on goods of a case, and sign it with an own name',
    roles: ['quality', 'admin'],
  },
  'case.comment': { about: 'comment on a case, put files to it, say that a task is done', roles: EVERYBODY },
  'case.handle': {
    about: 'open, assign and close a case, set its tasks, and say what its investigation found',
    roles: ['quality', 'admin'],
  },
  'rules.change': {
    about: 'try, change and remove rules: what an excursion is',
    roles: ['quality', 'admin'],
    allSites: true,
  },
  'hold.change': {
    about: 'hold the records of a shipment or device, so that nothing of it is deleted, and release them',
    roles: ['quality', 'admin'],
  },
  'logger-file.take': {
    about: 'upload files that loggers were read out into, and say how they are read',
    roles: EVERYBODY,
  },
  'device.register': { about: 'register or change a device', roles: ['logistics', 'operations', 'admin'] },
  'device.calibrate': {
    about: 'record a calibration of a device: what is added to its readings, and until when that is good',
    roles: ['quality', 'operations', 'admin'],
  },
  'device.attach': {
    about: 'put a logger on a unit of a shipment, and take it off',
    roles: ['logistics', 'dock', 'operations', 'admin'],
  },
  'product.register': {
    about: 'register or change a product',
    roles: ['logistics', 'quality', 'operations', 'admin'],
    allSites: true,
  },
  'place.register': { about: 'create or change places and portals', roles: ['operations', 'admin'], allSites: true },
  'quarantine.read': { about: 'see what was refused on its way in', roles: ['operations', 'admin'] },
  'quarantine.decide': { about: 'adopt or discard what was refused on its way in', roles: ['operations', 'admin'] },
  'readings.send': { about: 'send readings of sensors over HTTP, with a token', roles: EVERYBODY, allSites: true },
  'readings.correct': { about: 'set suspect readings aside, and restore them', roles: ['quality', 'admin'] },
  'events.capture': { about: "capture a partner's EPCIS events", roles: ['logistics', 'admin'], allSites: true },
  'partner.read': {
    about: 'see partners, what is agreed with them, and what was exchanged',
    roles: ['logistics', 'quality', 'operations', 'admin'],
    allSites: true,
  },
  'partner.change': {
    about: 'register, change and try partners, and give them tokens',
    roles: ['quality', 'admin'],
    allSites: true,
  },
  'partner.exchange': {
    about: 'send and fetch files and records as a partner, or for one',
    roles: ['logistics', 'quality', 'admin'],
    allSites: true,
  },
  'erp.exchange': {
    about: 'bring files of ERP and WMS, see what became of them, and fetch stock and receipts for them',
    roles: ['logistics', 'quality', 'operations', 'admin'],
    allSites: true,
  },
  'erp.change': {
    about: 'say how files of ERP and WMS are read, and what they are told',
    roles: ['operations', 'admin'],
    allSites: true,
  },
  'events.subscribe': {
    about: 'name EPCIS queries, and have what they find sent to an address, with records.read',
    roles: ['logistics', 'admin'],
    allSites: true,
  },
  'exception.handle': {
    about: 'open exceptions with partners, share them, answer, settle and withdraw them',
    roles: ['logistics', 'quality', 'dock', 'admin'],
    allSites: true,
  },
  'routing.change': {
    about: 'change who is told of alerts, by which way and when',
    roles: ['operations', 'admin'],
    allSites: true,
  },
  'audit.read': { about: 'see who decided what', roles: ['quality', 'admin'], allSites: true },
  'audit.review': {
    about: 'sign that the audit trail was looked at',
    roles: ['quality', 'admin'],
    allSites: true,
  },
  'health.manage': {
    about: "see Isotherm's own health, and decide on what waits: dead records, undelivered messages",
    roles: ['operations', 'admin'],
    allSites: true,
  },
  'installation.manage': {
    about: 'set the installation up: the organisation, channels, retention',
    roles: ADMIN,
    allSites: true,
  },
  'access.manage': { about: 'manage users, API tokens and credentials', roles: ADMIN, allSites: true },
} as const satisfies Readonly<Record<string, PermissionRow>>;

export type Permission = keyof typeof TABLE;

export const PERMISSIONS = Object.keys(TABLE) as readonly Permission[];

/** Whoever asks, as far as permissions go. */
export interface Principal {
  /** The name of the role, for people to read: what it may is in `permissions`. */
  readonly role: string;
  readonly permissions: ReadonlySet<Permission>;
  /** The sites whose goods they see. */
  readonly sites: Sites;
}

/** All of them, or these: `site:lyon`. */
export type Sites = 'all' | readonly string[];

/** What a site is called in places, notices and the sites of people. */
export const SITE_ID = /^site:[A-Za-z0-9._/-]{1,120}$/;

/** What a permission is asked for; absent = for the installation as a whole. */
export interface PermissionSubject {
  /** The sites it is or was at: a shipment's origin, destination, present place and places between. */
  readonly sites: readonly string[];
}

/** Whether somebody may do something, with this subject or at all. */
export function can(
  { permissions, sites }: Pick<Principal, 'permissions' | 'sites'>,
  permission: Permission,
  subject?: PermissionSubject,
): boolean {
  if (!permissions.has(permission)) return false;
  if (sites !== 'all' && needsAllSites(permission)) return false;
  return subject === undefined || sites === 'all' || subject.sites.some((site) => sites.includes(site));
}

/**
 * The places whose goods are asked for: sites, and all that stands in them. null = everywhere. A condition of queries:
 * what is seen from none of them is not there.
 */
export type SeenFrom = readonly string[] | null;

/** The sites that a list is restricted to: the condition of its query. null = none. */
export function visibleTo({ sites }: Pick<Principal, 'sites'>): readonly string[] | null {
  return sites === 'all' ? null : sites;
}

/** Whether only who sees every site may have it, whatever the role. */
export function needsAllSites(permission: Permission): boolean {
  const row: PermissionRow = TABLE[permission];
  return row.allSites ?? false;
}

/** Whether these make somebody an administrator, who cannot be bound to sites. */
export function managesAll(permissions: ReadonlySet<Permission>): boolean {
  return permissions.has('access.manage');
}

/** What is left of a role's permissions for who sees these sites. */
export function permissionsAt(permissions: ReadonlySet<Permission>, sites: Sites): ReadonlySet<Permission> {
  return sites === 'all' ? permissions : new Set([...permissions].filter((one) => !needsAllSites(one)));
}

/** Who has a permission, in the order of {@link ROLES}. */
export function rolesWith(permission: Permission): readonly Role[] {
  const roles: readonly Role[] = TABLE[permission].roles;
  return ROLES.filter((role) => roles.includes(role));
}

const OF_ROLES: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  logistics: heldBy('logistics'),
  quality: heldBy('quality'),
  dock: heldBy('dock'),
  operations: heldBy('operations'),
  admin: heldBy('admin'),
};

/** What a built-in role may. */
export function permissionsOf(role: Role): ReadonlySet<Permission> {
  return OF_ROLES[role];
}

function heldBy(role: Role): ReadonlySet<Permission> {
  return new Set(PERMISSIONS.filter((permission) => rolesWith(permission).includes(role)));
}

/** Finishes the sentence "may ...". */
export function permissionAbout(permission: Permission): string {
  return TABLE[permission].about;
}
