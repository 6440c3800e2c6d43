/**
 * In which air a serial was, and for how long: the devices around it at each moment, joined with what was measured.
 * Nothing is kept per serial; an answer is worked out from intervals and readings when it is asked for.
 */

export type { AirLimits as Limits } from '../../domain/index.ts';
export {
  type DeviceRecord,
  DeviceRecords,
  type DrawnReading,
  type RecordedReading,
  type RecordFigures,
} from './device-records.ts';
export { type Environment, Environments, type World } from './environment.ts';
export { TraceExposure } from './exposure.ts';
export { type Excused, type ExposureGroup, ExposureGroups } from './exposure-groups.ts';
export { GOODS_CHANNEL, type GoodsTouched, markGoods, PostgresGoodsDesk } from './goods-desk.ts';
export { GoodsReadings } from './goods-readings.ts';
export type { BudgetFigures, ExposureFigures, JourneyFigures, LegFigures } from './journey.ts';
export { devicesAroundShipments, shipmentsInRecordPeriod } from './kept-shipments.ts';
export { type SerialExposure, SerialExposures } from './serial-exposure.ts';
export { StayAir, type StayAirFigures } from './stay-air.ts';
export { loadWorld } from './world.ts';
