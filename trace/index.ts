/**
 * Which serial is where, in what, and in what air, now and at any time before. In: the `trace` family of the log
 * (sightings and light curtains, shipment notices, attachments, places and portals, rules, ticks). Out: containment,
 * attachment and presence as intervals, passes with their verdicts, `unexpected` and `blocked` findings, and for any finding the
 * serials it touched. It must never know how a reading was judged, who is told, or what a wire format looks like.
 */
export { asnInput, parseAsn, type Refusal, SHIPMENT_ID } from './asn.ts';
export { type Environment, Environments, type World } from './environment.ts';
export { EpcisExcursions, type EpcisExcursionsOptions } from './epcis-excursions.ts';
export {
  type EpcisCaptureRecord,
  type EpcisEventRecord,
  type EpcisParameters,
  EpcisQueries,
} from './epcis-queries.ts';
export { TraceExposure } from './exposure.ts';
export type { BudgetFigures, ExposureFigures, JourneyFigures, LegFigures } from './journey.ts';
export { devicesAroundShipments, shipmentsInRecordPeriod } from './kept-shipments.ts';
export type { PageRequest } from './page.ts';
export type { PassDetailRecord, PassItemRecord, PassQuery, PassRecord, PassUnitRecord } from './pass-records.ts';
export { type AttachmentRecord, TraceQueries } from './queries.ts';
export type { Location, Recall, RecalledSerial, RecallGroup, RecallQuery } from './recall.ts';
export { TERMS, type Term } from './reconciliation.ts';
export type { DifferenceRecord } from './reconciliation-records.ts';
export { BLOCKING } from './serial-event.ts';
export { type SerialExposure, SerialExposures } from './serial-exposure.ts';
export type { SerialRecord } from './serial-records.ts';
export { parseAsnCsv } from './shipment-csv.ts';
export type { ShipmentDetailRecord, ShipmentRecord, ShipmentSerialRecord, UnitRecord } from './shipment-records.ts';
export { PASS_CHANNEL, type PassVerdict, SHIPMENT_CHANNEL } from './step.ts';
export { Tracer, type TracerOptions } from './tracer.ts';
export { type Evidence, type EvidencePass, type Judgement, judge, NEIGHBOUR_MS, type Verdict } from './verdict.ts';
export type { VerificationAnswer, VerificationRecord, VerificationRequest } from './verification.ts';
