import {
  EVENT,
  GEN2,
  GPI_STATE,
  IMPINJ,
  IMPINJ_PARAMETER,
  KEEPALIVE,
  type MessageOf,
  type Parameter,
  type ParameterOf,
  parameterOf,
  parametersOf,
  STATUS,
} from '../../codecs/llrp/index.ts';

/** One more is refused. */
export const MOST_ROSPECS = 4;

/** What a simulated reader is made of; fixed for its life. */
export interface ReaderModel {
  readonly antennas: number;
  readonly gpis: number;
  readonly gpos: number;
  readonly hasUtcClock: boolean;
  readonly canHold: boolean;
  readonly isImpinj: boolean;
  /** AccessSpecs it takes. */
  readonly accessSpecs: number;
}

/** What a client has set, forgotten on reboot. */
export class ReaderConfiguration {
  readonly #model: ReaderModel;
  readonly #events = new Set<number>();
  readonly gpo = new Map<number, boolean>();
  readonly gpi = new Map<number, boolean>();
  readonly #gpiEnabled = new Map<number, boolean>();
  keepaliveMs = 0;
  isHolding = false;
  /** Missed keepalives after which the reader drops the connection; null = never (Impinj's LinkMonitor). */
  linkDownAfter: number | null = null;

  constructor(model: ReaderModel) {
    this.#model = model;
    for (let port = 1; port <= model.gpis; port++) this.gpi.set(port, false);
    for (let port = 1; port <= model.gpos; port++) this.gpo.set(port, false);
  }

  notifies(event: keyof typeof EVENT): boolean {
    return this.#events.has(EVENT[event]);
  }

  isGpiEnabled(port: number): boolean {
    return this.#gpiEnabled.get(port) ?? false;
  }

  /** Takes SET_READER_CONFIG; answers what is wrong with it, or null. */
  set(message: MessageOf<'SET_READER_CONFIG'>): string | null {
    const gpos = parametersOf(message, 'GPOWriteData');
    const bad = gpos.find(({ GPOPortNumber }) => !this.gpo.has(GPOPortNumber));
    if (bad !== undefined) return `no GPO port ${bad.GPOPortNumber}`;
    for (const { GPOPortNumber, GPOData } of gpos) this.gpo.set(GPOPortNumber, GPOData);
    for (const { GPIPortNum, Config } of parametersOf(message, 'GPIPortCurrentState')) {
      this.#gpiEnabled.set(GPIPortNum, Config);
    }
    const keepalive = parameterOf(message, 'KeepaliveSpec');
    if (keepalive !== undefined) {
      this.keepaliveMs = keepalive.KeepaliveTriggerType === KEEPALIVE.periodic ? keepalive.PeriodicTriggerValue : 0;
    }
    const hold = parameterOf(message, 'EventsAndReports');
    if (hold?.HoldEventsAndReportsUponReconnect && !this.#model.canHold) return 'holding is not supported';
    if (hold !== undefined) this.isHolding = hold.HoldEventsAndReportsUponReconnect;
    const notification = parameterOf(message, 'ReaderEventNotificationSpec');
    for (const state of notification ? parametersOf(notification, 'EventNotificationState') : []) {
      if (state.NotificationState) this.#events.add(state.EventType);
      else this.#events.delete(state.EventType);
    }
    this.#setImpinj(message);
    return null;
  }

  /** GET_READER_CONFIG, everything or one kind of it. */
  answer(requested: number): MessageOf<'GET_READER_CONFIG_RESPONSE'> {
    const parts: (readonly [kind: number, parameters: Parameter[]])[] = [
      [1, [{ name: 'Identification', IDType: 0, ReaderID: '001625FFFF000001' }]],
      [
        2,
        this.#antennas((AntennaID) => ({
          name: 'AntennaProperties',
          AntennaConnected: true,
          AntennaID,
          AntennaGain: 0,
        })),
      ],
      [3, this.#antennas(antennaConfiguration)],
      [5, [this.#notificationSpec()]],
      [4, [reportSpec]],
      [6, [{ name: 'AccessReportSpec', AccessReportTrigger: 0 }]],
      [7, [{ name: 'LLRPConfigurationStateValue', LLRPConfigurationStateValue: 1 }]],
      [
        8,
        [
          {
            name: 'KeepaliveSpec',
            KeepaliveTriggerType: this.keepaliveMs > 0 ? 1 : 0,
            PeriodicTriggerValue: this.keepaliveMs,
          },
        ],
      ],
      [9, this.#gpiStates()],
      [10, [...this.gpo].map(([GPOPortNumber, GPOData]) => ({ name: 'GPOWriteData', GPOPortNumber, GPOData }))],
      [11, [{ name: 'EventsAndReports', HoldEventsAndReportsUponReconnect: this.isHolding }]],
    ];
    const parameters = parts.filter(([kind]) => requested === 0 || requested === kind).flatMap(([, held]) => held);
    return { name: 'GET_READER_CONFIG_RESPONSE', parameters: [status(), ...parameters] };
  }

  #setImpinj(message: MessageOf<'SET_READER_CONFIG'>): void {
    for (const custom of parametersOf(message, 'Custom')) {
      if (custom.VendorIdentifier !== IMPINJ) continue;
      if (custom.ParameterSubtype !== IMPINJ_PARAMETER.linkMonitorConfiguration) continue;
      const [mode, threshold] = [custom.Data.slice(0, 4), custom.Data.slice(4, 8)].map((hex) =>
        Number.parseInt(hex, 16),
      );
      this.linkDownAfter = mode === 1 && threshold !== undefined ? threshold : null;
    }
  }

  #antennas(make: (antenna: number) => Parameter): Parameter[] {
    return Array.from({ length: this.#model.antennas }, (_, index) => make(index + 1));
  }

  #notificationSpec(): Parameter {
    const parameters = Object.values(EVENT).map(
      (EventType): Parameter => ({
        name: 'EventNotificationState',
        EventType,
        NotificationState: this.#events.has(EventType),
      }),
    );
    return { name: 'ReaderEventNotificationSpec', parameters };
  }

  #gpiStates(): Parameter[] {
    return [...this.gpi].map(([GPIPortNum, isHigh]) => ({
      name: 'GPIPortCurrentState',
      GPIPortNum,
      Config: this.isGpiEnabled(GPIPortNum),
      State: isHigh ? GPI_STATE.high : GPI_STATE.low,
    }));
  }
}

