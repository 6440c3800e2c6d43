/** Values of enumerated fields that this project reads or writes (LLRP 1.0.1, clauses 9 to 15). */

/** GET_READER_CAPABILITIES.RequestedData and GET_READER_CONFIG.RequestedData. */
export const REQUEST_ALL = 0;
/** GET_READER_CONFIG.RequestedData: the LLRPConfigurationStateValue alone, the smallest answer there is. */
export const REQUEST_CONFIGURATION_STATE = 7;

export const STATUS = {
  success: 0,
  parameterError: 100,
  fieldError: 101,
  missingParameter: 103,
  unsupportedMessage: 109,
  unsupportedVersion: 110,
  invalid: 300,
  outOfRange: 301,
  deviceError: 401,
} as const;

export const CONNECTION_ATTEMPT = {
  success: 0,
  readerInitiatedExists: 1,
  clientInitiatedExists: 2,
  failed: 3,
  another: 4,
} as const;

export const ROSPEC_STATE = { disabled: 0, inactive: 1, active: 2 } as const;
export const START_TRIGGER = { none: 0, immediate: 1, periodic: 2, gpi: 3 } as const;
export const STOP_TRIGGER = { none: 0, duration: 1, gpiWithTimeout: 2 } as const;
export const AI_STOP_TRIGGER = { none: 0, duration: 1, gpiWithTimeout: 2, tagObservation: 3 } as const;
/** What of tags ends an AISpec; the last two came with LLRP 1.1. */
export const TAG_OBSERVATION = {
  ...{ tags: 0, noMoreTags: 1, attempts: 2, uniqueTags: 3, noMoreUniqueTags: 4 },
} as const;
/** Memory banks of a tag (EPC Gen2, clause 6.3.2.1). */
export const MEMORY_BANK = { reserved: 0, epc: 1, tid: 2, user: 3 } as const;
export const ACCESS_STOP_TRIGGER = { none: 0, operationCount: 1 } as const;
/** AccessReportSpec: results come with the tag reports of the ROSpec. */
export const ACCESS_REPORT_TRIGGER = { withRoReport: 0, endOfAccessSpec: 1 } as const;

export const REPORT_TRIGGER = { none: 0, tagsOrEndOfAiSpec: 1, tagsOrEndOfRoSpec: 2 } as const;
export const ROSPEC_EVENT = { start: 0, end: 1, preemption: 2 } as const;
export const KEEPALIVE = { none: 0, periodic: 1 } as const;
export const GPI_STATE = { low: 0, high: 1, unknown: 2 } as const;

/** EventNotificationState.EventType. */
export const EVENT = {
  hopping: 0,
  gpi: 1,
  rospec: 2,
  bufferWarning: 3,
  readerException: 4,
  rfSurvey: 5,
  aiSpec: 6,
  aiSpecWithDetails: 7,
  antenna: 8,
} as const;

/** AirProtocols: EPCglobal Class 1 Generation 2. */
export const GEN2 = 1;
