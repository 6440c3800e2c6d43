import { gtin14 } from '../../codecs/epc/index.ts';
import {
  type AuditTrail,
  bareAddress,
  InputError,
  type Origination,
  type Outgoing,
  type Partner,
  type TimeSource,
} from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { fetched, type Responder } from './question.ts';

/** Who answers for a product or for all of a company: a partner, or an address. */
export interface DirectoryEntry {
  /** GTIN of 14 digits, or GS1 Company Prefix of 4 to 12. */
  readonly key: string;
  readonly partner: string | null;
  readonly responder: string | null;
  /** Epoch ms UTC. */
  readonly changedAt: number;
  readonly changedBy: string;
}

export interface VerificationDirectoryOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly outgoing: Outgoing;
  readonly partners: { find(id: string): Promise<Partner | null> };
  /** A GS1 Digital Link resolver that is asked where the directory says nothing; null: none is. */
  readonly resolver: string | null;
  readonly time: TimeSource;
}

const MOST = 20_000;
const COLUMNS = 'key, partner, responder, changed_at AS "changedAt", changed_by AS "changedBy"';

/** Who answers for which product: entries of our own, and behind them the resolver of GS1 Digital Link. */
export class VerificationDirectory {
  readonly #options: VerificationDirectoryOptions;

  constructor(options: VerificationDirectoryOptions) {
    this.#options = options;
  }

  /** By key. */
  async list(): Promise<readonly DirectoryEntry[]> {
    const { rows } = await this.#options.database.query<DirectoryEntry>(
      `SELECT ${COLUMNS} FROM verification_directory ORDER BY key LIMIT $1`,
      [MOST],
    );
    return rows;
  }

  /**
   * Enters who answers for a key, in the place of who did.
   * @throws {InputError} VERIFICATION_DIRECTORY_BAD, PARTNER_UNKNOWN, OUTGOING_FORBIDDEN
   */
  async put(given: string, who: { partner: string } | { responder: string }, by: Origination): Promise<DirectoryEntry> {
    const { audit, database, time } = this.#options;
    const key = directoryKey(given);
    const { partner, responder } = await this.#checked(who);
    const at = time.now();
    await database.transaction(async (client) => {
      const { rows } = await client.query<DirectoryEntry>(
        `SELECT ${COLUMNS} FROM verification_directory WHERE key = $1 FOR UPDATE`,
        [key],
      );
      await client.query(
        `INSERT INTO verification_directory (key, partner, responder, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (key) DO UPDATE SET partner = excluded.partner, responder = excluded.responder,
           changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
        [key, partner, responder, timestamp(at), by.actor.name],
      );
      const old = rows[0] === undefined ? null : entryOf(rows[0]);
      await audit.add(effectsOf(client), {
        ...{
          ...by,
          at,
          action: 'directory.change',
          subject: `directory:${key}`,
          old,
          new: entryOf({ partner, responder }),
        },
      });
    });
    return { key, partner, responder, changedAt: at, changedBy: by.actor.name };
  }

  /** @throws {InputError} VERIFICATION_DIRECTORY_UNKNOWN */
  async remove(given: string, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    const key = directoryKey(given);
    await database.transaction(async (client) => {
      const { rows } = await client.query<DirectoryEntry>(
        `DELETE FROM verification_directory WHERE key = $1 RETURNING ${COLUMNS}`,
        [key],
      );
      const [gone] = rows;
      if (gone === undefined) {
        throw new InputError('VERIFICATION_DIRECTORY_UNKNOWN', `the directory has no entry of ${key}`, { key });
      }
      const old = entryOf(gone);
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'directory.remove', subject: `directory:${key}` as const, old },
      });
    });
  }

  /**
   * Who answers for a product: its own entry, that of the longest company prefix, what the resolver says.
   * @returns a line that says why nobody is known
   */
  async responderOf(gtin: string): Promise<Responder | string> {
    // A prefix follows the indicator digit; that of a GTIN-12 or GTIN-8 begins with the zeros it is padded with.
    const prefixes = Array.from({ length: 9 }, (_, n) => gtin.slice(1, 5 + n));
    const { rows } = await this.#options.database.query<DirectoryEntry>(
      `SELECT ${COLUMNS} FROM verification_directory WHERE key = ANY ($1) ORDER BY length(key) DESC LIMIT 1`,
      [[gtin, ...prefixes]],
    );
    const [entry] = rows;
    if (entry === undefined) return this.#resolved(gtin);
    if (entry.responder !== null) return { url: entry.responder, partner: null, glns: [] };
    const partner = entry.partner === null ? null : await this.#options.partners.find(entry.partner);
    const url = partner?.endpoints.verification;
    if (partner === null || url === undefined) {
      return `the directory names ${entry.partner ?? 'nobody'} for ${entry.key}, who has no verification endpoint: enter it with the partner`;
    }
    return { url, partner: partner.id, glns: partner.glns };
  }

  /** By GS1 Digital Link: the resolver answers a link type with a redirect to what it links to. */
  async #resolved(gtin: string): Promise<Responder | string> {
    const { outgoing, resolver, time } = this.#options;
    const nobody = `nobody is known who answers for GTIN ${gtin}: enter the product or its company prefix in the directory`;
    if (resolver === null) return nobody;
    try {
      const url = new URL(`${resolver.replace(/\/+$/, '')}/01/${gtin}`);
      url.searchParams.set('linkType', 'gs1:verificationService');
      const { status, location } = await fetched(url, null, { outgoing, time });
      if (status < 300 || status >= 400 || location === null) return nobody;
      const found = new URL(location, url);
      // What is entered by nobody here has to say who it is.
      if (found.protocol !== 'https:') return `the resolver names ${found.host} without TLS, which is not asked`;
      outgoing.check(found);
      return { url: `${found.origin}${found.pathname}`, partner: null, glns: [] };
    } catch (error) {
      if (error instanceof InputError)
        return `the resolver names an address that may not be reached from here: ${error.message}`;
      return `${nobody}; the resolver did not answer`;
    }
  }

  async #checked(who: { partner: string } | { responder: string }) {
    if ('partner' in who) {
      if ((await this.#options.partners.find(who.partner)) !== null) return { partner: who.partner, responder: null };
      throw new InputError('PARTNER_UNKNOWN', `there is no partner ${who.partner}`, { partner: who.partner });
    }
    const url = this.#options.outgoing.check(who.responder);
    return { partner: null, responder: url.href };
  }
}

/** As the audit trail keeps it. */
function entryOf({ partner, responder }: Pick<DirectoryEntry, 'partner' | 'responder'>) {
  return { partner, responder: responder === null ? null : bareAddress(responder) };
}

/** @throws {InputError} VERIFICATION_DIRECTORY_BAD */
function directoryKey(given: string): string {
  if (/^\d{14}$/.test(given)) {
    try {
      return gtin14(given);
    } catch {
      // Said below.
    }
  } else if (/^\d{4,12}$/.test(given)) return given;
  throw new InputError(
    'VERIFICATION_DIRECTORY_BAD',
    `${given.slice(0, 40)}: expected a GTIN of 14 digits, or a GS1 Company Prefix of 4 to 12`,
    { key: given.slice(0, 40) },
  );
}
