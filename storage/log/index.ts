/**
 * The log: transport between what was acknowledged and what is made of it. In come records, as bytes with a source and a
 * kind; they are durable when `append` resolves, and appear in order. Out they go to consumers, each in a transaction with
 * its checkpoint. It never knows what is in a payload.
 *
 * `postgres/` is where records are kept and ordered; `consuming/` is what consumes any such home (domain/log-home.ts).
 */

export { ownerOf } from './consuming/checkpoints.ts';
export { countDeadRecords, deadRecords, takeDeadRecord } from './consuming/dead-records.ts';
export { divideAnew, enterShares, forgetFormer, type SharingConsumer, sharesInForce } from './consuming/shares.ts';
export { type LogSize, logSize } from './log-size.ts';
export { type FoundHole, holesSince } from './nats/holes.ts';
export { readersOf } from './nats/ledger.ts';
export type { NatsOptions } from './nats/options.ts';
export { leaveStreams, natsHome, natsServers, natsStreams, raiseStreams } from './nats-home.ts';
export {
  APPEND_OVER_ELECTION_MS,
  DEFAULT_LIMITS,
  type DeadRecord,
  type ExpectedConsumer,
  type LogLimits,
  type PostgresLogOptions,
} from './options.ts';
export { checkpointLag, PostgresLog } from './postgres-log.ts';
export { unconsumedSince } from './unconsumed-since.ts';
