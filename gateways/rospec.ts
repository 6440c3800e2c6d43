import { createHash } from 'node:crypto';
import {
  encodeFrame,
  GEN2,
  impinjReportContent,
  impinjSearchMode,
  type Parameter,
  type ParameterOf,
  REPORT_TRIGGER,
  START_TRIGGER,
  STOP_TRIGGER,
} from '../codecs/llrp/index.ts';
import { powerIndex, type ReaderCapabilities } from './capabilities.ts';
import type { ReaderProfile } from './config.ts';

/**
 * The ROSpec a reader gets: the profile's antennas at their power, every read reported at once, with antenna, RSSI,
 * times and count. Its id is made of its content, so that after a reconnect the one that is still running there is
 * known to be this one and is left running, with the reports it holds.
 */
export function buildRospec(
  profile: ReaderProfile,
  capabilities: ReaderCapabilities,
  useImpinj: boolean,
): ParameterOf<'ROSpec'> {
  const spec: ParameterOf<'ROSpec'> = {
    name: 'ROSpec',
    ROSpecID: 1,
    Priority: 0,
    CurrentState: 0,
    parameters: [boundary(profile), aiSpec(profile, capabilities, useImpinj), reportSpec(profile, useImpinj)],
  };
  return { ...spec, ROSpecID: contentId(spec, accessWords(profile, useImpinj)) };
}

/** Words of the TID that an AccessSpec has to read; 0: none, or the reader reads it by itself. */
export function accessWords({ tidWords }: ReaderProfile, useImpinj: boolean): number {
  return useImpinj ? 0 : tidWords;
}

/** Whether it runs only when told: START_ROSPEC is needed after enabling. */
export function needsStart(profile: ReaderProfile): boolean {
  return profile.trigger === undefined;
}

function boundary({ trigger }: ReaderProfile): Parameter {
  if (trigger === undefined) {
    return {
      name: 'ROBoundarySpec',
      parameters: [
        { name: 'ROSpecStartTrigger', ROSpecStartTriggerType: START_TRIGGER.none },
        { name: 'ROSpecStopTrigger', ROSpecStopTriggerType: STOP_TRIGGER.none, DurationTriggerValue: 0 },
      ],
    };
  }
  const edge = (isActive: boolean, Timeout: number): Parameter => ({
    name: 'GPITriggerValue',
    GPIPortNum: trigger.port,
    GPIEvent: isActive === trigger.activeHigh,
    Timeout,
  });
  return {
    name: 'ROBoundarySpec',
    parameters: [
      { name: 'ROSpecStartTrigger', ROSpecStartTriggerType: START_TRIGGER.gpi, parameters: [edge(true, 0)] },
      {
        name: 'ROSpecStopTrigger',
        ROSpecStopTriggerType: STOP_TRIGGER.gpiWithTimeout,
        DurationTriggerValue: 0,
        parameters: [edge(false, trigger.timeoutMs)],
      },
    ],
  };
}

function aiSpec(profile: ReaderProfile, capabilities: ReaderCapabilities, useImpinj: boolean): Parameter {
  const antennas = profile.antennas.map(({ antenna, powerDbm }): Parameter => {
    const transmitter: Parameter = {
      name: 'RFTransmitter',
      HopTableID: capabilities.hopTable,
      ChannelIndex: capabilities.channel,
      TransmitPower: powerIndex(capabilities, powerDbm ?? profile.powerDbm),
    };
    return {
      name: 'AntennaConfiguration',
      AntennaID: antenna,
      parameters: [transmitter, inventory(profile, capabilities, useImpinj)],
    };
  });
  return {
    name: 'AISpec',
    AntennaIDs: profile.antennas.map(({ antenna }) => antenna),
    parameters: [
      { name: 'AISpecStopTrigger', AISpecStopTriggerType: 0, DurationTrigger: 0 },
      { name: 'InventoryParameterSpec', InventoryParameterSpecID: 1, ProtocolID: GEN2, parameters: antennas },
    ],
  };
}

function inventory(profile: ReaderProfile, capabilities: ReaderCapabilities, useImpinj: boolean): Parameter {
  const mode = profile.mode ?? capabilities.modes[0];
  const parameters: Parameter[] = [];
  if (mode !== undefined) parameters.push({ name: 'C1G2RFControl', ModeIndex: mode, Tari: 0 });
  parameters.push({
    name: 'C1G2SingulationControl',
    Session: profile.session,
    TagPopulation: profile.population,
    TagTransitTime: 0,
  });
  if (useImpinj) parameters.push(impinjSearchMode(profile.searchMode));
  return { name: 'C1G2InventoryCommand', TagInventoryStateAware: false, parameters };
}

function reportSpec({ tidWords }: ReaderProfile, useImpinj: boolean): Parameter {
  const selector: Parameter = {
    name: 'TagReportContentSelector',
    EnableROSpecID: false,
    EnableSpecIndex: false,
    EnableInventoryParameterSpecID: false,
    EnableAntennaID: true,
    EnableChannelIndex: false,
    EnablePeakRSSI: true,
    EnableFirstSeenTimestamp: true,
    EnableLastSeenTimestamp: true,
    EnableTagSeenCount: true,
    EnableAccessSpecID: false,
  };
  return {
    name: 'ROReportSpec',
    ROReportTrigger: REPORT_TRIGGER.tagsOrEndOfAiSpec,
    N: 1,
    parameters: useImpinj ? [selector, impinjReportContent(tidWords > 0)] : [selector],
  };
}

/** 1 to 2^31 - 1, from the bytes of the ROSpec, and from what is to be read of tags beside it. */
function contentId(spec: ParameterOf<'ROSpec'>, words: number): number {
  const bytes = encodeFrame({ version: 1, id: 0, message: { name: 'ADD_ROSPEC', parameters: [spec] } });
  const hash = createHash('sha256').update(bytes);
  if (words > 0) hash.update(`tid ${words}`);
  const number = hash.digest().readUInt32BE(0) & 0x7fffffff;
  return number === 0 ? 1 : number;
}
