/** Cases: what opens them, what they rest on, and what people do about them. */
export { type AlertCover, coverOf, lockAlertsOf } from './alert-cover.ts';
export { type Case, type CaseKind, type CaseState, caseId, caseNumber } from './case.ts';
export { CaseList, type CaseQuery, type CaseSerial } from './case-list.ts';
export { type CaseChange, findCase, lockCase, nextRevision, touchCase } from './case-store.ts';
export type { CaseTargets } from './case-targets.ts';
export { CaseWork, type CaseWorkOptions, type NamedSerial, type NewCase } from './case-work.ts';
export { clockKind } from './clocks.ts';
export { ExcursionCases } from './excursion-cases.ts';
export { Suspicions } from './suspicions.ts';
export { type NewTraceRequest, type TraceRequest, TraceRequests } from './trace-requests.ts';
export { type WaitingCase, waitingCases } from './waiting-cases.ts';
