/** The companies beside us: who they are and what is agreed with them. Each folder says in its `index.ts` what it is for. */
export * from './companies/index.ts';
export { partnersTurnedAway, systemsTurnedAway, type TurnedAway } from './day-use.ts';
export * from './decommissioning/index.ts';
export * from './erp/index.ts';
export * from './exceptions/index.ts';
export * from './exchange/index.ts';
export { FileRetention } from './file-retention.ts';
export * from './markets/index.ts';
export { PARTNERS_METRICS } from './metrics.ts';
export * from './records/index.ts';
export * from './verification/index.ts';
