import { IsothermError, tidOf } from '../../domain/index.ts';
import { decodeFrame } from './decode.ts';
import { encodeFrame } from './encode.ts';
import { parameterOf, parametersOf } from './find.ts';
import { type Frame, HEADER_BYTES, readHeader } from './frame.ts';
import { impinjTagData } from './impinj.ts';
import { type Message, type MessageOf, messageLayout, type ParameterOf } from './table.ts';

/** Most of a bad frame that is kept for diagnosis. */
export const KEPT_BYTES = 4096;

/** One tag report as the command line shows it; what the reader did not say is absent. */
export interface DescribedTag {
  readonly epc: string;
  readonly bits: number;
  readonly antenna?: number;
  /** dBm. */
  readonly rssi?: number;
  /** RFC 3339 UTC, milliseconds. */
  readonly firstSeen?: string;
  readonly lastSeen?: string;
  /** Microseconds since the reader started, from readers without a clock. */
  readonly firstSeenUptime?: number;
  readonly lastSeenUptime?: number;
  readonly count?: number;
  /** Impinj: turns, and hertz. */
  readonly phase?: number;
  readonly doppler?: number;
  /** TID memory, hex. */
  readonly tid?: string;
}

/** One frame as one JSON line. */
export interface DescribedFrame {
  readonly type: string;
  readonly number: number;
  readonly version: number;
  readonly id: number;
  readonly tags?: readonly DescribedTag[];
  readonly message: unknown;
}

export interface BadFrame {
  readonly error: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** The frame's bytes, at most {@link KEPT_BYTES} of them. */
  readonly hex: string;
}

/** What `isotherm llrp decode` says of a frame: its type, its tags in short where it is a report, and all of it. */
export function describeFrame(frame: Frame): DescribedFrame {
  const { message, version, id } = frame;
  const number = message.name === 'Unknown' ? message.number : (messageLayout(message.name)?.number ?? 0);
  const head = { type: message.name, number, version, id };
  const body = plain(message);
  if (message.name !== 'RO_ACCESS_REPORT') return { ...head, message: body };
  return { ...head, tags: describeTags(message), message: body };
}

/**
 * Frames of a file of concatenated frames, one result each. A malformed frame costs only itself; a bad header or a cut
 * end is the last result, since nothing after it can be trusted to be a frame.
 */
export function* decodeFile(bytes: Uint8Array): Generator<DescribedFrame | BadFrame> {
  for (const piece of pieces(bytes)) {
    if ('error' in piece) yield piece;
    else yield attempt(piece, (frame) => describeFrame(decodeFrame(frame)));
  }
}

/** Per frame: whether decoding and encoding it gives the same bytes. */
export interface RoundtrippedFrame {
  readonly type: string;
  readonly offset: number;
  readonly bytes: number;
  readonly same: true;
}

/** What `isotherm llrp roundtrip` says of a file: one result a frame, a {@link BadFrame} where bytes differ. */
export function* roundtripFile(bytes: Uint8Array): Generator<RoundtrippedFrame | BadFrame> {
  for (const piece of pieces(bytes)) {
    if ('error' in piece) yield piece;
    else yield attempt(piece, (frame) => roundtrip(frame, piece.offset));
  }
}

export function isBadFrame(result: object): result is BadFrame {
  return 'error' in result;
}

interface Piece {
  readonly offset: number;
  readonly frame: Uint8Array;
}

function* pieces(bytes: Uint8Array): Generator<Piece | BadFrame> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let offset = 0;
  while (offset < bytes.length) {
    const rest = bytes.subarray(offset);
    if (rest.length < HEADER_BYTES) {
      yield {
        error: `the file is cut: ${rest.length} bytes left, a header has ${HEADER_BYTES}`,
        offset,
        hex: hex(rest),
      };
      return;
    }
    let length: number;
    try {
      length = readHeader(view, offset).length;
    } catch (error) {
      yield bad(error, offset, rest);
      return;
    }
    if (length > rest.length) {
      yield {
        error: `the file is cut: the frame has ${length} bytes, ${rest.length} are left`,
        offset,
        hex: hex(rest),
      };
      return;
    }
    yield { offset, frame: rest.subarray(0, length) };
    offset += length;
  }
}

