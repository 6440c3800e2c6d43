import { Accounts, DEMO_PASSWORD_RULES } from '../../access/index.ts';
import {
  BrowserPush,
  Channels,
  channelsOfPlan,
  PersonalSettingsBook,
  PushSubscriptions,
  RecipientBook,
  RoutingInForce,
} from '../../alerts/index.ts';
import { EVALUATOR, sharesOf } from '../../rules/index.ts';
import {
  APPEND_OVER_ELECTION_MS,
  Archive,
  AuditSequencer,
  type Database,
  enterShares,
  forgetFormer,
  type InstallationKey,
  LedgerSequencer,
  natsHome,
  OrganisationStore,
  openDatabase,
  PartitionManager,
  PostgresAuditTrail,
  PostgresFacts,
  PostgresFindings,
  PostgresHistory,
  PostgresHistoryScan,
  PostgresLog,
  PostgresOwnership,
  type ReadDatabase,
  ReadingsPacking,
  ReadingsUpkeep,
  Replica,
  Rollups,
  replicaMetrics,
  requireOwnSessions,
  SoleOwner,
} from '../../storage/index.ts';
import { routingFile } from '../alert-routing.ts';
import { auditHeadKeeper } from '../audit-head.ts';
import { durationMs } from '../config/index.ts';
import { bringUpToDate, type DatabaseAccess, databaseAccess } from '../database.ts';
import { installationKey } from '../installation-key.ts';
import { ledgerHead } from '../ledger-head.ts';
import { ledgerKeys } from '../ledger-key.ts';
import { natsOf } from '../nats.ts';
import { mandatoryConsumers } from '../processes.ts';
import { type Surroundings, tools } from './surroundings.ts';

/** The database, the log in it, and the tables behind the ports. */
export interface Storage {
  readonly access: DatabaseAccess;
  /** Under which secrets are kept in the database. */
  readonly key: InstallationKey;
  readonly database: Database;
  /** Where history, reports and statistics are read. */
  readonly reads: ReadDatabase;
  readonly log: PostgresLog;
  readonly accounts: Accounts;
  readonly archive: Archive;
  readonly audit: PostgresAuditTrail;
  readonly channels: Channels;
  /** Tells people in their browsers. */
  readonly push: BrowserPush;
  readonly pushSubscriptions: PushSubscriptions;
  /** How people are told by their own word. */
  readonly personalSettings: PersonalSettingsBook;
  readonly facts: PostgresFacts;
  readonly findings: PostgresFindings;
  readonly history: PostgresHistory;
  readonly scan: PostgresHistoryScan;
  readonly partitions: PartitionManager;
  /** Of several processes with the part `storage`, which does what must not be done twice. */
  readonly upkeep: SoleOwner;
  /** Who is told of alerts; started before anything that tells. */
  readonly routing: RoutingInForce;
  /** To whom messages go, and in whose words. */
  readonly recipients: RecipientBook;
  /** Gives leaves of the ledger that wait their places; says how many. Without the part `storage`, another process does. */
  readonly placeLeaves: () => Promise<number>;
}

/** A browser that was closed without signing out; an open page counts as use. */
const SESSION_IDLE_MS = 2 * 3_600_000;
/** As /readyz names it. */
const LEDGER = 'ledger';

/**
 * Opens the database and brings it up to date; with the part `storage`, keeps its partitions in order.
 * @param isDemo whether passwords that everybody knows are taken
 * @throws {UnavailableError} DATABASE_UNAVAILABLE
 * @throws {ConflictError} DATA_DIR_IN_USE, DATABASE_POOLED, LOG_ON_NATS
 * @throws {InputError} INSTALLATION_KEY_*, LEDGER_KEY_*, NATS_*, ROUTING_FILE_BAD
 */
