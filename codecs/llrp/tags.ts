import { bitWidth, fixedBytes } from './decode.ts';
import { FRAME_CAP_BYTES, HEADER_BYTES, malformed } from './frame.ts';
import { IMPINJ, IMPINJ_PARAMETER } from './impinj.ts';
import { parameterLayoutByNumber } from './table.ts';

const RO_ACCESS_REPORT = 61;
const TAG_REPORT_DATA = 240;
const EPC_DATA = 241;
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

/** A tag report takes at least 11 bytes (TagReportData with an EPCData of no bits); more rows than this cannot be. */
const MOST_ROWS = Math.floor((FRAME_CAP_BYTES - HEADER_BYTES) / 4);

/**
 * The tag reports of one RO_ACCESS_REPORT as columns: row i of each array is one TagReportData. Reused from frame to
 * frame, so that decoding allocates nothing per tag; `epcAt` points into `bytes`, the frame itself.
 * A value whose flag is not set in `flags` is absent and its cell is stale.
 */
export class TagColumns {
  count = 0;
  bytes: Uint8Array = new Uint8Array(0);
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

  /** EPC of a row as upper-case hex, whole bytes. */
  epcHex(row: number): string {
    const from = this.epcAt[row] ?? 0;
    const length = ((this.epcBits[row] ?? 0) + 7) >> 3;
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, length)
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
  into.count = 0;
  into.bytes = frame;
  const end = frame.length;
  let rows = 0;
  let at = HEADER_BYTES;
  while (at < end) {
    if ((frame[at] as number) & 0x80) {
      at += 1 + tvLength(frame, at, end);
      continue;
    }
    const number = tlvNumber(frame, at, end);
    const after = at + tlvLength(frame, at, end, number);
    if (number === TAG_REPORT_DATA) {
      if (rows === into.flags.length) into.grow();
      decodeTag(frame, at + 4, after, into, rows);
      rows++;
    }
    at = after;
  }
  into.count = rows;
  return rows;
}

/** Whether a frame is an RO_ACCESS_REPORT, from its header alone. */
export function isTagReport(frame: Uint8Array): boolean {
  return ((((frame[0] ?? 0) << 8) | (frame[1] ?? 0)) & 0x3ff) === RO_ACCESS_REPORT;
}

function decodeTag(b: Uint8Array, from: number, end: number, into: TagColumns, row: number): void {
  let flags = 0;
  let hasFineRssi = false;
  let at = from;
  into.epcBits[row] = 0;
  into.epcAt[row] = from;
  while (at < end) {
    const type = b[at] as number;
    if (type & 0x80) {
      const number = type & 0x7f;
      const length = tvLength(b, at, end);
      switch (number) {
        case TV_EPC96:
          into.epcAt[row] = at + 1;
          into.epcBits[row] = 96;
          break;
        case TV_ANTENNA:
          into.antenna[row] = u16(b, at + 1);
          flags |= TAG.hasAntenna;
          break;
        case TV_PEAK_RSSI:
          if (!hasFineRssi) into.rssi[row] = (((b[at + 1] as number) << 24) >> 24) * 100;
          flags |= TAG.hasRssi;
          break;
        case TV_FIRST_SEEN:
          into.firstSeen[row] = u64(b, at + 1);
          flags = (flags | TAG.hasFirst) & ~TAG.isUptime;
          break;
        case TV_LAST_SEEN:
          into.lastSeen[row] = u64(b, at + 1);
          flags |= TAG.hasLast;
          break;
        case TV_COUNT:
          into.seen[row] = u16(b, at + 1);
          flags |= TAG.hasCount;
          break;
        case TV_FIRST_SEEN_UPTIME:
          if ((flags & TAG.hasFirst) === 0) {
            into.firstSeen[row] = u64(b, at + 1);
            flags |= TAG.hasFirst | TAG.isUptime;
          }
          break;
        case TV_LAST_SEEN_UPTIME:
          if ((flags & TAG.hasLast) === 0) {
            into.lastSeen[row] = u64(b, at + 1);
            flags |= TAG.hasLast | TAG.isUptime;
          }
          break;
      }
      at += 1 + length;
    } else {
      const number = tlvNumber(b, at, end);
      const after = at + tlvLength(b, at, end, number);
      if (number === EPC_DATA) {
        if (after < at + 6) throw malformed('EPCData (241) ends before its fields do', at);
        const bits = u16(b, at + 4);
        if (at + 6 + ((bits + 7) >> 3) > after) throw malformed('EPCData (241) ends before its fields do', at);
        into.epcAt[row] = at + 6;
        into.epcBits[row] = bits;
      } else if (number === CUSTOM && after >= at + 14 && u32(b, at + 4) === IMPINJ) {
        const subtype = u32(b, at + 8);
        if (subtype === IMPINJ_PARAMETER.peakRssi) {
          into.rssi[row] = (u16(b, at + 12) << 16) >> 16;
          hasFineRssi = true;
          flags |= TAG.hasRssi;
        } else if (subtype === IMPINJ_PARAMETER.rfPhaseAngle) {
          into.phase[row] = u16(b, at + 12);
          flags |= TAG.hasPhase;
        } else if (subtype === IMPINJ_PARAMETER.rfDopplerFrequency) {
          into.doppler[row] = (u16(b, at + 12) << 16) >> 16;
          flags |= TAG.hasDoppler;
        }
      }
      at = after;
    }
  }
  into.flags[row] = flags;
}

function tlvNumber(b: Uint8Array, at: number, end: number): number {
  if (end - at < 4) throw malformed(`${end - at} bytes left where a parameter should start`, at);
  return u16(b, at) & 0x3ff;
}

/** Bytes after the type byte of the TV parameter at `at`. */
function tvLength(b: Uint8Array, at: number, end: number): number {
  const number = (b[at] as number) & 0x7f;
  const length = TV_BYTES[number] as number;
  if (length === 0) throw malformed(`unknown TV parameter ${number}, whose length cannot be known`, at);
  if (at + 1 + length > end) throw malformed(`parameter ${number} ends after what holds it`, at);
  return length;
}

function tlvLength(b: Uint8Array, at: number, end: number, number: number): number {
  const length = u16(b, at + 2);
  if (length < 4 || at + length > end) {
    throw malformed(`parameter ${number} says ${length} bytes, ${end - at} are left`, at);
  }
  return length;
}

// The callers have checked that the bytes are there.
function u16(b: Uint8Array, at: number): number {
  return ((b[at] as number) << 8) | (b[at + 1] as number);
}

function u32(b: Uint8Array, at: number): number {
  return u16(b, at) * 0x10000 + u16(b, at + 2);
}

/** Exact up to 2^53: microseconds until the year 2255. */
function u64(b: Uint8Array, at: number): number {
  return u32(b, at) * 0x1_0000_0000 + u32(b, at + 4);
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
