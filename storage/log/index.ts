/**
 * The log's home in Postgres: transport between what was acknowledged and what is made of it. In come records, as
 * bytes with a source and a kind; they are durable when `append` resolves, and appear in order. Out they go to
 * consumers, each in a transaction with its checkpoint. It must never know what is in a payload.
 */
export { checkpointLag } from './checkpoints.ts';
export { countDeadRecords, deadRecords } from './dead-records.ts';
export {
  DEFAULT_LIMITS,
  type DeadRecord,
  type ExpectedConsumer,
  type LogLimits,
  type PostgresLogOptions,
} from './options.ts';
export { PostgresLog } from './postgres-log.ts';
