/**
 * From a message to a place in the log, and from the log to the readings table. In come messages as the broker has
 * them; `Intake` decodes them, puts what it cannot take into quarantine with a reason, appends groups of them to the
 * log and says of each message when it is durable. `Ticker` appends the clock. `Writer` consumes the `readings` family
 * into storage. It must never know who sent a message over what connection, what a rule is, or which serial is where.
 */

export {
  MAX_READINGS_PER_MESSAGE,
  REFUSAL_REASONS,
  type RefusalReason,
  TIME_AHEAD_MS,
  TIME_TOO_OLD_MS,
} from './admission.ts';
export { type Adopted, adoptedRecords } from './adoption.ts';
export { type Explained, type ExplainedMessage, explainMessage, NATIVE } from './explain.ts';
export type { IntakeLimits } from './group-commit.ts';
export { type GatewayStatus, Intake, type IntakeMessage, type IntakeOptions } from './intake.ts';
export { type LoggerFileReader, LoggerFileThread } from './logger-file-reader.ts';
export { LoggerFileIntake, type LoggerFileIntakeOptions, lookAtLoggerFile } from './logger-files.ts';
export { explainAny } from './mapping/explain-any.ts';
export { Mapper } from './mapping/mapper.ts';
export { filtersOf, type Mapping, mappingOf, parseMappings } from './mapping/mapping.ts';
export { INGEST_METRICS } from './metrics.ts';
export { OwnClock } from './own-clock.ts';
export { readingsIn, restsOnOthers } from './replay.ts';
export { Ticker } from './ticker.ts';
export type { Unheard } from './unheard.ts';
export { Writer } from './writer.ts';
