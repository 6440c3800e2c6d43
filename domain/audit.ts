import type { Effects } from './log.ts';

/**
 * Who decided. `id` outlives a rename (`user:7`, `token:3`); `name` is what was shown then. `command` is a person at the
 * command line of the machine, `platform` Isotherm itself.
 */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly kind: 'user' | 'token' | 'credential' | 'command' | 'platform';
}

export const PLATFORM: Actor = { id: 'platform', name: 'Isotherm', kind: 'platform' };

/** From where: the door, and the network address where there is one. The address is kept as a personal value. */
export interface Origin {
  readonly via: 'http' | 'mqtt' | 'command' | 'platform';
  readonly address: string | null;
}

/** Who decided, and from where: what a door knows of every request it lets in. */
export interface Origination {
  readonly actor: Actor;
  readonly origin: Origin;
}

export const BY_PLATFORM: Origination = { actor: PLATFORM, origin: { via: 'platform', address: null } };

/**
 * A value about a person (contact details, an address, free text marked personal). In an entry only its salted hash
 * stands; the value is kept beside it and can be erased by a recorded act.
 */
export class Personal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `kind:id` of what was decided upon: `alert:…`, `user:paula`, `shipment:SHP-1`. */
export type AuditSubject = `${string}:${string}`;

export interface NewAuditEntry extends Origination {
  /** Epoch ms UTC. */
  readonly at: number;
  /** What was done, as `kind.verb`: `alert.acknowledge`, `user.create`. */
  readonly action: string;
  readonly subject: AuditSubject;
  /** Before and after, as JSON; {@link Personal} anywhere inside. Absent = null: there was none. */
  readonly old?: unknown;
  readonly new?: unknown;
  readonly reason?: string | Personal | null;
}

/** As it is read: personal values in place, `(erased)` where they were erased. */
export interface AuditEntry extends Origination {
  readonly id: string;
  readonly at: number;
  readonly action: string;
  readonly subject: string;
  readonly old: unknown;
  readonly new: unknown;
  readonly reason: string | null;
}

/** Everything must match; what is absent matches all. */
export interface AuditQuery {
  readonly subject?: string | undefined;
  /** An actor's id or the name then shown. */
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** Then or later, epoch ms UTC. */
  readonly since?: number | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * The one road of people's decisions: append only. An entry commits with the effect it tells of and is given its place
 * in one chain of hashes within a second of that. Implemented by storage.
 */
export interface AuditTrail {
  /** In the transaction of what was decided. @returns the entry's id, `evt_…` */
  add(effects: Effects, entry: NewAuditEntry): Promise<string>;
  /** Several in one statement, in this order. @returns their ids */
  addAll(effects: Effects, entries: readonly NewAuditEntry[]): Promise<readonly string[]>;
  /** Latest first. @throws {InputError} CURSOR_INVALID */
  list(query: AuditQuery): Promise<{ readonly items: readonly AuditEntry[]; readonly nextCursor: string | null }>;
  /** Everything about one subject, oldest first. */
  history(subject: AuditSubject): Promise<readonly AuditEntry[]>;
}
