import { createHash, createPublicKey } from 'node:crypto';
import type pg from 'pg';
import { isGln } from '../../codecs/epc/index.ts';
import {
  type AuditTrail,
  bareAddress,
  ConflictError,
  ENDPOINT_KINDS,
  type EndpointKind,
  InputError,
  type Origination,
  type Outgoing,
  PARTNER_ID,
  PARTNER_SECRETS,
  type Partner,
  type PartnerChange,
  type PartnerSecret,
  type TimeSource,
  WEBHOOK_SECRET,
} from '../../domain/index.ts';
import { type Database, effectsOf, type InstallationKey, timestamp } from '../../storage/index.ts';

export interface PartnersOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly key: InstallationKey;
  readonly outgoing: Outgoing;
  readonly time: TimeSource;
}

interface Row extends Omit<Partner, 'secretPrints' | 'publicKeys'> {
  readonly publicKeys: Partner['publicKeys'];
  readonly secretPrints: Partner['secretPrints'];
  readonly webhook: string | null;
  readonly authorization: string | null;
}

/** An installation has hundreds, not millions. */
const MOST = 5_000;
const COLUMNS = `id, name, address, roles, endpoints, public_keys AS "publicKeys", secret_prints AS "secretPrints",
  webhook_secret AS webhook, authorization_secret AS authorization, sees, sends, formats,
  valid_from AS "from", valid_to AS "to", jsonb_build_object('requestsPerMinute', requests_a_minute,
  'filesPerDay', files_a_day, 'bytesPerDay', bytes_a_day) AS quota, revision, changed_at AS "changedAt",
  changed_by AS "changedBy", ARRAY(SELECT gln FROM partner_glns g WHERE g.partner = partners.id ORDER BY gln) AS glns`;

/** The companies beside us, by name and by GLN. Secrets are sealed and never shown again. */
export class Partners {
  readonly #options: PartnersOptions;

  constructor(options: PartnersOptions) {
    this.#options = options;
  }

