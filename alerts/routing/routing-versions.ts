import { createHash } from 'node:crypto';
import { type AuditTrail, ConflictError, type Origination, storableText, type TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { parseRouting } from './routing-file.ts';

/** A routing as somebody wrote it. Times are epoch ms UTC. */
export interface RoutingVersion {
  readonly version: number;
  /** YAML (docs/routing.md). */
  readonly text: string;
  readonly author: string;
  readonly at: number;
  readonly reason: string;
}

export interface RoutingEdit {
  readonly text: string;
  readonly reason: string;
  /** The latest version its author saw; undefined asks for no such check. */
  readonly seen: number | undefined;
}

export interface RoutingVersionsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
  /** The file that says it instead; null: people edit it. */
  readonly file: string | null;
  /** Ids of the channels there are now. */
  readonly channels: () => Promise<readonly string[]>;
}

/** NOTIFY channel: the routing, or what a person has set for themselves, is another one. */
export const ROUTING_CHANGED = 'isotherm_routing';
/** What errors call the text that was sent: `routing:12: …`. */
const NAME = 'routing';
const SHOWN = 200;

/** The routing as people edit it: each edit is a version of the whole, in force when it is written. */
export class RoutingVersions {
  readonly #options: RoutingVersionsOptions;

  constructor(options: RoutingVersionsOptions) {
    this.#options = options;
  }

  /** Latest first. */
  list(): Promise<readonly RoutingVersion[]> {
    return latestVersions(this.#options.database, SHOWN);
  }

  /**
   * What would be wrong with a text, without making it one.
   * @throws {InputError} ROUTING_FILE_BAD
   */
  async check(text: string): Promise<void> {
    parseRouting(text, NAME, await this.#options.channels());
  }

  /**
   * Puts a text in force as the next version, or nothing of it.
   * @throws {InputError} ROUTING_FILE_BAD
   * @throws {ConflictError} ROUTING_CONFIGURED, ROUTING_EDITED somebody else was first
   */
  async put({ text, reason, seen }: RoutingEdit, who: Origination): Promise<RoutingVersion> {
    const { audit, database, file, time } = this.#options;
    if (file !== null) {
      throw new ConflictError('ROUTING_CONFIGURED', `the configuration names ${file}: the routing is changed there`, {
        file,
      });
    }
    await this.check(text);
    return database.transaction(async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm routing'))");
      const { rows } = await client.query<{ version: number; text: string }>(
        'SELECT version, text FROM routing_versions ORDER BY version DESC LIMIT 1',
      );
      const latest = rows[0]?.version ?? 0;
      if (seen !== undefined && seen !== latest) {
        throw new ConflictError('ROUTING_EDITED', `the routing is at version ${latest}, not ${seen}`, {
          version: latest,
        });
      }
      const at = time.now();
      const written = {
        ...{ version: latest + 1, text: storableText(text), reason: storableText(reason) },
        ...{ author: who.actor.name, at },
      };
      await client.query(
        'INSERT INTO routing_versions (version, text, author, at, reason) VALUES ($1, $2, $3, $4, $5)',
        [written.version, written.text, written.author, timestamp(at), written.reason],
      );
      await audit.add(effectsOf(client), {
        ...{ ...who, at, action: 'routing.change', subject: 'routing:own', reason: written.reason },
        old: rows[0] === undefined ? null : { version: latest, sha256: sha256(rows[0].text) },
        new: { version: written.version, sha256: sha256(written.text) },
      });
      await client.query('SELECT pg_notify($1, $2)', [ROUTING_CHANGED, String(written.version)]);
      return written;
    });
  }
}

/** The latest versions, latest first. */
export async function latestVersions(database: Database, limit: number): Promise<readonly RoutingVersion[]> {
  const { rows } = await database.query<RoutingVersion>(
    'SELECT version, text, author, at, reason FROM routing_versions ORDER BY version DESC LIMIT $1',
    [limit],
  );
  return rows;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
