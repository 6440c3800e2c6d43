import type { Definitions } from './definition.ts';

/** Reader configuration (clause 16.2.6). */
export const configuration = {
  LLRPConfigurationStateValue: { number: 217, fields: { LLRPConfigurationStateValue: 'u32' }, parameters: [] },
  Identification: { number: 218, fields: { IDType: 'u8', ReaderID: 'bytes' }, parameters: [] },
  GPOWriteData: { number: 219, fields: { GPOPortNumber: 'u16', GPOData: 'flag', _: 'reserved7' }, parameters: [] },
  KeepaliveSpec: { number: 220, fields: { KeepaliveTriggerType: 'u8', PeriodicTriggerValue: 'u32' }, parameters: [] },
  AntennaProperties: {
    number: 221,
    fields: { AntennaConnected: 'flag', _: 'reserved7', AntennaID: 'u16', AntennaGain: 's16' },
    parameters: [],
  },
  AntennaConfiguration: {
    number: 222,
    fields: { AntennaID: 'u16' },
    parameters: ['RFReceiver?', 'RFTransmitter?', 'C1G2InventoryCommand*'],
  },
  RFReceiver: { number: 223, fields: { ReceiverSensitivity: 'u16' }, parameters: [] },
  RFTransmitter: {
    number: 224,
    fields: { HopTableID: 'u16', ChannelIndex: 'u16', TransmitPower: 'u16' },
    parameters: [],
  },
  GPIPortCurrentState: {
    number: 225,
    fields: { GPIPortNum: 'u16', Config: 'flag', _: 'reserved7', State: 'u8' },
    parameters: [],
  },
  EventsAndReports: {
    number: 226,
    fields: { HoldEventsAndReportsUponReconnect: 'flag', _: 'reserved7' },
    parameters: [],
  },
} as const satisfies Definitions;
