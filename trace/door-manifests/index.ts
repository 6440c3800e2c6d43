/**
 * What the doors of a gateway expect, for while it is cut off: `snapshot.ts` reads it from the tables in one moment,
 * `versions.ts` numbers it. What lights showed by it is with the passes.
 */
export { passRulesAt } from './rules.ts';
export { type DoorBounds, doorSnapshot, type Snapshot } from './snapshot.ts';
export { type KeptManifest, keepManifest, lastManifest } from './versions.ts';
