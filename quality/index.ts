/**
 * What becomes of goods: in come alerts, what serials went through, and what people decide and sign; out come cases,
 * proposals, and decisions that act. Nobody's goods are ever decided on by data alone. It must never know HTTP, a chart
 * or how exposure is worked out.
 */
export {
  type Case,
  type CaseChange,
  type CaseKind,
  type CaseState,
  caseId,
  caseNumber,
  ExcursionCases,
  findCase,
  lockCase,
  nextRevision,
  touchCase,
} from './cases/index.ts';
export { type DispositionInput, type Proposal, propose } from './disposition/index.ts';
