import { IMPINJ, type Message, parameterOf, parametersOf } from '../codecs/llrp/index.ts';

/** What a reader can do, as far as a session must know. */
export interface ReaderCapabilities {
  readonly antennas: number;
  readonly isImpinj: boolean;
  readonly firmware: string;
  readonly hasUtcClock: boolean;
  /** Holds events and reports over an outage. */
  readonly canHold: boolean;
  readonly gpis: number;
  readonly gpos: number;
  /** Transmit power by index, in dBm, ascending. */
  readonly powers: readonly { readonly index: number; readonly dbm: number }[];
  readonly hopTable: number;
  readonly channel: number;
  /** ModeIdentifiers of the air modes; the first is the reader's own choice. */
  readonly modes: readonly number[];
}

/** Reads GET_READER_CAPABILITIES_RESPONSE; what the reader did not say is nothing, or the least. */
export function readCapabilities(message: Message): ReaderCapabilities {
  const device = parameterOf(message, 'GeneralDeviceCapabilities');
  const llrp = parameterOf(message, 'LLRPCapabilities');
  const regulatory = parameterOf(message, 'RegulatoryCapabilities');
  const uhf = regulatory && parameterOf(regulatory, 'UHFBandCapabilities');
  const gpio = device && parameterOf(device, 'GPIOCapabilities');
  const frequencies = uhf && parameterOf(uhf, 'FrequencyInformation');
  const hop = frequencies && parameterOf(frequencies, 'FrequencyHopTable');
  const powers = (uhf ? parametersOf(uhf, 'TransmitPowerLevelTableEntry') : [])
    .map((entry) => ({ index: entry.Index, dbm: entry.TransmitPowerValue / 100 }))
    .toSorted((a, b) => a.dbm - b.dbm);
  const modes = (uhf ? parametersOf(uhf, 'C1G2UHFRFModeTable') : []).flatMap((table) =>
    parametersOf(table, 'C1G2UHFRFModeTableEntry').map(({ ModeIdentifier }) => ModeIdentifier),
  );
  return {
    antennas: device?.MaxNumberOfAntennaSupported ?? 0,
    isImpinj: device?.DeviceManufacturerName === IMPINJ,
    firmware: device?.ReaderFirmwareVersion ?? '',
    hasUtcClock: device?.HasUTCClockCapability ?? false,
    canHold: llrp?.SupportsEventAndReportHolding ?? false,
    gpis: gpio?.NumGPIs ?? 0,
    gpos: gpio?.NumGPOs ?? 0,
    powers,
    hopTable: frequencies?.Hopping ? (hop?.HopTableID ?? 1) : 0,
    channel: frequencies?.Hopping === false ? 1 : 0,
    modes,
  };
}

/** Index of the strongest power that is not over `dbm`; the weakest where all are; 0 where the reader lists none. */
export function powerIndex(capabilities: ReaderCapabilities, dbm: number): number {
  const fitting = capabilities.powers.filter((power) => power.dbm <= dbm + 0.001);
  return (fitting.at(-1) ?? capabilities.powers[0])?.index ?? 0;
}
