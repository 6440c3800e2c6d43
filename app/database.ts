import { ConflictError, type Logger, silentLogger, systemTime } from '../domain/index.ts';
import {
  type Database,
  type EmbeddedState,
  migrate,
  openDatabase,
  requireOwnSessions,
  runningRoleUrls,
  separateRoles,
  startEmbeddedPostgres,
} from '../storage/index.ts';
import { type Config, dataDir } from './config/index.ts';

export interface DatabaseAccess {
  /** Of the role that the platform runs as. */
  readonly url: string;
  /** Of the role that migrates and owns what must not change; the same where there is but one. */
  readonly ownerUrl: string;
  /** Ours: nothing stands between it and us. */
  readonly isEmbedded: boolean;
  /** False while an embedded server recovers from a crash. */
  isUp(): boolean;
  release(): Promise<void>;
}

export interface AccessOptions {
  /** Administration: where a server holds the data directory, use its PostgreSQL instead of refusing. */
  readonly isShared?: boolean;
  readonly logger?: Logger;
  readonly onProgress?: (text: string) => void;
}

/**
 * The PostgreSQL of this installation: `database.url`, else the embedded one on the data directory.
 * @throws {ConflictError} DATA_DIR_IN_USE
 */
export async function databaseAccess(config: Config, options: AccessOptions = {}): Promise<DatabaseAccess> {
  if (config.database.url !== null) {
    const { url, ownerUrl } = config.database;
    return { url, ownerUrl: ownerUrl ?? url, isEmbedded: false, isUp: () => true, release: async () => {} };
  }
  const directory = dataDir(config, process.cwd(), process.getuid?.() === 0);
  let state: EmbeddedState = 'stopped';
  try {
    const embedded = await startEmbeddedPostgres({
      dataDir: directory,
      time: systemTime,
      logger: options.logger ?? silentLogger,
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      onState: (next) => {
        state = next;
      },
    });
    const { product: url, owner: ownerUrl } = embedded.roles;
    return { url, ownerUrl, isEmbedded: true, isUp: () => state === 'running', release: () => embedded.stop() };
  } catch (error) {
    const isHeld = error instanceof ConflictError && error.code === 'DATA_DIR_IN_USE';
    const roles = isHeld && options.isShared ? await runningRoleUrls(directory) : null;
    if (roles === null) throw error;
    return { url: roles.product, ownerUrl: roles.owner, isEmbedded: true, isUp: () => true, release: async () => {} };
  }
}

/**
 * Brings the schema up to date as the owner, and hands the product's role what it works with.
 *
 * @throws {ConflictError} SCHEMA_TOO_OLD, SCHEMA_NEWER, MIGRATION_CHANGED, DATABASE_ROLES_APART, DATABASE_POOLED
 */
export async function bringUpToDate(access: DatabaseAccess, logger: Logger): Promise<void> {
  await withOwner(access, async (owner) => {
    if (!access.isEmbedded) await requireOwnSessions(owner);
    await migrate(owner, logger);
    await handOver(access, owner);
  });
}

/** Gives the product's role what it works with; nothing where there is but one role. */
export async function handOver(access: DatabaseAccess, owner: Database): Promise<void> {
  if (access.ownerUrl === access.url) return;
  const product = await openDatabase({
    ...{ url: access.url, logger: silentLogger, time: systemTime, maxConnections: 1 },
  });
  const { rows } = await product.query<{ name: string }>('SELECT current_user AS name').finally(() => product.close());
  await separateRoles(owner, rows[0]?.name ?? '');
}

/** A connection of the role that owns the tables, for what the platform itself may not do. */
export async function withOwner<T>(access: DatabaseAccess, run: (owner: Database) => Promise<T>): Promise<T> {
  const owner = await openDatabase({
    ...{ url: access.ownerUrl, logger: silentLogger, time: systemTime, maxConnections: 2 },
  });
  try {
    return await run(owner);
  } finally {
    await owner.close();
  }
}
