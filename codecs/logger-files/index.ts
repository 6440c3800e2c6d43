/**
 * Files of loggers that are read out by cable: text, CSV, Excel, and data embedded in PDF, from bytes to measured values
 * with their time, and what the file itself says of them. Pure: no clock, no database. Layouts and where each was read
 * stand in docs/logger-files.md.
 */
export type { Cell, Row } from './cell.ts';
export { DATE_ORDERS } from './civil-time.ts';
export {
  type FileReading,
  type LoggerFile,
  type LoggerFileQuestion,
  looseRows,
  type OpenReading,
  type RefusedRow,
  ROW_REFUSALS,
  type RowRefusalReason,
  readLoggerFile,
} from './logger-file.ts';
export { type LoggerFileMapping, loggerFileMapping, mappingFrom } from './mapping.ts';
export { TWICE, type Twice } from './moments.ts';
export { UNIT_NAMES } from './quantity.ts';
export { type StatedFigure, SUMMARY_FIGURES, type SummaryFigure } from './summary.ts';
