/**
 * What partners may read from us as EPCIS events: packings, movements through portals, excursions, decisions. One source in our
 * house is at most one event at a time; what turns out not to have happened is declared an error, never deleted.
 */
export { EpcisCatalogue, type EpcisPage, type EpcisPaging } from './catalogue.ts';
export { decided } from './decisions.ts';
export { EpcisExcursions, type EpcisExcursionsOptions } from './excursions.ts';
export { type DecidedPass, movements, passesOverdue, passPublication } from './movements.ts';
export { noticePackings, packing } from './packings.ts';
export { type Publication, publishEvents } from './publish.ts';
export { type EpcisCaptureRecord, type EpcisEventRecord, type EpcisParameters, EpcisQueries } from './queries.ts';
