import canonicalize from 'canonicalize';
import {
  AUDIT_RISKS,
  type AuditEntry,
  type AuditRisk,
  type AuditTrail,
  auditRiskOf,
  ConflictError,
  DefectError,
  InputError,
  type Origination,
  type TimeSource,
} from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { cursorOf, type Page, readCursor } from '../page.ts';
import { entriesOf } from './audit-trail.ts';
import { sha256 } from './leaf.ts';
import { BEFORE_FIRST } from './sequencer.ts';

/** Most entries that one review covers; what is beyond is the next one's. */
const MOST = 20_000;
/** Of the record that is signed: its member `v`. */
const VERSION = 1;

/** How often an action was taken in a stretch of the trail. */
export interface ActionCount {
  readonly action: string;
  readonly risk: AuditRisk;
  readonly entries: number;
}

/** What the next review would cover: the places after the last one. */
export interface NextReview {
  /** The last place that was reviewed; 0 where nothing was. */
  readonly after: number;
  /** The last place it would cover; `after` where nothing is to be reviewed. */
  readonly to: number;
  /** Chain value of `to`, hexadecimal: it stands for every entry up to there. */
  readonly chain: string;
  /** Of its first and last entry, epoch ms UTC; null where there is none. */
  readonly from: number | null;
  readonly until: number | null;
  readonly actions: readonly ActionCount[];
  readonly byRisk: Readonly<Record<AuditRisk, number>>;
  /** How many of them are acts of who asks. */
  readonly own: number;
  /** How many wait beyond `to`. */
  readonly beyond: number;
}

/** An entry with its place. */
export interface PlacedEntry extends AuditEntry {
  readonly place: number;
  readonly risk: AuditRisk;
}

/** Who signs, and how he showed who he is. */
export interface ReviewSigner {
  readonly name: string;
  readonly role: string;
  readonly meaning: string;
  readonly method: 'password' | 'passkey' | 'oidc';
  /** SHA-256 of the draft that a passkey or a fresh sign-in signed, hex; absent of a password. */
  readonly over?: string;
  /** Of a fresh sign-in: what the provider vouched for. Epoch ms UTC. */
  readonly provider?: {
    readonly issuer: string;
    readonly subject: string;
    readonly authAt: number;
    readonly nonce: string;
    readonly salt: string;
  };
}

/** What is to be reviewed, as it was looked at. */
export interface ReviewWish {
  readonly after: number;
  readonly to: number;
  readonly chain: string;
  readonly comment: string;
}

/** What is signed, all of it in the hash. */
export interface ReviewRecord {
  readonly number: number;
  readonly after: number;
  readonly to: number;
  readonly chain: string;
  readonly byRisk: Readonly<Record<AuditRisk, number>>;
  readonly own: number;
  readonly comment: string;
  /** RFC 3339. */
  readonly at: string;
  /** `user:7`. */
  readonly actor: string;
  readonly signer: ReviewSigner;
}

export interface SignedReview extends ReviewRecord {
  /** SHA-256 of the record, hexadecimal. */
  readonly recordHash: string;
  /** What no longer fits what was signed, in a sentence; null where everything does. */
  readonly broken: string | null;
}

interface Row {
  readonly number: number;
  readonly after: number;
  readonly to: number;
  readonly record: string;
  readonly sha256: Buffer;
  readonly chain: Buffer | null;
}

/**
 * Reviews of the audit trail (EU GMP Annex 11, clause 9): each covers the places after the one before it, whole, and
 * names the chain value of its last place. Append only.
 */
