/**
 * Readings packed by key and stretch of time (docs/decisions/0167): what they become and what comes out again, which
 * migration 0710 does in SQL too; when weeks of rows are packed and how they become rows again (docs/decisions/0195).
 */
export { type CutPacked, cutPacked } from './cut.ts';
export { checkPacked, type DamagedStretch, type PackedCheck } from './damaged-stretches.ts';
export { type JoinedReadings, joinLate, type RefusedReading } from './late-readings.ts';
export { packStretch, readingsOf, type StretchKey, unpackInto, unpackStretch } from './packed-stretch.ts';
export { dropPacked, type PackedAmount, type PackedWeek, packedWeeks } from './packed-weeks.ts';
export { DAMAGED_READINGS, PACKING, type PackingOptions, ReadingsPacking } from './packing.ts';
export { PACKING_LOCK, takePacking } from './packing-lock.ts';
export { readyWeeks } from './ready-weeks.ts';
export { type PackedStretch, packStretches } from './stretches.ts';
export { type PackingOutcome, WeekPacker } from './week-packer.ts';
export { type UnpackingOutcome, WeekUnpacker } from './week-unpacker.ts';
