/** Decisions on goods: what is signed, by whom, when it comes into force, and what has changed since. */
export { AlertVerdicts, type AlertVerdictsOptions } from './alert-verdicts.ts';
export type {
  AssessedGroup,
  Assessment,
  DecisionRecord,
  DecisionScope,
  DecisionWish,
  EvidenceAlert,
} from './decision-record.ts';
export { type Assessor, Decisions, type DecisionsOptions, type KeptDecision } from './decisions.ts';
export { evidenceChanges } from './evidence-changes.ts';
export { EvidenceWatch } from './evidence-watch.ts';
export { type SerialDecision, SerialDecisions, type ShipmentDecision } from './serial-decisions.ts';
export type { Step } from './step-record.ts';
export { type ExcusingStep, type KeptStep, type StepEffects, Steps, type StepWish } from './steps.ts';
