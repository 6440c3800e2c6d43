/**
 * What partners may read from us as EPCIS events: packings, movements through portals, excursions, decisions. One source in our
 * house is at most one event at a time; what turns out not to have happened is declared an error, never deleted.
 */
export { EpcisCatalogue, type EpcisPage, type EpcisPaging } from './catalogue.ts';
export { decided } from './decisions.ts';
export { EpcisExcursions, type EpcisExcursionsOptions } from './excursions.ts';
export { type DecidedPass, movements, passesOverdue, passPublication } from './movements.ts';
export {
  EpcisNamedQueries,
  type EpcisNamedQuery,
  parametersOfQuery,
} from './named-queries.ts';
export { nextArrived } from './next-arrived.ts';
export { noticePackings, packing } from './packings.ts';
export { type Publication, publishEvents } from './publish.ts';
export { type EpcisCaptureRecord, type EpcisEventRecord, type EpcisParameters, EpcisQueries } from './queries.ts';
export { EPCIS_CONTEXT_URL, type QueryAnswer, queryDocument } from './query-document.ts';
export { type EpcisSchedule, nextRun, SCHEDULE_FIELDS } from './schedule.ts';
export {
  type EpcisDelivery,
  gs1Signature,
  SubscriptionWorker,
  type SubscriptionWorkerOptions,
} from './subscription-worker.ts';
export {
  type EpcisSubscription,
  EpcisSubscriptions,
  EVENT_QUERY,
  type NewEpcisSubscription,
} from './subscriptions.ts';
export { EpcisVocabularies, type EpcisVocabulary } from './vocabularies.ts';