export class AuditReviews {
  readonly #audit: AuditTrail;
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor(options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource }) {
    this.#audit = options.audit;
    this.#database = options.database;
    this.#time = options.time;
  }

  /** @param actor id of who asks */
  async next(actor: string): Promise<NextReview> {
    const after = await this.#reviewedTo();
    const head = await this.#head();
    const to = Math.min(head, after + MOST);
    return { after, to, ...(await this.#stretch(after, to, actor)), beyond: head - to };
  }

  /**
   * The entries of a stretch, oldest first.
   * @throws {InputError} CURSOR_INVALID
   */
  async entries(query: {
    readonly after: number;
    readonly to: number;
    readonly risk?: AuditRisk | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<PlacedEntry>> {
    const { risk, limit, cursor } = query;
    const to = Math.min(query.to, query.after + MOST);
    const [after] = cursor === undefined ? [query.after] : readCursor(cursor, ['bigint']);
    const actions =
      risk === undefined
        ? null
        : (await this.#actions(query.after, to)).filter((one) => one.risk === risk).map(({ action }) => action);
    const { rows } = await this.#database.query<{ place: number; leaf: string }>(
      `SELECT place, leaf FROM audit_places JOIN audit_entries ON id = entry
       WHERE place > $1 AND place <= $2 AND ($3::text[] IS NULL OR action = ANY ($3::text[])) ORDER BY place LIMIT $4`,
      [Math.max(after, query.after), to, actions, limit + 1],
    );
    const shown = rows.slice(0, limit);
    const entries = await entriesOf(this.#database, shown);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: entries.map((entry, index) => ({
        ...{ ...entry, place: shown[index]?.place ?? 0 },
        risk: auditRiskOf(entry.action),
      })),
      nextCursor: last === undefined ? null : cursorOf([last.place]),
    };
  }

  /**
   * What a passkey or a fresh sign-in signs, canonical JSON (RFC 8785): the stretch as it was seen and what was found. A
   * function of its members, so that a kept review says what was signed.
   */
  draft({ after, to, chain, comment }: ReviewWish): string {
    const text = canonicalize({ type: 'isotherm.audit-review/1', after, to, chain, comment });
    if (text === undefined) throw new DefectError('AUDIT_REVIEW_NO_JSON', 'the review is no JSON');
    return text;
  }

  /** One review; null where there is none of this number. */
  async get(number: number): Promise<SignedReview | null> {
    const [found] = await this.list({ before: number + 1, limit: 1 });
    return found?.number === number ? found : null;
  }

  /** How often each action was taken in the stretch of a review, by risk. */
  async actionsOf({ after, to }: Pick<SignedReview, 'after' | 'to'>): Promise<readonly ActionCount[]> {
    return (await this.#actions(after, to)).map(({ action, risk, entries }) => ({ action, risk, entries }));
  }

  /**
   * Signs that the places after the last review, up to `to`, were looked at.
   * @param chain what `next` said of `to`: of what was seen
   * @throws {ConflictError} AUDIT_REVIEWED somebody else was first
   * @throws {InputError} AUDIT_REVIEW_BAD nothing is there, or it is not what was seen
   */
  async sign(asked: ReviewWish, signer: ReviewSigner, who: Origination): Promise<SignedReview> {
    const { after, to, chain, comment } = asked;
    const isStretch = to > after && to <= after + MOST;
    const stretch = isStretch ? await this.#stretch(after, to, who.actor.id) : null;
    if (stretch === null || stretch.chain !== chain) {
      const message = `places ${after + 1} to ${to} with the chain value ${chain} are not in the audit trail; allowed: what GET /audit/reviews/next says now`;
      throw new InputError('AUDIT_REVIEW_BAD', message, { errors: [{ path: 'to', message }] });
    }
    const at = this.#time.now();
    return this.#database.transaction(async (client) => {
      // One at a time, so that each begins where the one before ended.
      await client.query('LOCK TABLE audit_reviews IN SHARE ROW EXCLUSIVE MODE');
      const { rows: last } = await client.query<{ number: number; to: number }>(
        'SELECT number, to_place AS "to" FROM audit_reviews ORDER BY number DESC LIMIT 1',
      );
      const before = last[0] ?? { number: 0, to: 0 };
      if (before.to !== after) {
        throw new ConflictError(
          'AUDIT_REVIEWED',
          `the audit trail was reviewed up to place ${before.to} meanwhile; look at what came after it`,
          { after: before.to },
        );
      }
      const { byRisk, own } = stretch;
      const record: ReviewRecord = {
        ...{ number: before.number + 1, after, to, chain, byRisk, own, comment, signer },
        ...{ at: new Date(at).toISOString(), actor: who.actor.id },
      };
      const text = canonicalize({ v: VERSION, ...record });
      if (text === undefined) throw new DefectError('AUDIT_REVIEW_NO_JSON', 'the review is no JSON');
      const hash = sha256(text);
      await client.query(
        'INSERT INTO audit_reviews (number, after_place, to_place, record, sha256) VALUES ($1, $2, $3, $4, $5)',
        [record.number, after, to, text, hash],
      );
      const recordHash = hash.toString('hex');
      await this.#audit.add(effectsOf(client), {
        ...{ ...who, at, action: 'audit.review', subject: `audit-review:${record.number}`, reason: comment },
        new: { after, to, chain, recordHash, meaning: signer.meaning, method: signer.method },
      });
      return { ...record, recordHash, broken: null };
    });
  }

  /** Latest first; those with a number below `before`. Each is held to its hash and to the trail as it stands. */
  async list({ before, limit }: { readonly before?: number; readonly limit: number }): Promise<SignedReview[]> {
    const { rows } = await this.#database.query<Row>(
      `SELECT number, after_place AS "after", to_place AS "to", record, sha256, chain
       FROM audit_reviews LEFT JOIN audit_places ON place = to_place
       WHERE $1::bigint IS NULL OR number < $1 ORDER BY number DESC LIMIT $2`,
      [before ?? null, limit],
    );
    return rows.map(reviewOf);
  }

  async #reviewedTo(): Promise<number> {
    const { rows } = await this.#database.query<{ to: number }>(
      'SELECT to_place AS "to" FROM audit_reviews ORDER BY number DESC LIMIT 1',
    );
    return rows[0]?.to ?? 0;
  }

  async #head(): Promise<number> {
    const { rows } = await this.#database.query<{ place: number }>(
      'SELECT place FROM audit_places ORDER BY place DESC LIMIT 1',
    );
    return rows[0]?.place ?? 0;
  }

  async #stretch(after: number, to: number, actor: string) {
    const actions = await this.#actions(after, to, actor);
    const { rows } = await this.#database.query<{ place: number; at: number; chain: Buffer }>(
      `SELECT place, at, chain FROM audit_places JOIN audit_entries ON id = entry
       WHERE place = ANY (ARRAY[$1::bigint, $2::bigint])`,
      [after + 1, to],
    );
    const [first, last] = [rows.find(({ place }) => place === after + 1), rows.find(({ place }) => place === to)];
    const of = (risk: AuditRisk) =>
      actions.filter((one) => one.risk === risk).reduce((sum, { entries }) => sum + entries, 0);
    const byRisk = { high: of('high'), medium: of('medium'), low: of('low') };
    return {
      chain: (last?.chain ?? BEFORE_FIRST).toString('hex'),
      ...{ from: to > after ? (first?.at ?? null) : null, until: to > after ? (last?.at ?? null) : null },
      actions: actions.map(({ action, risk, entries }) => ({ action, risk, entries })),
      ...{ byRisk, own: actions.reduce((sum, { own }) => sum + own, 0) },
    };
  }

  async #actions(after: number, to: number, actor = ''): Promise<(ActionCount & { readonly own: number })[]> {
    const { rows } = await this.#database.query<{ action: string; entries: number; own: number }>(
      `SELECT action, count(*) AS entries, count(*) FILTER (WHERE actor_id = $3) AS own
       FROM audit_places JOIN audit_entries ON id = entry WHERE place > $1 AND place <= $2 GROUP BY action`,
      [after, to, actor],
    );
    const rank = (risk: AuditRisk) => AUDIT_RISKS.indexOf(risk);
    return rows
      .map((row) => ({ ...row, risk: auditRiskOf(row.action) }))
      .sort((a, b) => rank(a.risk) - rank(b.risk) || b.entries - a.entries || (a.action < b.action ? -1 : 1));
  }
}

function reviewOf({ number, after, to, record, sha256: kept, chain }: Row): SignedReview {
  const { v: _, ...signed } = JSON.parse(record) as ReviewRecord & { readonly v: number };
  const broken = !sha256(record).equals(kept)
    ? 'the record is not what was signed'
    : signed.number !== number || signed.after !== after || signed.to !== to
      ? 'the row says something else than what was signed'
      : chain?.toString('hex') === signed.chain
        ? null
        : 'the audit trail is not what was reviewed';
  return { ...signed, recordHash: kept.toString('hex'), broken };
}
