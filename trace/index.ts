/**
 * Which serial is where, in what, and in what air, now and at any time before. In: the `trace` family of the log
 * (sightings and light curtains, shipment notices, attachments, places and portals, rules, ticks). Out: containment,
 * attachment and presence as intervals, passes with their verdicts, findings of rules over passes, and for any finding the
 * serials it touched. It must never know how a reading was judged, who is told, or what a wire format looks like.
 */

export {
  type DoorBounds,
  doorSnapshot,
  keepManifest,
  lastManifest,
  passRulesAt,
  type Snapshot,
} from './door-manifests/index.ts';
export {
  type EpcisCaptureRecord,
  EpcisCatalogue,
  type EpcisEventRecord,
  EpcisExcursions,
  type EpcisExcursionsOptions,
  type EpcisPage,
  type EpcisPaging,
  type EpcisParameters,
  EpcisQueries,
} from './epcis-out/index.ts';
export {
  type BudgetFigures,
  type DeviceRecord,
  DeviceRecords,
  type DrawnReading,
  devicesAroundShipments,
  type Environment,
  Environments,
  type Excused,
  type ExposureFigures,
  type ExposureGroup,
  ExposureGroups,
  GOODS_CHANNEL,
  GoodsReadings,
  type JourneyFigures,
  type LegFigures,
  type Limits,
  markGoods,
  PostgresGoodsDesk,
  type RecordedReading,
  type RecordFigures,
  type SerialExposure,
  SerialExposures,
  StayAir,
  type StayAirFigures,
  shipmentsInRecordPeriod,
  TraceExposure,
  type World,
} from './exposure/index.ts';
export type { Clearance, ClearanceFinding, GoodsFinding, GoodsReason } from './goods/index.ts';
export type {
  Asking,
  Location,
  PackLookup,
  Recall,
  RecalledSerial,
  RecallGroup,
  RecallQuery,
  SerialRecord,
  VerificationAnswer,
  VerificationRecord,
  VerificationRequest,
} from './lookup/index.ts';
export type { PageRequest } from './page.ts';
export type { PortalUsual, RuleTrial, TriedPasses } from './pass-rules/index.ts';
export {
  decide,
  type Evidence,
  type EvidencePass,
  NEIGHBOUR_MS,
  type PassDetailRecord,
  type PassItemRecord,
  type PassOutcome,
  type PassQuery,
  type PassRecord,
  type PassRuleVersion,
  type PassUnitRecord,
  passNumber,
  type Verdict,
} from './passes/index.ts';
export { type AttachmentRecord, TraceQueries } from './queries.ts';
export { type DamageRecord, type DifferenceRecord, TERMS, type Term } from './reconciliation/index.ts';
export {
  type Arrival,
  arrivalOf,
  asnInput,
  correctedNotice,
  digestOf,
  type LaneEnds,
  type LaneTravel,
  laneKey,
  type NoticeChanges,
  type NoticeRecord,
  type PastJourney,
  parseAsn,
  parseAsnCsv,
  quantile,
  type Refusal,
  readAsn,
  readAsnCsv,
  SHIPMENT_ID,
  type ShipmentDetailRecord,
  type ShipmentRecord,
  type ShipmentSerialRecord,
  type SiteEvent,
  stopKey,
  type TravelLeg,
  travelLegs,
  type UnitHistories,
  type UnitRecord,
  type UsualStop,
  usualStops,
} from './shipments/index.ts';
export { PASS_CHANNEL, type PassVerdict, SHIPMENT_CHANNEL, Tracer, type TracerOptions } from './tracer/index.ts';
