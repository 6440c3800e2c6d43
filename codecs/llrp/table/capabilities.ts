import type { Definitions } from './definition.ts';

/** Capabilities a reader reports (LLRP 1.0.1, clause 16.2.3). */
export const capabilities = {
  GeneralDeviceCapabilities: {
    number: 137,
    fields: {
      MaxNumberOfAntennaSupported: 'u16',
      CanSetAntennaProperties: 'flag',
      HasUTCClockCapability: 'flag',
      _: 'reserved14',
      DeviceManufacturerName: 'u32',
      ModelName: 'u32',
      ReaderFirmwareVersion: 'utf8',
    },
    parameters: [
      'ReceiveSensitivityTableEntry+',
      'PerAntennaReceiveSensitivityRange*',
      'GPIOCapabilities',
      'PerAntennaAirProtocol+',
    ],
  },
  ReceiveSensitivityTableEntry: {
    number: 139,
    fields: { Index: 'u16', ReceiveSensitivityValue: 's16' },
    parameters: [],
  },
  PerAntennaReceiveSensitivityRange: {
    number: 149,
    fields: { AntennaID: 'u16', ReceiveSensitivityIndexMin: 'u16', ReceiveSensitivityIndexMax: 'u16' },
    parameters: [],
  },
  PerAntennaAirProtocol: { number: 140, fields: { AntennaID: 'u16', ProtocolID: 'u8[]' }, parameters: [] },
  GPIOCapabilities: { number: 141, fields: { NumGPIs: 'u16', NumGPOs: 'u16' }, parameters: [] },
  LLRPCapabilities: {
    number: 142,
    fields: {
      CanDoRFSurvey: 'flag',
      CanReportBufferFillWarning: 'flag',
      SupportsClientRequestOpSpec: 'flag',
      CanDoTagInventoryStateAwareSingulation: 'flag',
      SupportsEventAndReportHolding: 'flag',
      _: 'reserved3',
      MaxNumPriorityLevelsSupported: 'u8',
      ClientRequestOpSpecTimeout: 'u16',
      MaxNumROSpecs: 'u32',
      MaxNumSpecsPerROSpec: 'u32',
      MaxNumInventoryParameterSpecsPerAISpec: 'u32',
      MaxNumAccessSpecs: 'u32',
      MaxNumOpSpecsPerAccessSpec: 'u32',
    },
    parameters: [],
  },
  RegulatoryCapabilities: {
    number: 143,
    fields: { CountryCode: 'u16', CommunicationsStandard: 'u16' },
    parameters: ['UHFBandCapabilities?', 'Custom*'],
  },
  UHFBandCapabilities: {
    number: 144,
    fields: {},
    parameters: ['TransmitPowerLevelTableEntry+', 'FrequencyInformation', 'C1G2UHFRFModeTable+'],
  },
  TransmitPowerLevelTableEntry: { number: 145, fields: { Index: 'u16', TransmitPowerValue: 's16' }, parameters: [] },
  FrequencyInformation: {
    number: 146,
    fields: { Hopping: 'flag', _: 'reserved7' },
    parameters: ['FrequencyHopTable*', 'FixedFrequencyTable?'],
  },
  FrequencyHopTable: { number: 147, fields: { HopTableID: 'u8', _: 'reserved8', Frequency: 'u32[]' }, parameters: [] },
  FixedFrequencyTable: { number: 148, fields: { Frequency: 'u32[]' }, parameters: [] },
} as const satisfies Definitions;
