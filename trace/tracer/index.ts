/**
 * The consumer of the `trace` family of the log: one batch a transaction, everything taken in first, then what it affected
 * worked out once. Knows every other folder of this room; none of them knows it.
 */
export { PASS_CHANNEL, type PassVerdict, SHIPMENT_CHANNEL } from './batch.ts';
export { Tracer, type TracerOptions } from './tracer.ts';
