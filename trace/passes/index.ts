/**
 * One portal's tag reads become passes, and a pass gets its verdict: expected against seen. `passes.ts` forms them,
 * `evidence.ts` loads what a verdict rests on, `domain/pass-verdict.ts` is the pure decision (a gateway makes it too),
 * `outcome.ts` writes what follows from it. `pass-memory.ts` is what of all that is kept in memory from batch to batch.
 */
export {
  decide,
  EARLY_MS,
  type Evidence,
  type EvidencePass,
  expectedBy,
  NEIGHBOUR_MS,
  type PassOutcome,
  type ReadStatus,
  type Verdict,
} from '../../domain/index.ts';
export { completeUntil } from './completeness.ts';
export { type JudgedPass, judgePass, judgePasses } from './evidence.ts';
export { type KeptPass, passesBetween, passesById, passesReadingAny, writeWaiting } from './kept-pass.ts';
export {
  canonical,
  passName,
  passNumber,
  passSource,
  presenceStatements,
  retracted,
  type Trigger,
  writeOutcomes,
} from './outcome.ts';
export { PassMemory } from './pass-memory.ts';
export {
  type PassDetailRecord,
  type PassItemRecord,
  type PassQuery,
  type PassRecord,
  type PassUnitRecord,
  passDetail,
  passEpcs,
  passList,
} from './pass-records.ts';
export { type ChangedStretch, passIdsOverlapping, reformPasses, type TouchedDoor } from './passes.ts';
export {
  type CompileApplies,
  keepPlace,
  keepPortal,
  type PassRuleVersion,
  PORTAL_COLUMNS,
  Registry,
  readersOf,
} from './registry.ts';
export { SentStatements } from './sent-statements.ts';
export {
  type DifferenceChange,
  keepShownLights,
  type ReportedLight,
  restateDifferences,
} from './shown-lights.ts';
export {
  keepGaps,
  keepGpiEvents,
  keepSightings,
  latestGaps,
  type Reported,
  ReportedReads,
} from './sightings.ts';
export { joined, type Stretch } from './stretches.ts';
export { keepTagNumbers, type NumberHeard, otherTag, type TagNumbers, tagNumbersAt } from './tag-numbers.ts';
