import { bitWidth, fixedBytes } from './decode.ts';
import { FRAME_CAP_BYTES, HEADER_BYTES, malformed } from './frame.ts';
import { IMPINJ, IMPINJ_PARAMETER } from './impinj.ts';
import { parameterLayoutByNumber } from './table.ts';

const RO_ACCESS_REPORT = 61;
const TAG_REPORT_DATA = 240;
const EPC_DATA = 241;
const READ_RESULT = 349;
const CUSTOM = 1023;

/** TV numbers of what becomes a column. */
const TV_ANTENNA = 1;
const TV_FIRST_SEEN = 2;
const TV_FIRST_SEEN_UPTIME = 3;
const TV_LAST_SEEN = 4;
const TV_LAST_SEEN_UPTIME = 5;
const TV_PEAK_RSSI = 6;
const TV_COUNT = 8;
const TV_EPC96 = 13;

/** Bytes of each TV parameter after its type byte, by number; 0 where the table knows none. */
const TV_BYTES = tvBytes();

/** Flags of a row: what the reader said. */
export const TAG = {
  hasAntenna: 1,
  hasRssi: 2,
  hasFirst: 4,
  hasLast: 8,
  hasCount: 16,
  isUptime: 32,
  hasPhase: 64,
  hasDoppler: 128,
} as const;

/** Beside the flags of a row while it is decoded: Impinj's RSSI is there and the coarse one must not replace it. */
const HAS_FINE_RSSI = 0x100;
/** Likewise: an EPCData has been read. */
const HAS_LONG_EPC = 0x200;

/** A tag report takes at least 11 bytes (TagReportData with an EPCData of no bits); more rows than this cannot be. */
const MOST_ROWS = Math.floor((FRAME_CAP_BYTES - HEADER_BYTES) / 4);

/**
 * The tag reports of one RO_ACCESS_REPORT as columns: row i of each array is one TagReportData. Reused from frame to
 * frame, so that decoding allocates nothing per tag; `epcAt` points into `bytes`, the frame itself.
 * A value whose flag is not set in `flags` is absent and its cell is stale.
 */
export class TagColumns {
  count = 0;
  /** Rows filled while a frame is being decoded. */
  rows = 0;
  bytes: Uint8Array = new Uint8Array(0);
  /** The whole buffer that `bytes` lies in. */
  view: DataView = new DataView(this.bytes.buffer);
  flags = new Uint8Array(256);
  /** Where the EPC starts in `bytes`, and its length in bits. */
  epcAt = new Uint32Array(256);
  epcBits = new Uint16Array(256);
  antenna = new Uint16Array(256);
  /** Hundredths of a dBm: PeakRSSI times 100, or Impinj's finer one. */
  rssi = new Int16Array(256);
  /** Microseconds: since 1970 UTC, or since the reader started where `isUptime` is set. */
  firstSeen = new Float64Array(256);
  lastSeen = new Float64Array(256);
  seen = new Uint16Array(256);
  /** 4096ths of a turn. */
  phase = new Uint16Array(256);
  /** Sixteenths of a hertz. */
  doppler = new Int16Array(256);
  /** Where the TID starts in `bytes`, and its length in words; 0: none was read. */
  tidAt = new Uint32Array(256);
  tidWords = new Uint16Array(256);

  /** Empties it and points it at a frame. Frames of one stream share a buffer, so the view seldom changes. */
  open(frame: Uint8Array): void {
    this.count = 0;
    this.bytes = frame;
    if (this.view.buffer !== frame.buffer) this.view = new DataView(frame.buffer);
  }

  /** EPC of a row as upper-case hex, whole bytes. */
  epcHex(row: number): string {
    const from = this.epcAt[row] ?? 0;
    const length = ((this.epcBits[row] ?? 0) + 7) >> 3;
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, length)
      .toString('hex')
      .toUpperCase();
  }

  /** TID of a row as upper-case hex; empty where none was read. */
  tidHex(row: number): string {
    const length = (this.tidWords[row] ?? 0) * 2;
    if (length === 0) return '';
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + (this.tidAt[row] ?? 0), length)
      .toString('hex')
      .toUpperCase();
  }

  grow(): void {
    const rows = Math.min(MOST_ROWS, this.flags.length * 2);
    this.flags = grown(this.flags, new Uint8Array(rows));
    this.epcAt = grown(this.epcAt, new Uint32Array(rows));
    this.epcBits = grown(this.epcBits, new Uint16Array(rows));
    this.antenna = grown(this.antenna, new Uint16Array(rows));
    this.rssi = grown(this.rssi, new Int16Array(rows));
    this.firstSeen = grown(this.firstSeen, new Float64Array(rows));
    this.lastSeen = grown(this.lastSeen, new Float64Array(rows));
    this.seen = grown(this.seen, new Uint16Array(rows));
    this.phase = grown(this.phase, new Uint16Array(rows));
    this.doppler = grown(this.doppler, new Int16Array(rows));
    this.tidAt = grown(this.tidAt, new Uint32Array(rows));
    this.tidWords = grown(this.tidWords, new Uint16Array(rows));
  }
}

