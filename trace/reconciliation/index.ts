/**
 * Expected against found, for a shipment: what is missing, what is too many, which people's counts and settlements explain
 * the difference. `reconciliation.ts` is the pure decision, `reconciliation-records.ts` loads what it rests on.
 */

export { type DamageRecord, damagesOf, keepDamage, passDamages } from './damages.ts';
export { type ReceiptLine, type ReceiptRecord, type ReceiptsAsked, receipts } from './receipts.ts';
export { TERMS, type Term } from './reconciliation.ts';
export { type DifferenceRecord, passDifferences, shipmentDifferences } from './reconciliation-records.ts';
export { isCounted, keepCount, keepEventCounts, keepSettlement } from './unit-counts.ts';
export { type UnsettledPass, unsettledPasses } from './unsettled-passes.ts';
