/**
 * What becomes of goods: in come alerts, what serials went through, and what people decide and sign; out come cases,
 * proposals, and decisions that act. Nobody's goods are ever decided on by data alone. It must never know HTTP, a chart
 * or how exposure is worked out.
 */
export {
  type Case,
  type CaseChange,
  type CaseKind,
  CaseList,
  type CaseQuery,
  type CaseSerial,
  type CaseState,
  type CaseTargets,
  CaseWork,
  caseId,
  caseNumber,
  clockKind,
  ExcursionCases,
  findCase,
  lockCase,
  type NamedSerial,
  type NewCase,
  type NewTraceRequest,
  nextRevision,
  Suspicions,
  type TraceRequest,
  TraceRequests,
  touchCase,
  type WaitingCase,
  waitingCases,
} from './cases/index.ts';
export {
  AlertVerdicts,
  type AssessedGroup,
  type Assessment,
  type Assessor,
  type DecisionRecord,
  type DecisionScope,
  Decisions,
  type DecisionWish,
  type EvidenceAlert,
  EvidenceWatch,
  type ExcusingStep,
  type KeptDecision,
  type KeptStep,
  type SerialDecision,
  SerialDecisions,
  type ShipmentDecision,
  type Step,
  type StepEffects,
  Steps,
  type StepWish,
} from './decisions/index.ts';
export {
  type DispositionInput,
  type DispositionTestOutcome,
  type Proposal,
  propose,
  runDispositionTests,
} from './disposition/index.ts';
export { attachmentOf, type CaseEvidence, evidenceOf } from './evidence/case-evidence.ts';
export {
  FORM_3911_EDITION,
  type FormItem,
  form3911,
  type NotificationFacts,
  type NotifiedSerial,
} from './legal/index.ts';
export {
  type FreshSignIn,
  FreshSignIns,
  RecordsToSign,
  type SignatureRecord,
  type SignedText,
  type Signer,
  SigningSessions,
  signedTextsOf,
} from './signatures/index.ts';