/**
 * The fast path of a portal: one RO_ACCESS_REPORT frame straight into columns, no object per tag or parameter.
 * Of a frame that `decodeFrame` takes it gives the same tags; inside parameters that are no columns it looks no deeper
 * than their length.
 *
 * @param frame exactly one frame, header included (its header has been read by the framer)
 * @returns rows decoded, also in `into.count`; 0 for an empty report, which is normal
 * @throws {InputError} LLRP_FRAME_MALFORMED; `into` then holds nothing
 */
export function decodeTags(frame: Uint8Array, into: TagColumns): number {
  into.open(frame);
  const end = frame.byteOffset + frame.length;
  let at = frame.byteOffset + HEADER_BYTES;
  let rows = 0;
  while (at < end) {
    const room = into.flags.length;
    at = decodeRows(at, end, into, rows);
    rows = into.rows;
    if (at < end && rows === room) into.grow();
  }
  into.count = rows;
  return rows;
}

/** Whether a frame is an RO_ACCESS_REPORT, from its header alone. */
export function isTagReport(frame: Uint8Array): boolean {
  return ((((frame[0] ?? 0) << 8) | (frame[1] ?? 0)) & 0x3ff) === RO_ACCESS_REPORT;
}

/**
 * Decodes tags from `at` on until the frame ends or the columns are full; answers where it stopped, rows in `into.rows`.
 * Offsets count from the start of the view's buffer. One long function with the columns at hand: each call or property
 * in here would cost a tenth of the rate.
 */
function decodeRows(start: number, end: number, into: TagColumns, firstRow: number): number {
  const { view, bytes: frame, epcAt, epcBits, antenna, rssi, firstSeen, lastSeen, seen, tidWords } = into;
  const allFlags = into.flags;
  const base = frame.byteOffset;
  const room = allFlags.length;
  let row = firstRow;
  let next = start;
  while (next < end && row < room) {
    if (view.getUint8(next) & 0x80) {
      next += 1 + tvLength(view, next, end, frame);
      continue;
    }
    const number = tlvNumber(view, next, end, frame);
    let at = next + 4;
    next += tlvLength(view, next, end, frame);
    if (number !== TAG_REPORT_DATA) continue;
    let flags = 0;
    let epcFrom = -1;
    tidWords[row] = 0;
    while (at < next) {
      const type = view.getUint8(at);
      if (type < 0x80) {
        flags = decodeLong(view, at, next, into, row, flags, frame);
        at += view.getUint16(at + 2);
        continue;
      }
      const value = at + 1;
      at = value + (TV_BYTES[type & 0x7f] as number);
      if (at > next || at === value) tvLength(view, value - 1, next, frame);
      switch (type & 0x7f) {
        case TV_ANTENNA:
          antenna[row] = view.getUint16(value);
          flags |= TAG.hasAntenna;
          break;
        case TV_FIRST_SEEN:
          firstSeen[row] = view.getUint32(value) * 0x1_0000_0000 + view.getUint32(value + 4);
          flags = (flags | TAG.hasFirst) & ~TAG.isUptime;
          break;
        case TV_FIRST_SEEN_UPTIME:
          if (flags & TAG.hasFirst) break;
          firstSeen[row] = view.getUint32(value) * 0x1_0000_0000 + view.getUint32(value + 4);
          flags |= TAG.hasFirst | TAG.isUptime;
          break;
        case TV_LAST_SEEN:
          lastSeen[row] = view.getUint32(value) * 0x1_0000_0000 + view.getUint32(value + 4);
          flags |= TAG.hasLast;
          break;
        case TV_LAST_SEEN_UPTIME:
          if (flags & TAG.hasLast) break;
          lastSeen[row] = view.getUint32(value) * 0x1_0000_0000 + view.getUint32(value + 4);
          flags |= TAG.hasLast | TAG.isUptime;
          break;
        case TV_PEAK_RSSI:
          if (flags & HAS_FINE_RSSI) break;
          rssi[row] = view.getInt8(value) * 100;
          flags |= TAG.hasRssi;
          break;
        case TV_COUNT:
          seen[row] = view.getUint16(value);
          flags |= TAG.hasCount;
          break;
        case TV_EPC96:
          epcFrom = value;
          break;
      }
    }
    if (epcFrom >= 0) {
      epcAt[row] = epcFrom - base;
      epcBits[row] = 96;
    } else if ((flags & HAS_LONG_EPC) === 0) {
      epcAt[row] = next - base;
      epcBits[row] = 0;
    }
    allFlags[row] = flags;
    row++;
  }
  into.rows = row;
  return next;
}

