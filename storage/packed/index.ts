/**
 * Readings packed by key and stretch of time (docs/decisions/0167): what they become and what comes out again, which
 * migration 0710 does in SQL too; and the packing of a week of rows. Nothing asks for it yet: `readings` is read by
 * statements that know of rows alone.
 */
export { cutPacked } from './cut.ts';
export { type JoinedReadings, joinLate, type RefusedReading } from './late-readings.ts';
export { packStretch, readingsOf, type StretchKey, unpackInto, unpackStretch } from './packed-stretch.ts';
export { type PackedStretch, packStretches } from './stretches.ts';
export { type PackingOutcome, WeekPacker } from './week-packer.ts';
