/**
 * Shipments, their units and products: announced by a notice (JSON or CSV) or by partners' shipping events, under way,
 * received, closed. Reads notices, keeps them, and answers what a shipment holds.
 */
export { asnInput, parseAsn, type Refusal, SHIPMENT_ID } from './asn.ts';
export { deriveShipment, keepShippingEvents, shippedWith, unnoticed } from './epcis-shipments.ts';
export { keepProduct, type ProductRecord, productList, productRecord } from './products.ts';
export { parseAsnCsv } from './shipment-csv.ts';
export {
  openShipments,
  type ShipmentDetailRecord,
  type ShipmentRecord,
  type ShipmentSerialRecord,
  shipmentDetail,
  shipmentList,
  shipmentSerials,
  type UnitRecord,
} from './shipment-records.ts';
export { applyAsn, closeShipment, restateShipments, shipmentsWaiting } from './shipments.ts';
