import { parametersOf } from './find.ts';
import type { MessageOf, Parameter, ParameterOf } from './table.ts';

/** IANA private enterprise number: LLRP's VendorIdentifier and DeviceManufacturerName of Impinj readers. */
export const IMPINJ = 25882;

/** Subtypes of Impinj's Custom parameters and messages (Impinj Octane LLRP, edition 2.x). */
export const IMPINJ_MESSAGE = { enableExtensions: 21, enableExtensionsResponse: 22 } as const;
export const IMPINJ_PARAMETER = {
  inventorySearchMode: 23,
  gpiDebounceConfiguration: 36,
  linkMonitorConfiguration: 38,
  tagReportContentSelector: 50,
  enableSerializedTid: 51,
  enableRfPhaseAngle: 52,
  enablePeakRssi: 53,
  serializedTid: 55,
  rfPhaseAngle: 56,
  peakRssi: 57,
  rfDopplerFrequency: 68,
  enableRfDopplerFrequency: 67,
} as const;

/** How an Impinj reader looks for tags: `dual` re-reads, `single` reads once per session, `focus` (TagFocus) holds it. */
export const SEARCH_MODE = { reader: 0, single: 1, dual: 2, focus: 3 } as const;
export type SearchMode = keyof typeof SEARCH_MODE;

/** What Impinj adds to a tag report; absent is absent. */
export interface ImpinjTagData {
  /** Full turns, 0 <= phase < 1. */
  readonly phaseTurns?: number;
  /** dBm to the hundredth. */
  readonly rssiDbm?: number;
  /** Hertz. */
  readonly dopplerHz?: number;
  /** TID memory, upper-case hex: the reader reads it while it counts the tag. */
  readonly tidHex?: string;
}

/** Must be the first thing said to an Impinj reader: without it the reader sends and takes no Custom parameters. */
export const IMPINJ_ENABLE_EXTENSIONS: MessageOf<'CUSTOM_MESSAGE'> = {
  name: 'CUSTOM_MESSAGE',
  VendorIdentifier: IMPINJ,
  MessageSubtype: IMPINJ_MESSAGE.enableExtensions,
  Data: '00000000',
};

/**
 * What an Impinj reader answers to {@link IMPINJ_ENABLE_EXTENSIONS}: the StatusCode of the LLRPStatus (LLRP 1.0.1, clause
 * 14.2.2) that its data begins with; null where there is none.
 */
export function impinjStatusCode(answer: MessageOf<'CUSTOM_MESSAGE'>): number | null {
  const match = /^011F[0-9A-F]{4}([0-9A-F]{4})/i.exec(answer.Data);
  return match === null ? null : Number.parseInt(match[1] ?? '0', 16);
}

export function impinjSearchMode(mode: SearchMode): ParameterOf<'Custom'> {
  return custom(IMPINJ_PARAMETER.inventorySearchMode, u16(SEARCH_MODE[mode]));
}

/** Asks for phase, fine RSSI and Doppler in tag reports, and for the tags' own numbers; goes into ROReportSpec. */
export function impinjReportContent(withTid = false): ParameterOf<'Custom'> {
  const enabled = [
    ...(withTid ? [IMPINJ_PARAMETER.enableSerializedTid] : []),
    IMPINJ_PARAMETER.enableRfPhaseAngle,
    IMPINJ_PARAMETER.enablePeakRssi,
    IMPINJ_PARAMETER.enableRfDopplerFrequency,
  ];
  return custom(IMPINJ_PARAMETER.tagReportContentSelector, enabled.map((subtype) => tlv(subtype, u16(1))).join(''));
}

/** Makes the reader drop a connection whose keepalives go unanswered, so that a dead socket does not lock it out. */
export function impinjLinkMonitor(missedKeepalives: number): ParameterOf<'Custom'> {
  return custom(IMPINJ_PARAMETER.linkMonitorConfiguration, u16(1) + u16(missedKeepalives));
}

/** Makes the reader ignore input changes shorter than `ms`. */
export function impinjGpiDebounce(port: number, ms: number): ParameterOf<'Custom'> {
  return custom(IMPINJ_PARAMETER.gpiDebounceConfiguration, u16(port) + u32(ms));
}

/** Reads Impinj's Custom parameters of one TagReportData. */
export function impinjTagData(tag: { readonly parameters?: readonly Parameter[] }): ImpinjTagData {
  const data: { phaseTurns?: number; rssiDbm?: number; dopplerHz?: number; tidHex?: string } = {};
  for (const parameter of parametersOf(tag, 'Custom')) {
    if (parameter.VendorIdentifier !== IMPINJ || parameter.Data.length < 4) continue;
    const raw = Number.parseInt(parameter.Data.slice(0, 4), 16);
    const signed = raw >= 0x8000 ? raw - 0x10000 : raw;
    if (parameter.ParameterSubtype === IMPINJ_PARAMETER.rfPhaseAngle) data.phaseTurns = raw / 4096;
    else if (parameter.ParameterSubtype === IMPINJ_PARAMETER.peakRssi) data.rssiDbm = signed / 100;
    else if (parameter.ParameterSubtype === IMPINJ_PARAMETER.rfDopplerFrequency) data.dopplerHz = signed / 16;
    // A count of words, and so many words.
    else if (parameter.ParameterSubtype === IMPINJ_PARAMETER.serializedTid && raw > 0) {
      const tid = parameter.Data.slice(4, 4 + raw * 4);
      if (tid.length === raw * 4) data.tidHex = tid;
    }
  }
  return data;
}

function custom(subtype: number, data: string): ParameterOf<'Custom'> {
  return { name: 'Custom', VendorIdentifier: IMPINJ, ParameterSubtype: subtype, Data: data };
}

/** A Custom parameter inside a Custom parameter's data. */
function tlv(subtype: number, data: string): string {
  return u16(1023) + u16(12 + data.length / 2) + u32(IMPINJ) + u32(subtype) + data;
}

function u16(value: number): string {
  return value.toString(16).padStart(4, '0').toUpperCase();
}

function u32(value: number): string {
  return value.toString(16).padStart(8, '0').toUpperCase();
}
