import {
  IMPINJ,
  IMPINJ_PARAMETER,
  type MessageOf,
  type Parameter,
  type ParameterOf,
  parameterOf,
  parametersOf,
} from '../../codecs/llrp/index.ts';

/** A tag as the reader's radio sees it; `at` by the reader's own clock, microseconds. */
export interface RadioRead {
  readonly antenna: number;
  readonly epcHex: string;
  readonly epcBits: number;
  readonly firstMicroseconds: number;
  readonly lastMicroseconds: number;
  /** null: the reader does not say. */
  readonly rssiDbm: number | null;
  readonly count: number;
  /** Full turns; only Impinj readers report it. */
  readonly phaseTurns: number | null;
  /** TID memory, hex; null: the tag does not say. */
  readonly tidHex: string | null;
  /** What an AccessSpec found there. */
  readonly access: Parameter | null;
  readonly rospec: number;
  /** 1-based. */
  readonly specIndex: number;
  readonly inventoryParameterSpecId: number | null;
}

/** Most tags in one report, as real readers limit it. */
const TAGS_PER_REPORT = 200;

/** Tag reports that wait to be sent: bounded as a reader's memory is; what does not fit is lost and said so. */
export class ReportBuffer {
  readonly #capacity: number;
  #reads: ParameterOf<'TagReportData'>[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#reads.length;
  }

  get percentFull(): number {
    return Math.floor((this.#reads.length / this.#capacity) * 100);
  }

  /** @returns false where it did not fit */
  add(read: ParameterOf<'TagReportData'>): boolean {
    if (this.#reads.length >= this.#capacity) return false;
    this.#reads.push(read);
    return true;
  }

  /** Everything waiting, as reports. */
  take(): MessageOf<'RO_ACCESS_REPORT'>[] {
    const reports: MessageOf<'RO_ACCESS_REPORT'>[] = [];
    for (let from = 0; from < this.#reads.length; from += TAGS_PER_REPORT) {
      reports.push({ name: 'RO_ACCESS_REPORT', parameters: this.#reads.slice(from, from + TAGS_PER_REPORT) });
    }
    this.#reads = [];
    return reports;
  }

  clear(): void {
    this.#reads = [];
  }
}

/** What the reader says of its radio, besides what the ROSpec asked for. */
export interface ReportStyle {
  /** false: the reader has only an uptime. */
  readonly hasUtcClock: boolean;
  /** Impinj extensions have been enabled. */
  readonly isImpinj: boolean;
}

/** One TagReportData with what the ROSpec's content selector asks for, absent what it does not. */
export function tagReport(
  read: RadioRead,
  spec: ParameterOf<'ROReportSpec'> | undefined,
  style: ReportStyle,
): ParameterOf<'TagReportData'> {
  const asked = spec && parameterOf(spec, 'TagReportContentSelector');
  const parameters: Parameter[] = [epc(read)];
  if (asked?.EnableROSpecID) parameters.push({ name: 'ROSpecID', ROSpecID: read.rospec });
  if (asked?.EnableSpecIndex) parameters.push({ name: 'SpecIndex', SpecIndex: read.specIndex });
  if (asked?.EnableInventoryParameterSpecID && read.inventoryParameterSpecId !== null) {
    const InventoryParameterSpecID = read.inventoryParameterSpecId;
    parameters.push({ name: 'InventoryParameterSpecID', InventoryParameterSpecID });
  }
  if (asked?.EnableAntennaID) parameters.push({ name: 'AntennaID', AntennaID: read.antenna });
  if (asked?.EnablePeakRSSI && read.rssiDbm !== null) {
    parameters.push({ name: 'PeakRSSI', PeakRSSI: Math.round(read.rssiDbm) });
  }
  if (asked?.EnableChannelIndex) parameters.push({ name: 'ChannelIndex', ChannelIndex: 1 });
  const first = BigInt(Math.round(read.firstMicroseconds));
  const last = BigInt(Math.round(read.lastMicroseconds));
  if (asked?.EnableFirstSeenTimestamp) {
    const name = style.hasUtcClock ? 'FirstSeenTimestampUTC' : 'FirstSeenTimestampUptime';
    parameters.push({ name, Microseconds: first });
  }
  if (asked?.EnableLastSeenTimestamp) {
    const name = style.hasUtcClock ? 'LastSeenTimestampUTC' : 'LastSeenTimestampUptime';
    parameters.push({ name, Microseconds: last });
  }
  if (asked?.EnableTagSeenCount) parameters.push({ name: 'TagSeenCount', TagCount: Math.min(read.count, 0xffff) });
  if (read.access !== null) parameters.push(read.access);
  if (style.isImpinj && spec !== undefined) parameters.push(...impinjParameters(read, spec));
  return { name: 'TagReportData', parameters };
}

function epc({ epcHex, epcBits }: RadioRead): Parameter {
  if (epcBits === 96) return { name: 'EPC_96', EPC: epcHex };
  return { name: 'EPCData', EPC: { bits: epcBits, hex: epcHex } };
}

function impinjParameters(read: RadioRead, spec: ParameterOf<'ROReportSpec'>): Parameter[] {
  const selector = parametersOf(spec, 'Custom').find(
    ({ VendorIdentifier, ParameterSubtype }) =>
      VendorIdentifier === IMPINJ && ParameterSubtype === IMPINJ_PARAMETER.tagReportContentSelector,
  );
  if (selector === undefined) return [];
  const parameters: Parameter[] = [];
  // The selector's own parameters are bytes of its data: 12 each before their value.
  const asksTid = selector.Data.includes(`${hex32(IMPINJ)}${hex32(IMPINJ_PARAMETER.enableSerializedTid)}0001`);
  if (asksTid && read.tidHex !== null) {
    const Data = `${(read.tidHex.length / 4).toString(16).padStart(4, '0')}${read.tidHex}`.toUpperCase();
    const ParameterSubtype = IMPINJ_PARAMETER.serializedTid;
    parameters.push({ name: 'Custom', VendorIdentifier: IMPINJ, ParameterSubtype, Data });
  }
  if (read.rssiDbm !== null) parameters.push(impinj(IMPINJ_PARAMETER.peakRssi, Math.round(read.rssiDbm * 100)));
  if (read.phaseTurns !== null) {
    parameters.push(impinj(IMPINJ_PARAMETER.rfPhaseAngle, Math.floor(read.phaseTurns * 4096)));
  }
  return parameters;
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0').toUpperCase();
}

function impinj(subtype: number, value: number): Parameter {
  const hex = (value & 0xffff).toString(16).padStart(4, '0').toUpperCase();
  return { name: 'Custom', VendorIdentifier: IMPINJ, ParameterSubtype: subtype, Data: hex };
}
