/**
 * Readings packed by key and stretch of time: what they become and what comes out again (docs/decisions/0167). It knows no
 * table; migration 0710 reads the same bytes in SQL.
 */
export { type JoinedReadings, joinLate, type RefusedReading } from './late-readings.ts';
export { packStretch, readingsOf, type StretchKey, unpackInto, unpackStretch } from './packed-stretch.ts';
export { type PackedStretch, packStretches } from './stretches.ts';