  /** By id. */
  async list(): Promise<readonly Partner[]> {
    const { rows } = await this.#options.database.query<Row>(`SELECT ${COLUMNS} FROM partners ORDER BY id LIMIT $1`, [
      MOST,
    ]);
    return rows.map(partnerOf);
  }

  /** @throws {InputError} PARTNER_UNKNOWN */
  async get(id: string): Promise<Partner> {
    const found = await this.find(id);
    if (found === null) throw unknown(id);
    return found;
  }

  async find(id: string): Promise<Partner | null> {
    const row = await rowOf(this.#options.database.pool, id);
    return row === null ? null : partnerOf(row);
  }

  /** Whose a GLN is; null: of nobody who is known here. */
  async byGln(gln: string): Promise<Partner | null> {
    const { rows } = await this.#options.database.query<Row>(
      `SELECT ${COLUMNS} FROM partners WHERE id = (SELECT partner FROM partner_glns WHERE gln = $1)`,
      [gln],
    );
    return rows[0] === undefined ? null : partnerOf(rows[0]);
  }

  /**
   * A secret as it is sent or signed with; null where there is none.
   * @throws {InputError} PARTNER_UNKNOWN @throws {UnavailableError} SECRET_SEALED
   */
  async secret(id: string, which: PartnerSecret): Promise<string | null> {
    const row = await rowOf(this.#options.database.pool, id);
    if (row === null) throw unknown(id);
    const sealed = row[which];
    return sealed === null ? null : this.#options.key.open(placeOf(id, which), sealed);
  }

  /**
   * Makes a partner or replaces what is kept of it; its secrets stay unless others are given. They are never sent to an
   * address that they were not entered for.
   * @throws {InputError} PARTNER_BAD, OUTGOING_FORBIDDEN, PARTNER_SECRET_AGAIN
   * @throws {ConflictError} PARTNER_GLN_TAKEN, PARTNERS_TOO_MANY
   */
  async put(id: string, change: PartnerChange, by: Origination): Promise<Partner> {
    const { audit, database, time } = this.#options;
    this.#check(id, change);
    return database.transaction(async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm partners'))");
      const before = await rowOf(client, id);
      if (before === null) await requireRoom(client);
      else requireSecretsAgain(before, change);
      await requireFreeGlns(client, id, change.glns);
      const sealed = this.#sealed(id, change, before);
      const { webhook, authorization, prints } = sealed;
      const { name, address, roles, endpoints, publicKeys, sees, sends, formats, quota, from, to } = change;
      await client.query(
        `INSERT INTO partners AS p (id, name, address, roles, endpoints, public_keys, webhook_secret, authorization_secret,
           secret_prints, sees, sends, formats, valid_from, valid_to, changed_at, changed_by, requests_a_minute, files_a_day,
           bytes_a_day)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address, roles = excluded.roles,
           endpoints = excluded.endpoints, public_keys = excluded.public_keys, webhook_secret = excluded.webhook_secret,
           authorization_secret = excluded.authorization_secret, secret_prints = excluded.secret_prints,
           sees = excluded.sees, sends = excluded.sends, formats = excluded.formats, valid_from = excluded.valid_from,
           valid_to = excluded.valid_to, changed_at = excluded.changed_at, changed_by = excluded.changed_by,
           requests_a_minute = excluded.requests_a_minute, files_a_day = excluded.files_a_day,
           bytes_a_day = excluded.bytes_a_day,
           revision = p.revision + 1`,
        [
          ...[id, name, address, roles, JSON.stringify(endpoints), JSON.stringify(publicKeys), webhook, authorization],
          ...[JSON.stringify(prints), sees, sends, formats, from, to, timestamp(time.now()), by.actor.name],
          ...[quota.requestsPerMinute, quota.filesPerDay, quota.bytesPerDay],
        ],
      );
      await client.query('DELETE FROM partner_glns WHERE partner = $1', [id]);
      await client.query('INSERT INTO partner_glns (gln, partner) SELECT unnest($1::text[]), $2', [
        [...new Set(change.glns)],
        id,
      ]);
      const after = await rowOf(client, id);
      if (after === null) throw unknown(id);
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'partner.change', subject: `partner:${id}` },
        ...{ old: before === null ? null : entryOf(before), new: entryOf(after) },
      });
      return partnerOf(after);
    });
  }

  /** What was exchanged with it stays. @throws {InputError} PARTNER_UNKNOWN */
  async remove(id: string, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const before = await rowOf(client, id);
      if (before === null) throw unknown(id);
      await client.query('DELETE FROM partners WHERE id = $1', [id]);
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'partner.remove', subject: `partner:${id}`, old: entryOf(before) },
      });
    });
  }

  /** Keeps that a connection was tried, and what came of it. */
  async recordTest(
    id: string,
    tests: readonly { readonly endpoint: string; readonly isOk: boolean }[],
    by: Origination,
  ) {
    const { audit, database, time } = this.#options;
    await database.transaction((client) =>
      audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'partner.test', subject: `partner:${id}` },
        new: Object.fromEntries(tests.map(({ endpoint, isOk }) => [endpoint, isOk])),
      }),
    );
  }

  #check(id: string, { glns, endpoints, publicKeys, secrets, from, to }: PartnerChange): void {
    if (!PARTNER_ID.test(id)) throw bad('id', `given "${id}", allowed: 1 to 64 of a-z 0-9 -, a letter or digit first`);
    const wrong = glns.find((gln) => !isGln(gln));
    if (wrong !== undefined) throw bad('glns', `given "${wrong}", allowed: 13 digits with their check digit`);
    if (from !== null && to !== null && to < from) throw bad('to', `given ${to}, allowed: ${from} or later`);
    for (const [kind, address] of Object.entries(endpoints)) {
      if (kind === 'sftp') this.#options.outgoing.check(sftpAsWeb(address));
      else this.#options.outgoing.check(address);
    }
    for (const [index, { id, pem, from: first, to: last }] of publicKeys.entries()) {
      requirePublicKey(pem, `publicKeys.${index}.pem`);
      const isTwice = publicKeys.findIndex((other) => other.id === id) < index;
      if (isTwice) throw bad(`publicKeys.${index}.id`, `given "${id}" twice, allowed: a name for each key`);
      if (first !== null && last !== null && last < first)
        throw bad(`publicKeys.${index}.to`, `given ${last}, allowed: ${first} or later`);
    }
    const webhook = secrets.webhook ?? null;
    if (webhook !== null && !WEBHOOK_SECRET.test(webhook))
      throw bad('secrets.webhook', 'expected whsec_ and the key in base64 (Standard Webhooks)');
    const authorization = secrets.authorization ?? null;
    if (authorization !== null && !/^[A-Za-z][A-Za-z0-9-]* [\x21-\x7e]+$/.test(authorization))
      throw bad('secrets.authorization', 'expected a scheme and credentials, such as "Bearer …"');
  }

  #sealed(id: string, { secrets }: PartnerChange, before: Row | null) {
    const prints: Partial<Record<PartnerSecret, string>> = {};
    const kept: Record<PartnerSecret, string | null> = { webhook: null, authorization: null };
    for (const which of PARTNER_SECRETS) {
      const given = secrets[which];
      if (given === undefined) {
        kept[which] = before?.[which] ?? null;
        const print = before?.secretPrints[which];
        if (print !== undefined) prints[which] = print;
      } else if (given !== null) {
        kept[which] = this.#options.key.seal(placeOf(id, which), given);
        prints[which] = createHash('sha256').update(given).digest('hex').slice(0, 8);
      }
    }
    return { ...kept, prints };
  }
}