export async function openStorage(surroundings: Surroundings, isDemo: boolean): Promise<Storage> {
  const { config, parts, lifetime, time, logger, onProgress } = surroundings;
  const access = await databaseAccess(config, { logger: logger.child({ room: 'storage' }), onProgress });
  lifetime.started(() => access.release());
  const key = await installationKey(config);
  onProgress('bringing the database schema up to date');
  await bringUpToDate(access, logger);
  const database = await openDatabase({ url: access.url, logger, time, maxConnections: 16 });
  lifetime.started(() => database.close());
  if (!access.isEmbedded) await requireOwnSessions(database);
  database.measure(surroundings.meter);
  const accounts = new Accounts({
    ...{ database, time, key, logger: logger.child({ room: 'access' }) },
    idleMs: SESSION_IDLE_MS,
    ...(isDemo ? { passwordRules: DEMO_PASSWORD_RULES } : {}),
  });
  await accounts.start();
  lifetime.started(() => accounts.stop());
  const nats = await natsOf(config);
  if (nats !== null) onProgress('opening the log on NATS');
  const shares = await enterShares(database, EVALUATOR, config.rules.shares);
  const log = new PostgresLog({
    ...tools(surroundings, 'log'),
    ...{ database, troubles: surroundings.troubles },
    ...(nats !== null && { home: await natsHome(nats) }),
    expects: mandatoryConsumers(shares),
    limits: {
      capMs: durationMs(config.retention.log),
      ...(nats !== null && { appendTimeoutMs: APPEND_OVER_ELECTION_MS }),
    },
  });
  await log.start();
  lifetime.started(() => log.stop());
  // Where they were divided anew just then, nobody would ever move these.
  await forgetFormer(
    database,
    EVALUATOR,
    shares,
    sharesOf(shares).map(({ name }) => name),
  );
  const partitions = new PartitionManager({ database });
  const upkeep = new SoleOwner({ ownership: new PostgresOwnership({ database, time }), name: 'upkeep' });
  lifetime.started(() => upkeep.release());
  let ledger: LedgerSequencer | null = null;
  if (parts.has('storage')) {
    const rollups = new Rollups({ database });
    const readings = new ReadingsUpkeep({ ...tools(surroundings, 'storage'), partitions, rollups });
    await readings.start();
    lifetime.started(() => readings.stop());
    const packing = new ReadingsPacking({
      ...tools(surroundings, 'storage'),
      ...{ database, partitions, troubles: surroundings.troubles, isOn: config.readings.pack },
    });
    packing.start();
    lifetime.started(() => packing.stop());
    const keepHead = auditHeadKeeper(config, logger);
    const sequencer = new AuditSequencer({ ...tools(surroundings, 'storage'), database, keepHead });
    sequencer.start();
    lifetime.started(() => sequencer.stop());
    ledger = await startLedger(surroundings, database);
  }
  const audit = new PostgresAuditTrail({ database });
  const routing = new RoutingInForce({
    ...{ database, time, alerts: config.alerts, troubles: surroundings.troubles },
    ...{ file: await routingFile(config.alerts.routing), logger: logger.child({ room: 'alerts' }) },
  });
  const organisation = new OrganisationStore({ database, audit, time });
  const recipients = new RecipientBook({
    ...{ database, plan: () => routing.plan },
    zone: async () => (await organisation.get())?.zone ?? 'UTC',
  });
  const { outgoing } = surroundings;
  const pushSubscriptions = new PushSubscriptions({ audit, database, key, outgoing, time });
  const push = new BrowserPush({ subscriptions: pushSubscriptions, outgoing, time });
  const channels = new Channels({
    ...{ audit, database, key, outgoing, push, time, configured: config.alerts },
    recipients: recipients.of,
    named: () => (routing.plan === null ? new Map() : channelsOfPlan(routing.plan)),
  });
  return {
    access,
    key,
    database,
    reads: await openReplica(surroundings, database),
    log,
    accounts,
    archive: new Archive({ database, inLog: (checkpoints) => log.recordsAfter('originals', checkpoints) }),
    audit,
    channels,
    ...{ push, pushSubscriptions },
    personalSettings: new PersonalSettingsBook({
      ...{ audit, database, key, time },
      sendCode: (code) => channels.sendCode(code),
    }),
    recipients,
    routing,
    facts: new PostgresFacts({ database }),
    findings: new PostgresFindings({ database }),
    history: new PostgresHistory({ database }),
    scan: new PostgresHistoryScan({ database }),
    partitions,
    upkeep,
    placeLeaves: async () => (await ledger?.placeAll()) ?? 0,
  };
}

/** The stand-by that answers questions, where one is configured; every process has a web server, and asks it. */
async function openReplica(surroundings: Surroundings, primary: Database): Promise<ReadDatabase> {
  const { config, lifetime, troubles } = surroundings;
  const metrics = replicaMetrics(surroundings.meter);
  const url = config.database.readUrl;
  if (url === null) return primary;
  const replica = new Replica({ ...tools(surroundings, 'storage'), metrics, primary, url, troubles });
  await replica.start();
  lifetime.started(() => replica.stop());
  return replica;
}

async function startLedger(surroundings: Surroundings, database: Database): Promise<LedgerSequencer> {
  const { config, lifetime, time, troubles } = surroundings;
  // Made now: what cannot be signed with is said at the start.
  await ledgerKeys(config);
  const { logger } = tools(surroundings, 'storage');
  const sequencer = new LedgerSequencer({
    ...{ database, time, logger },
    key: async () => (await ledgerKeys(config)).signing,
    head: ledgerHead(config, surroundings.logger),
    onResult: (error) => (error === null ? troubles.passed(LEDGER) : troubles.failed(LEDGER, error, time.now())),
  });
  sequencer.start();
  lifetime.started(() => sequencer.stop());
  return sequencer;
}
