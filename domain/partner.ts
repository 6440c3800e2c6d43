/** What a company is in the chain of supply (21 U.S.C. 360eee), or who watches it. */
export const PARTNER_ROLES = ['manufacturer', 'repackager', 'wholesaler', 'dispenser', '3pl', 'regulator'] as const;
export type PartnerRole = (typeof PARTNER_ROLES)[number];

/** How a partner is reached: EPCIS capture, signed webhook, verification responder (GS1 LVM), SFTP server, AS2 gateway. */
export const ENDPOINT_KINDS = ['epcis', 'webhook', 'verification', 'sftp', 'as2'] as const;
export type EndpointKind = (typeof ENDPOINT_KINDS)[number];

/** What a partner may see of what concerns its GLNs. */
export const PARTNER_SEES = ['events', 'records', 'exceptions', 'verification'] as const;
export type PartnerSees = (typeof PARTNER_SEES)[number];

/** What a partner may send. */
export const PARTNER_SENDS = ['files', 'answers', 'requests'] as const;
export type PartnerSends = (typeof PARTNER_SENDS)[number];

/** Formats of files that one may agree on. */
export const PARTNER_FORMATS = ['epcis-2.0-json', 'epcis-2.0-xml', 'epcis-1.2-xml', 'csv'] as const;
export type PartnerFormat = (typeof PARTNER_FORMATS)[number];

/** In the order in which a connection comes about; a test of one says which step failed. */
export const CONNECTION_STEPS = [
  'address',
  'name',
  'connection',
  'tls',
  'answer',
  'access',
  'identity',
  'clock',
] as const;
export type ConnectionStep = (typeof CONNECTION_STEPS)[number];

/** What is kept sealed: what messages to its webhook are signed with, and what is sent as `Authorization`. */
export const PARTNER_SECRETS = ['webhook', 'authorization'] as const;
export type PartnerSecret = (typeof PARTNER_SECRETS)[number];

/** 1 to 64 of a-z 0-9 - */
export const PARTNER_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** What signatures of a partner are checked with. Days as YYYY-MM-DD, in UTC; null = open. */
export interface PartnerKey {
  readonly id: string;
  /** SubjectPublicKeyInfo as PEM. */
  readonly pem: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Since when nothing that it signed counts, whenever that was; null = it was not revoked. */
  readonly revoked: string | null;
}

export const KEY_STATES = ['good', 'not yet', 'expired', 'revoked'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** What a key is good for at a moment, epoch ms UTC. Its first and last day belong to it. */
export function keyStateAt({ from, to, revoked }: Omit<PartnerKey, 'id' | 'pem'>, now: number): KeyState {
  if (revoked !== null) return 'revoked';
  const today = new Date(now).toISOString().slice(0, 10);
  if (from !== null && today < from) return 'not yet';
  return to !== null && to < today ? 'expired' : 'good';
}

/** How much a partner may do. What is more is turned away and can be sent again later. */
export interface PartnerQuota {
  readonly requestsPerMinute: number;
  /** In either direction, of a day in UTC. */
  readonly filesPerDay: number;
  readonly bytesPerDay: number;
}

/** For who sends some thousand packs a day; more is agreed by name. */
export const USUAL_QUOTA: PartnerQuota = {
  requestsPerMinute: 300,
  filesPerDay: 2_000,
  bytesPerDay: 256 * 1024 * 1024,
};

/** What a partner did on a day. */
export interface PartnerUse {
  readonly files: number;
  readonly bytes: number;
  /** Requests and files that were too many. */
  readonly turnedAway: number;
}

/** A company beside us, or an authority, and what is agreed with it. */
export interface Partner {
  readonly id: string;
  readonly name: string;
  readonly address: string | null;
  /** 13 digits each. */
  readonly glns: readonly string[];
  readonly roles: readonly PartnerRole[];
  readonly endpoints: Readonly<Partial<Record<EndpointKind, string>>>;
  readonly publicKeys: readonly PartnerKey[];
  /** By secret the beginning of its SHA-256; absent: there is none. */
  readonly secretPrints: Readonly<Partial<Record<PartnerSecret, string>>>;
  readonly sees: readonly PartnerSees[];
  readonly sends: readonly PartnerSends[];
  readonly formats: readonly PartnerFormat[];
  readonly quota: PartnerQuota;
  /** First and last day of the agreement, YYYY-MM-DD; null = open. */
  readonly from: string | null;
  readonly to: string | null;
  readonly revision: number;
  /** Epoch ms UTC. */
  readonly changedAt: number;
  readonly changedBy: string;
}

export interface PartnerChange extends Omit<Partner, 'id' | 'revision' | 'changedAt' | 'changedBy' | 'secretPrints'> {
  /** Absent: the one there is; null: none any more. */
  readonly secrets: Readonly<{ [S in PartnerSecret]?: string | null | undefined }>;
}

/** Whether the agreement holds at a moment, epoch ms UTC. Both days belong to it, in UTC. */
export function isAgreed({ from, to }: Pick<Partner, 'from' | 'to'>, now: number): boolean {
  const today = new Date(now).toISOString().slice(0, 10);
  return (from === null || from <= today) && (to === null || today <= to);
}