function attempt<T>(piece: Piece, work: (frame: Uint8Array) => T): T | BadFrame {
  try {
    return work(piece.frame);
  } catch (error) {
    return bad(error, piece.offset, piece.frame);
  }
}

function roundtrip(frame: Uint8Array, offset: number): RoundtrippedFrame | BadFrame {
  const decoded = decodeFrame(frame);
  const again = encodeFrame(decoded);
  const first = frame.findIndex((byte, i) => byte !== again[i]);
  if (first < 0 && again.length === frame.length) {
    return { type: decoded.message.name, offset, bytes: frame.length, same: true };
  }
  const where = first < 0 ? Math.min(frame.length, again.length) : first;
  return { error: `encoding gives other bytes from byte ${where} of the frame on`, offset, hex: hex(frame) };
}

function bad(error: unknown, offset: number, frame: Uint8Array): BadFrame {
  if (!(error instanceof IsothermError)) throw error;
  return { error: error.message, offset, hex: hex(frame) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, KEPT_BYTES)).toString('hex').toUpperCase();
}

function describeTags(report: MessageOf<'RO_ACCESS_REPORT'>): DescribedTag[] {
  return parametersOf(report, 'TagReportData').map(describeTag);
}

function describeTag(tag: ParameterOf<'TagReportData'>): DescribedTag {
  const long = parameterOf(tag, 'EPCData')?.EPC;
  const epc = parameterOf(tag, 'EPC_96')?.EPC ?? long?.hex ?? '';
  const impinj = impinjTagData(tag);
  return {
    epc,
    bits: long?.bits ?? epc.length * 4,
    ...given('antenna', parameterOf(tag, 'AntennaID')?.AntennaID),
    ...given('rssi', parameterOf(tag, 'PeakRSSI')?.PeakRSSI ?? impinj.rssiDbm),
    ...given('firstSeen', instant(parameterOf(tag, 'FirstSeenTimestampUTC')?.Microseconds)),
    ...given('lastSeen', instant(parameterOf(tag, 'LastSeenTimestampUTC')?.Microseconds)),
    ...given('firstSeenUptime', uptime(parameterOf(tag, 'FirstSeenTimestampUptime')?.Microseconds)),
    ...given('lastSeenUptime', uptime(parameterOf(tag, 'LastSeenTimestampUptime')?.Microseconds)),
    ...given('count', parameterOf(tag, 'TagSeenCount')?.TagCount),
    ...given('phase', impinj.phaseTurns),
    ...given('doppler', impinj.dopplerHz),
    ...given('tid', impinj.tidHex ?? tidRead(tag)),
  };
}

/** What an access operation read, where it is a TID. */
function tidRead(tag: ParameterOf<'TagReportData'>): string | undefined {
  const result = parameterOf(tag, 'C1G2ReadOpSpecResult');
  if (result === undefined || result.Result !== 0) return undefined;
  const hex = result.ReadData.map((word) => word.toString(16).padStart(4, '0')).join('');
  return tidOf(hex) ?? undefined;
}

/** A field, or none where the reader did not say. */
function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

/** Beyond what a date can say (the year 275760) the microseconds themselves are shown. */
function instant(microseconds: bigint | undefined): string | undefined {
  if (microseconds === undefined) return undefined;
  const date = new Date(Number(microseconds / 1000n));
  return Number.isNaN(date.getTime()) ? `${microseconds} µs` : date.toISOString();
}

function uptime(microseconds: bigint | undefined): number | undefined {
  return microseconds === undefined ? undefined : Number(microseconds);
}

/** The message as JSON can hold it: 64-bit numbers as decimal strings. */
function plain(message: Message): unknown {
  return JSON.parse(JSON.stringify(message, (_key, value) => (typeof value === 'bigint' ? String(value) : value)));
}
