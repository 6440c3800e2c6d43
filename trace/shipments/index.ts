/**
 * Shipments, their units and products: announced by a notice (JSON or CSV) or by partners' shipping events, under way,
 * received, closed. Reads notices, keeps them, and answers what a shipment holds.
 */

export { type Arrival, arrivalOf, LEAST_JOURNEYS, type PastJourney, type SiteEvent } from './arrival.ts';
export { asnInput, invalidAsn, parseAsn, type Refusal, readAsn, SHIPMENT_ID } from './asn.ts';
export { keepCancellation } from './cancellations.ts';
export { correctedNotice, type NoticeChanges } from './correction.ts';
export { csvText } from './csv-text.ts';
export { deriveShipment, keepShippingEvents, shippedAtAll, shippedWith, siteOf, unnoticed } from './epcis-shipments.ts';
export { type LaneEnds, laneJourneys, laneKey, siteEvents } from './lane-history.ts';
export { type CarriedDevice, type LaneTravel, laneTravels, type TravelsAsked } from './lane-travels.ts';
export { digestOf, type NoticeRecord, noticeOf, prefixesKnownFor } from './notice.ts';
export { keepProduct, type ProductRecord, productList, productRecord, productsOf } from './products.ts';
export { quantile } from './quantile.ts';
export { parseAsnCsv, readAsnCsv } from './shipment-csv.ts';
export { keepShipmentPlaces } from './shipment-places.ts';
export {
  type CancellationRecord,
  isSeenFrom,
  openShipments,
  type ShipmentDetailRecord,
  type ShipmentRecord,
  type ShipmentSerialRecord,
  type StoppedGoods,
  seenShipments,
  shipmentDetail,
  shipmentList,
  shipmentSerials,
  shipmentsOfCapture,
  stoppedGoods,
  type UnitRecord,
} from './shipment-records.ts';
export { applyAsn, closeShipment, receiptsOf, restateShipments, shipmentsWaiting } from './shipments.ts';
export { stopKey, type TravelLeg, travelLegs, type UsualStop, usualStops } from './travel-legs.ts';
export { type UnitHistories, unitHistories } from './unit-histories.ts';