/** Host and port of an SFTP address, for the judge of outgoing addresses, which knows http. @throws {InputError} PARTNER_BAD */
export function sftpAsWeb(address: string): string {
  if (!/^sftp:\/\/[^/]/.test(address) || !URL.canParse(address.replace(/^sftp:/, 'http:')))
    throw bad('endpoints.sftp', `given "${address}", allowed: sftp://user@host/folder`);
  const { hostname, port, password } = new URL(address.replace(/^sftp:/, 'http:'));
  if (password !== '') throw bad('endpoints.sftp', 'it has a password in it; leave that out');
  return `http://${hostname}:${port === '' ? 22 : port}/`;
}

async function rowOf(client: pg.ClientBase | pg.Pool, id: string): Promise<Row | null> {
  const { rows } = await client.query<Row>(`SELECT ${COLUMNS} FROM partners WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

function partnerOf({ webhook: _webhook, authorization: _authorization, publicKeys, ...partner }: Row): Partner {
  // Those that were kept before keys could be revoked say nothing of it.
  return { ...partner, publicKeys: publicKeys.map((key) => ({ ...key, revoked: key.revoked ?? null })) };
}

/** As the audit trail keeps it: without what a query string may hide. */
function entryOf(row: Row): object {
  const { changedAt: _at, changedBy: _by, endpoints, publicKeys, ...rest } = partnerOf(row);
  const bare = Object.entries(endpoints).map(([kind, url]) => [kind, bareAddress(url)]);
  return {
    ...rest,
    endpoints: Object.fromEntries(bare),
    publicKeys: publicKeys.map(({ pem, ...key }) => ({ ...key, print: keyPrintOf(pem) })),
  };
}

/**
 * A secret that was entered for one address is not sent to another because somebody changed the address: who changes it has
 * to know the secret. SFTP gets none.
 * @throws {InputError} PARTNER_SECRET_AGAIN
 */
function requireSecretsAgain(before: Row, { endpoints, secrets }: PartnerChange): void {
  const moved = ENDPOINT_KINDS.filter(
    (kind) => kind !== 'sftp' && endpoints[kind] !== undefined && endpoints[kind] !== before.endpoints[kind],
  );
  const where: Readonly<Record<PartnerSecret, readonly EndpointKind[]>> = {
    webhook: moved.filter((kind) => kind === 'webhook'),
    authorization: moved,
  };
  const errors = PARTNER_SECRETS.filter(
    (which) => before[which] !== null && secrets[which] === undefined && where[which].length > 0,
  ).map((which) => {
    const message = `the address of ${where[which].join(', ')} changed: enter this secret again, or remove it`;
    return { path: `secrets.${which}`, message };
  });
  const [first] = errors;
  if (first === undefined) return;
  throw new InputError('PARTNER_SECRET_AGAIN', `${first.path}: ${first.message}`, { errors });
}

/** The SHA-256 of a public key as SubjectPublicKeyInfo (DER), hex: what two sides compare by telephone. */
export function keyPrintOf(pem: string): string {
  const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}

async function requireRoom(client: pg.ClientBase): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM (SELECT id FROM partners ORDER BY id LIMIT $1) AS kept', [MOST]);
  if ((rowCount ?? 0) < MOST) return;
  throw new ConflictError('PARTNERS_TOO_MANY', `there are ${MOST} partners already; remove one first`);
}

async function requireFreeGlns(client: pg.ClientBase, id: string, glns: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ gln: string; partner: string }>(
    'SELECT gln, partner FROM partner_glns WHERE gln = ANY ($1) AND partner <> $2 ORDER BY gln LIMIT 1',
    [glns, id],
  );
  const [taken] = rows;
  if (taken === undefined) return;
  const { gln, partner } = taken;
  throw new ConflictError('PARTNER_GLN_TAKEN', `${gln} belongs to the partner ${partner} already`, { gln, partner });
}

function requirePublicKey(pem: string, path: string): void {
  try {
    if (/PRIVATE KEY/.test(pem)) throw new Error('a private key');
    createPublicKey(pem);
  } catch {
    throw bad(path, 'expected a public key as PEM (BEGIN PUBLIC KEY), never a private one');
  }
}

function placeOf(id: string, which: PartnerSecret): string {
  return `partners.${which}/${id}`;
}

function bad(path: string, message: string): InputError {
  return new InputError('PARTNER_BAD', `${path}: ${message}`, { errors: [{ path, message }] });
}

function unknown(id: string): InputError {
  return new InputError('PARTNER_UNKNOWN', `there is no partner ${id}`, { id });
}