export function status(code: number = STATUS.success, description = ''): ParameterOf<'LLRPStatus'> {
  return { name: 'LLRPStatus', StatusCode: code, ErrorDescription: description };
}

/** GET_READER_CAPABILITIES, everything: power from 10 to 30 dBm, two air modes. */
export function capabilities(model: ReaderModel): MessageOf<'GET_READER_CAPABILITIES_RESPONSE'> {
  const antennas = Array.from({ length: model.antennas }, (_, index): Parameter => {
    return { name: 'PerAntennaAirProtocol', AntennaID: index + 1, ProtocolID: [GEN2] };
  });
  const device: ParameterOf<'GeneralDeviceCapabilities'> = {
    name: 'GeneralDeviceCapabilities',
    MaxNumberOfAntennaSupported: model.antennas,
    CanSetAntennaProperties: false,
    HasUTCClockCapability: model.hasUtcClock,
    DeviceManufacturerName: model.isImpinj ? IMPINJ : 0,
    ModelName: 1,
    ReaderFirmwareVersion: 'isotherm-simulated',
    parameters: [
      { name: 'ReceiveSensitivityTableEntry', Index: 1, ReceiveSensitivityValue: 0 },
      { name: 'GPIOCapabilities', NumGPIs: model.gpis, NumGPOs: model.gpos },
      ...antennas,
    ],
  };
  return {
    name: 'GET_READER_CAPABILITIES_RESPONSE',
    parameters: [status(), device, llrpCapabilities(model), regulatory()],
  };
}

function llrpCapabilities(model: ReaderModel): ParameterOf<'LLRPCapabilities'> {
  return {
    name: 'LLRPCapabilities',
    CanDoRFSurvey: false,
    CanReportBufferFillWarning: true,
    SupportsClientRequestOpSpec: false,
    CanDoTagInventoryStateAwareSingulation: false,
    SupportsEventAndReportHolding: model.canHold,
    MaxNumPriorityLevelsSupported: 1,
    ClientRequestOpSpecTimeout: 0,
    MaxNumROSpecs: MOST_ROSPECS,
    MaxNumSpecsPerROSpec: 32,
    MaxNumInventoryParameterSpecsPerAISpec: 1,
    // Of access to tag memory only the reading of TIDs is played.
    MaxNumAccessSpecs: model.accessSpecs,
    MaxNumOpSpecsPerAccessSpec: model.accessSpecs === 0 ? 0 : 1,
  };
}

function regulatory(): ParameterOf<'RegulatoryCapabilities'> {
  const power = Array.from({ length: 81 }, (_, index): Parameter => {
    return { name: 'TransmitPowerLevelTableEntry', Index: index + 1, TransmitPowerValue: 1000 + index * 25 };
  });
  const hops: Parameter = {
    name: 'FrequencyInformation',
    Hopping: true,
    parameters: [{ name: 'FrequencyHopTable', HopTableID: 1, Frequency: [865_700, 866_300, 866_900, 867_500] }],
  };
  const modes: Parameter = { name: 'C1G2UHFRFModeTable', parameters: [airMode(0, 1), airMode(1000, 2)] };
  return {
    name: 'RegulatoryCapabilities',
    CountryCode: 276,
    CommunicationsStandard: 2,
    parameters: [{ name: 'UHFBandCapabilities', parameters: [...power, hops, modes] }],
  };
}

function airMode(ModeIdentifier: number, MValue: number): Parameter {
  return {
    name: 'C1G2UHFRFModeTableEntry',
    ModeIdentifier,
    DRValue: 1,
    EPCHAGTCConformance: false,
    MValue,
    ForwardLinkModulation: 0,
    SpectralMaskIndicator: 3,
    BDRValue: 274_000,
    PIEValue: 1500,
    MinTariValue: 20_000,
    MaxTariValue: 20_000,
    StepTariValue: 0,
  };
}

function antennaConfiguration(AntennaID: number): Parameter {
  return {
    name: 'AntennaConfiguration',
    AntennaID,
    parameters: [
      { name: 'RFReceiver', ReceiverSensitivity: 1 },
      { name: 'RFTransmitter', HopTableID: 1, ChannelIndex: 0, TransmitPower: 81 },
    ],
  };
}

const reportSpec: Parameter = {
  name: 'ROReportSpec',
  ROReportTrigger: 2,
  N: 0,
  parameters: [
    {
      name: 'TagReportContentSelector',
      EnableROSpecID: false,
      EnableSpecIndex: false,
      EnableInventoryParameterSpecID: false,
      EnableAntennaID: false,
      EnableChannelIndex: false,
      EnablePeakRSSI: false,
      EnableFirstSeenTimestamp: false,
      EnableLastSeenTimestamp: false,
      EnableTagSeenCount: false,
      EnableAccessSpecID: false,
    },
  ],
};
