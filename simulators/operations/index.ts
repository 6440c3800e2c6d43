/**
 * A day of three docks, invented: shipments that leave one site and arrive at two others, with what goes wrong on the way and
 * with readers that miss. In: a plan; out: what people, partners and readers report and, beside it, what really happened.
 * Pure; it must never know how rules find it.
 */
export { OPERATIONS, type Operations, type OperationsPlan, operations, type TrueKind } from './operations.ts';
