/**
 * Storage keeps what the other rooms hand it, in PostgreSQL: the embedded server and its migrations, the log, the
 * readings, the records, and the implementations of the ports in `domain/` that need a table. In come columns of
 * readings, facts, findings, payloads for the log; out come the same, in order and exactly once. Everything that
 * belongs to one step of a consumer goes through its `Effects` and commits together. It must never know what a value
 * means: no rule, no payload format, no topic, no HTTP, no clock but the TimeSource it is handed.
 */
export {
  ARCHIVE_CONSUMER,
  ARCHIVE_PACE,
  Archive,
  type ArchiveCheck,
  type ArchivedOriginal,
  type ArchiveFault,
  type ArchiveHead,
  Archiver,
  type FoundOriginal,
  originalsRecord,
  verifyArchive,
} from './archive/index.ts';
export { numberArray, textArray } from './arrays.ts';
export {
  type ActionCount,
  type AuditFault,
  type AuditHead,
  AuditReviews,
  AuditSequencer,
  type AuditSequencerOptions,
  type AuditVerdict,
  type Erasable,
  type NextReview,
  type PlacedEntry,
  PostgresAuditTrail,
  type ReviewRecord,
  type ReviewSigner,
  type ReviewWish,
  type SignedReview,
  verifyAudit,
} from './audit/index.ts';
export {
  type BackupManifest,
  backUp,
  lastBackup,
  recordBackup,
  restore,
  verifyBackup,
} from './backup/index.ts';
export { PostgresConsumerState } from './consumer-state.ts';
export { type Database, type DatabaseOptions, openDatabase, openPool, type ReadDatabase } from './database.ts';
export { clientOf, effectsOf } from './effects.ts';
export { type RoleUrls, runningEmbeddedUrl, runningRoleUrls } from './embedded/address.ts';
export { clearDataDirectory } from './embedded/clear.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  type EmbeddedState,
  startEmbeddedPostgres,
} from './embedded/server.ts';
export { type ExportManifest, type ExportOptions, exportRecords } from './export/index.ts';
export { PostgresFacts } from './facts.ts';
export { asUnavailable, isConflict } from './failure.ts';
export { type FindingRevision, findingRevisions, MOST_REVISIONS } from './findings/finding-revisions.ts';
export {
  ALERT_WORK_CHANNEL,
  findingHistory,
  findingsOfKey,
  findingsReaching,
  PostgresFindings,
} from './findings/postgres-findings.ts';
export { InstallationKey } from './installation-key.ts';
export {
  addLeaf,
  addLeaves,
  type Checkpoint,
  checkpointText,
  type FactNames,
  type IssuedDocument,
  isProofFile,
  Ledger,
  type LedgerFault,
  type LedgerHead,
  LedgerIssuer,
  LedgerSequencer,
  type LedgerSequencerOptions,
  type LedgerVerdict,
  logSigners,
  type NewLeaf,
  ProofSet,
  type Proven,
  type ProvenFacts,
  type ProvenLeaf,
  parseCheckpoint,
  parseIssued,
  parseNote,
  parseProof,
  provenBy,
  ruleVersionLeaves,
  SigningKey,
  setHead,
  setLine,
  signersOf,
  TILE_WIDTH,
  VerifierKey,
  verifyLedger,
  Witness,
  type WitnessAnswer,
  type WitnessAt,
  Witnessing,
  type WitnessingOptions,
} from './ledger/index.ts';
export {
  APPEND_OVER_ELECTION_MS,
  checkpointLag,
  countDeadRecords,
  DEFAULT_LIMITS,
  type DeadRecord,
  deadRecords,
  divideAnew,
  type ExpectedConsumer,
  enterShares,
  type FoundHole,
  forgetFormer,
  holesSince,
  type LogLimits,
  type LogSize,
  leaveStreams,
  logSize,
  type NatsOptions,
  natsHome,
  natsServers,
  natsStreams,
  ownerOf,
  PostgresLog,
  type PostgresLogOptions,
  raiseStreams,
  readersOf,
  type SharingConsumer,
  sharesInForce,
  takeDeadRecord,
} from './log/index.ts';
export { migrate } from './migrate.ts';
export { type Organisation, OrganisationStore } from './organisation.ts';
export { requireOwnSessions } from './own-sessions.ts';
export { PostgresOwnership } from './ownership.ts';
export {
  checkPacked,
  type DamagedStretch,
  type PackedCheck,
  type PackedWeek,
  packedWeeks,
  ReadingsPacking,
  readyWeeks,
  WeekPacker,
  WeekUnpacker,
} from './packed/index.ts';
export { afterOf, cursorOf, type Page, pageOf, readCursor, type SortKey } from './page.ts';
export { type KeptPageSettings, PageSettings } from './page-settings.ts';
export { AcceptedReadings } from './readings/accepted.ts';
export { RESOLUTIONS, type ReadingBucket, type Resolution } from './readings/buckets.ts';
export { type CalibrationFile, CalibrationFiles } from './readings/calibration-files.ts';
export { PostgresDeviceFacts } from './readings/device-facts.ts';
export { DeviceVitalsStore } from './readings/device-vitals.ts';
export { type LatestReading, PostgresHistory } from './readings/history.ts';
export { PostgresHistoryScan } from './readings/history-scan.ts';
export {
  type KeptLoggerFile,
  type KeptMapping,
  LoggerFileStore,
  type LoggerFilesQuery,
} from './readings/logger-files.ts';
export { moveToTimescale } from './readings/move-to-timescale.ts';
export type { Partition } from './readings/partition.ts';
export { PartitionManager } from './readings/partitions.ts';
export {
  type EntryPlace,
  type KeptEntry,
  type QuarantineDecision,
  type QuarantineEntry,
  type QuarantineQuery,
  QuarantineStore,
} from './readings/quarantine.ts';
export { type ReadingConflict, ReadingStore, type StoredReadings } from './readings/reading-store.ts';
export { type ReadingPoint, type ReadingQuery, Readings } from './readings/readings.ts';
export { RefusalStore } from './readings/refusals.ts';
export { Rollups } from './readings/rollups.ts';
export { isDeleted, type ReadingIdentity, storedValues } from './readings/stored-values.ts';
export { ReadingsUpkeep } from './readings/upkeep.ts';
export { replicaMetrics } from './replica/metrics.ts';
export { Replica } from './replica/replica.ts';
export {
  type Age,
  type Deletion,
  Deletions,
  type FileSweep,
  type Hold,
  Holds,
  Retention,
  type RetentionResult,
  Sweeper,
} from './retention/index.ts';
export { separateRoles } from './roles.ts';
export { type KeptAddress, SavedViews } from './saved-views.ts';
export { serverUrl } from './server-url.ts';
export { type NewShipmentShare, type ShipmentShare, ShipmentShares } from './shipment-shares.ts';
export { SoleOwner } from './sole-owner.ts';
export { makeFolder, syncFolder } from './synced-folder.ts';
export { timestamp } from './types.ts';