/** A TLV inside a tag report: a long EPC, the TID that an access operation read, or Impinj's Custom parameters; others are passed over by their length. */
function decodeLong(
  view: DataView,
  at: number,
  end: number,
  into: TagColumns,
  row: number,
  flags: number,
  frame: Uint8Array,
): number {
  const number = tlvNumber(view, at, end, frame);
  const length = tlvLength(view, at, end, frame);
  if (number === EPC_DATA) {
    const bits = length < 6 ? -1 : view.getUint16(at + 4);
    if (bits < 0 || 6 + ((bits + 7) >> 3) > length) {
      throw malformed('EPCData (241) ends before its fields do', at - frame.byteOffset);
    }
    into.epcAt[row] = at + 6 - frame.byteOffset;
    into.epcBits[row] = bits;
    return flags | HAS_LONG_EPC;
  }
  if (number === READ_RESULT) {
    // Result, OpSpecID, a count of words: the gateway asks for nothing but the TID (gateways/rospec.ts).
    if (length < 9 || 9 + view.getUint16(at + 7) * 2 > length) {
      throw malformed('C1G2ReadOpSpecResult (349) ends before its fields do', at - frame.byteOffset);
    }
    if (view.getUint8(at + 4) === 0) keepTid(view, at + 7, into, row);
    return flags;
  }
  if (number !== CUSTOM || length < 14 || view.getUint32(at + 4) !== IMPINJ) return flags;
  const subtype = view.getUint32(at + 8);
  if (subtype === IMPINJ_PARAMETER.peakRssi) {
    into.rssi[row] = view.getInt16(at + 12);
    return flags | TAG.hasRssi | HAS_FINE_RSSI;
  }
  if (subtype === IMPINJ_PARAMETER.rfPhaseAngle) {
    into.phase[row] = view.getUint16(at + 12);
    return flags | TAG.hasPhase;
  }
  if (subtype === IMPINJ_PARAMETER.rfDopplerFrequency) {
    into.doppler[row] = view.getInt16(at + 12);
    return flags | TAG.hasDoppler;
  }
  if (subtype === IMPINJ_PARAMETER.serializedTid && 14 + view.getUint16(at + 12) * 2 <= length) {
    keepTid(view, at + 12, into, row);
  }
  return flags;
}

/** A count of words at `at`, and so many words. */
function keepTid(view: DataView, at: number, into: TagColumns, row: number): void {
  into.tidAt[row] = at + 2 - into.bytes.byteOffset;
  into.tidWords[row] = view.getUint16(at);
}

function tlvNumber(view: DataView, at: number, end: number, frame: Uint8Array): number {
  if (end - at < 4) throw malformed(`${end - at} bytes left where a parameter should start`, at - frame.byteOffset);
  return view.getUint16(at) & 0x3ff;
}

function tlvLength(view: DataView, at: number, end: number, frame: Uint8Array): number {
  const length = view.getUint16(at + 2);
  if (length < 4 || at + length > end) {
    const number = view.getUint16(at) & 0x3ff;
    throw malformed(`parameter ${number} says ${length} bytes, ${end - at} are left`, at - frame.byteOffset);
  }
  return length;
}

/** Bytes after the type byte of the TV parameter at `at`. */
function tvLength(view: DataView, at: number, end: number, frame: Uint8Array): number {
  const number = view.getUint8(at) & 0x7f;
  const length = TV_BYTES[number] as number;
  const offset = at - frame.byteOffset;
  if (length === 0) throw malformed(`unknown TV parameter ${number}, whose length cannot be known`, offset);
  if (at + 1 + length > end) throw malformed(`parameter ${number} ends after what holds it`, offset);
  return length;
}

function tvBytes(): Uint8Array {
  const bytes = new Uint8Array(128);
  for (let number = 1; number < 128; number++) {
    const fields = parameterLayoutByNumber(number)?.fields ?? [];
    const bits = fields.reduce((sum, [, kind]) => sum + bitWidth(kind) + fixedBytes(kind) * 8, 0);
    bytes[number] = bits >> 3;
  }
  return bytes;
}

function grown<T extends { set(from: T): void }>(from: T, into: T): T {
  into.set(from);
  return into;
}
