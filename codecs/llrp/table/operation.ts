import type { Definitions } from './definition.ts';

/** Reader operations: what to inventory, when to start and stop (clause 16.2.4). */
export const operation = {
  ROSpec: {
    number: 177,
    fields: { ROSpecID: 'u32', Priority: 'u8', CurrentState: 'u8' },
    parameters: ['ROBoundarySpec', 'AISpec|RFSurveySpec|Custom+', 'ROReportSpec?'],
  },
  ROBoundarySpec: { number: 178, fields: {}, parameters: ['ROSpecStartTrigger', 'ROSpecStopTrigger'] },
  ROSpecStartTrigger: {
    number: 179,
    fields: { ROSpecStartTriggerType: 'u8' },
    parameters: ['PeriodicTriggerValue?', 'GPITriggerValue?'],
  },
  PeriodicTriggerValue: { number: 180, fields: { Offset: 'u32', Period: 'u32' }, parameters: ['UTCTimestamp?'] },
  GPITriggerValue: {
    number: 181,
    fields: { GPIPortNum: 'u16', GPIEvent: 'flag', _: 'reserved7', Timeout: 'u32' },
    parameters: [],
  },
  ROSpecStopTrigger: {
    number: 182,
    fields: { ROSpecStopTriggerType: 'u8', DurationTriggerValue: 'u32' },
    parameters: ['GPITriggerValue?'],
  },
  AISpec: {
    number: 183,
    fields: { AntennaIDs: 'u16[]' },
    parameters: ['AISpecStopTrigger', 'InventoryParameterSpec+', 'Custom*'],
  },
  AISpecStopTrigger: {
    number: 184,
    fields: { AISpecStopTriggerType: 'u8', DurationTrigger: 'u32' },
    parameters: ['GPITriggerValue?', 'TagObservationTrigger?'],
  },
  TagObservationTrigger: {
    number: 185,
    fields: {
      TriggerType: 'u8',
      _: 'reserved8',
      NumberOfTags: 'u16',
      NumberOfAttempts: 'u16',
      T: 'u16',
      Timeout: 'u32',
    },
    parameters: [],
  },
  InventoryParameterSpec: {
    number: 186,
    fields: { InventoryParameterSpecID: 'u16', ProtocolID: 'u8' },
    parameters: ['AntennaConfiguration*', 'Custom*'],
  },
  RFSurveySpec: {
    number: 187,
    fields: { AntennaID: 'u16', StartFrequency: 'u32', EndFrequency: 'u32' },
    parameters: ['RFSurveySpecStopTrigger', 'Custom*'],
  },
  RFSurveySpecStopTrigger: {
    number: 188,
    fields: { StopTriggerType: 'u8', DurationPeriod: 'u32', N: 'u32' },
    parameters: [],
  },
} as const satisfies Definitions;
