/**
 * In which air a serial was, and for how long: the devices around it at each moment, joined with what was measured.
 * Nothing is kept per serial; an answer is worked out from intervals and readings when it is asked for.
 */
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
export type { Limits } from './figures.ts';
export type { BudgetFigures, ExposureFigures, JourneyFigures, LegFigures } from './journey.ts';
export { devicesAroundShipments, shipmentsInRecordPeriod } from './kept-shipments.ts';
export { type SerialExposure, SerialExposures } from './serial-exposure.ts';
export { loadWorld } from './world.ts';
