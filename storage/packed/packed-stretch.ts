import { hash } from 'node:crypto';
import { DefectError, type KeyReadings } from '../../domain/index.ts';
import { BITS_PADDING, MOST_BITS } from './bits.ts';
import { type Clock, lineOf, putTimes, readTimes, type TimeLine } from './block-times.ts';
import {
  bitsOfValue,
  formOf,
  MOST_DECIMALS,
  MOST_NUMBER,
  putValues,
  readValues,
  type ValueForm,
} from './block-values.ts';
import { type Block, PackedRun } from './packed-run.ts';

/**
 * A stretch of one key's readings in some two bytes each (docs/decisions/0167). Numbers are unsigned, the highest byte and
 * bit first:
 *
 * ```
 * stretch: u8 version | u8 unit | u24 readings | u16 blocks | u32 check | headers of blocks | numbers of blocks | 4 zero bytes
 * block:   u8 readings - 1 | u8 bits of a time | u8 form | u8 bits of a value
 *          u32 first | u32 span | u32 below | u48 base + 2^47 | u24 byte its numbers begin at
 * form:    decimals, + 16 of float32, + 32 with -0, + 64 raw
 * numbers of a block: of all times, then of all values, then of raw the low halves
 * ```
 *
 * A block is read without what is before it, and a number without its neighbours: PostgreSQL's `bit varying` gives it by
 * itself, so that SQL reads a stretch too (`migration 0710`).
 */
const VERSION = 1;
const STRETCH_BYTES = 11;
const BLOCK_BYTES = 25;
const CHECK_AT = 7;
const CHECK_BYTES = 4;
/** What its check says of whose readings they are: device, metric, first time. */
const WHOSE_BYTES = 4 + 2 + 8;
/** Where its numbers begin is in three bytes. */
const MOST_BYTES = 2 ** 24;
const BASE_BIAS = MOST_NUMBER + 1;

/** Fewer, and the headers weigh; more, and one odd reading widens all. A count of 256 is the most a header holds. */
const BLOCK_READINGS = 128;

/** Columns of so many are not made for what a damaged stretch says of itself. */
export const MOST_READINGS = 2 ** 18;

/** From the first reading to the last, in units: what four bytes hold. */
const MOST_UNITS = 2 ** 32 - 1;

/** What clocks count in, ms. All times of a stretch are whole numbers of its unit from the first on. */
const UNITS: readonly number[] = [1, 10, 100, 1_000, 60_000];

/** Whose readings they are, and from when. */
export interface StretchKey {
  /** `devices.id`. */
  readonly deviceId: number;
  /** Code of the metric. */
  readonly metric: number;
  /** Time of the first reading, epoch ms UTC. */
  readonly since: number;
}

/** Where everything of a stretch goes, before a byte of it is written. */
export interface StretchLayout {
  readonly key: StretchKey;
  readonly count: number;
  /** Index of the unit of its times. */
  readonly unit: number;
  /** In units since its first. */
  readonly times: Float64Array;
  readonly value: Float64Array;
  /** Of each block. */
  readonly lines: readonly TimeLine[];
  readonly forms: readonly ValueForm[];
  /** Byte that each block's numbers begin at. */
  readonly offsets: readonly number[];
  /** Of the whole stretch. */
  readonly bytes: number;
}

/**
 * @param readings at least one; times whole ms, ascending without two alike, the first of them the key's; values any double
 * @throws {DefectError} PACKED_READINGS_BAD
 */
export function layoutOf(key: StretchKey, { count, time, value }: KeyReadings): StretchLayout {
  const { unit, times } = unitsOf(key, count, time);
  const lines: TimeLine[] = [];
  const forms: ValueForm[] = [];
  let bytes = STRETCH_BYTES + Math.ceil(count / BLOCK_READINGS) * BLOCK_BYTES;
  const offsets: number[] = [];
  for (let from = 0; from < count; from += BLOCK_READINGS) {
    const to = Math.min(count, from + BLOCK_READINGS);
    const line = lineOf(times, from, to);
    const form = formOf(value, from, to);
    lines.push(line);
    forms.push(form);
    offsets.push(bytes);
    bytes += Math.ceil(((to - from) * (line.width + bitsOfValue(form))) / 8);
  }
  if (bytes > MOST_BYTES) throw unfit(key, `${bytes} bytes, allowed: ${MOST_BYTES}`);
  return { key, count, unit, times, value, lines, forms, offsets, bytes: bytes + BITS_PADDING };
}

/** As {@link layoutOf}, and written. */
export function packStretch(key: StretchKey, readings: KeyReadings): Buffer {
  return written(layoutOf(key, readings));
}

/** The stretch that a layout is of. */
export function written({ key, count, unit, times, value, lines, forms, offsets, bytes }: StretchLayout): Buffer {
  const packed = Buffer.alloc(bytes);
  const view = viewOf(packed);
  packed.writeUInt8(VERSION, 0);
  packed.writeUInt8(unit, 1);
  packed.writeUIntBE(count, 2, 3);
  packed.writeUInt16BE(lines.length, 5);
  for (const [block, line] of lines.entries()) {
    const form = forms[block] as ValueForm;
    const from = block * BLOCK_READINGS;
    const to = Math.min(count, from + BLOCK_READINGS);
    const offset = offsets[block] as number;
    writeHeader(packed, STRETCH_BYTES + block * BLOCK_BYTES, to - from, line, form, offset);
    putTimes(view, offset * 8, line, times, from, to);
    putValues(view, offset * 8 + (to - from) * line.width, form, value, from, to);
  }
  packed.writeUInt32BE(checkOf(key, packed), CHECK_AT);
  return packed;
}

/** Inverse of {@link packStretch}. @throws {DefectError} PACKED_STRETCH_DAMAGED, PACKED_STRETCH_NEWER */
export function unpackStretch(key: StretchKey, packed: Buffer): KeyReadings {
  const count = readingsOf(key, packed);
  const readings = { count, time: new Float64Array(count), value: new Float64Array(count) };
  unpackInto(key, packed, readings, 0);
  return readings;
}

/** How many readings it says it holds. @throws {DefectError} PACKED_STRETCH_DAMAGED */
export function readingsOf(key: StretchKey, packed: Buffer): number {
  if (packed.length < STRETCH_BYTES + BITS_PADDING) throw damaged(key, `${packed.length} bytes`);
  const count = packed.readUIntBE(2, 3);
  if (count > MOST_READINGS) throw damaged(key, `${count} readings`);
  return count;
}

/**
 * Into columns of many stretches, from `at` on.
 * @returns behind the last
 * @throws {DefectError} PACKED_STRETCH_DAMAGED, PACKED_STRETCH_NEWER
 */
export function unpackInto(
  key: StretchKey,
  packed: Buffer,
  { time, value }: Pick<KeyReadings, 'time' | 'value'>,
  at: number,
): number {
  const { view, clock, blocks } = open(key, packed);
  let into = at;
  for (const { count, line, form, offset } of blocks) {
    const part = { from: 0, to: count, count };
    readTimes(view, offset * 8, line, part, time, into, clock);
    readValues(view, offset * 8 + count * line.width, form, part, value, into);
    into += count;
  }
  return into;
}

/** Its readings as runs, read where somebody asks. @throws {DefectError} PACKED_STRETCH_DAMAGED, PACKED_STRETCH_NEWER */
export function runsOfStretch(key: StretchKey, packed: Buffer): PackedRun[] {
  const { view, clock, blocks } = open(key, packed);
  return blocks.map((block) => new PackedRun(view, block, clock));
}

/** Where its numbers are, once its check and its headers are found right. */
function open(key: StretchKey, packed: Buffer): { view: DataView; clock: Clock; blocks: Block[] } {
  const count = readingsOf(key, packed);
  if (checkOf(key, packed) !== packed.readUInt32BE(CHECK_AT)) throw damaged(key, 'its check differs');
  const version = packed.readUInt8(0);
  if (version !== VERSION) {
    throw new DefectError('PACKED_STRETCH_NEWER', `${named(key)} is of form ${version}, known: ${VERSION}`, { ...key });
  }
  const unit = UNITS[packed.readUInt8(1)];
  if (unit === undefined) throw damaged(key, 'no such unit');
  const view = viewOf(packed);
  const blocks: Block[] = [];
  let readings = 0;
  for (let nth = 0; nth < packed.readUInt16BE(5); nth++) {
    const header = STRETCH_BYTES + nth * BLOCK_BYTES;
    if (header + BLOCK_BYTES > packed.length - BITS_PADDING) throw damaged(key, 'its headers reach out of it');
    const block = readHeader(view, header);
    const { line, form, offset } = block;
    const bits = block.count * (line.width + bitsOfValue(form));
    // Whoever wrote it made the check of it too: numbers that cannot be are a fault of his, and not of who reads.
    const isNumber = line.width <= MOST_BITS && form.width <= MOST_BITS && form.decimals <= MOST_DECIMALS;
    readings += block.count;
    if (!isNumber || offset * 8 + bits > (packed.length - BITS_PADDING) * 8 || readings > count) {
      throw damaged(key, `its block ${nth} is none`);
    }
    blocks.push(block);
  }
  if (readings !== count) throw damaged(key, `${readings} readings instead of ${count}`);
  return { view, clock: { unit, since: key.since }, blocks };
}

function writeHeader(
  packed: Buffer,
  at: number,
  readings: number,
  line: TimeLine,
  form: ValueForm,
  offset: number,
): void {
  packed.writeUInt8(readings - 1, at);
  packed.writeUInt8(line.width, at + 1);
  packed.writeUInt8(
    form.decimals +
      (form.kind === 'float32' ? FLOAT32 : 0) +
      (form.hasMinusZero ? MINUS_ZERO : 0) +
      (form.kind === 'raw' ? RAW : 0),
    at + 2,
  );
  packed.writeUInt8(form.width, at + 3);
  packed.writeUInt32BE(line.first, at + 4);
  packed.writeUInt32BE(line.span, at + 8);
  packed.writeUInt32BE(line.below, at + 12);
  packed.writeUIntBE(form.base + BASE_BIAS, at + 16, 6);
  packed.writeUIntBE(offset, at + 22, 3);
}

const DECIMALS = 15;
const FLOAT32 = 16;
const MINUS_ZERO = 32;
const RAW = 64;

function readHeader(view: DataView, at: number): Block {
  const form = view.getUint8(at + 2);
  // The base has six bytes, what its numbers begin at has three.
  const [high, middle, low] = [view.getUint16(at + 16), view.getUint32(at + 18), view.getUint32(at + 21)];
  return {
    count: view.getUint8(at) + 1,
    line: {
      width: view.getUint8(at + 1),
      first: view.getUint32(at + 4),
      span: view.getUint32(at + 8),
      below: view.getUint32(at + 12),
    },
    form: {
      kind: (form & RAW) !== 0 ? 'raw' : (form & FLOAT32) !== 0 ? 'float32' : 'decimals',
      decimals: form & DECIMALS,
      hasMinusZero: (form & MINUS_ZERO) !== 0,
      width: view.getUint8(at + 3),
      base: high * 2 ** 32 + middle - BASE_BIAS,
    },
    offset: low & 0xffffff,
  };
}

/** @returns the times in the largest unit that they all are whole numbers of, from the first on */
function unitsOf(key: StretchKey, count: number, time: Float64Array): { unit: number; times: Float64Array } {
  if (count < 1 || count > MOST_READINGS) throw unfit(key, `${count} readings, allowed: 1 to ${MOST_READINGS}`);
  if (time[0] !== key.since) throw unfit(key, `the first reading is of ${time[0]}`);
  const times = new Float64Array(count);
  let unit = UNITS.length - 1;
  let before = -1;
  for (let i = 0; i < count; i++) {
    const since = (time[i] as number) - key.since;
    if (!(since > before && since <= MOST_UNITS && Number.isInteger(since))) {
      throw unfit(
        key,
        `given ${time[i]} at ${i}, allowed: whole ms, each after the one before, within ${MOST_UNITS} ms`,
      );
    }
    times[i] = since;
    before = since;
    // Whole and of 32 bits by now: a remainder of doubles costs ten times that of whole numbers.
    while ((since >>> 0) % (UNITS[unit] as number) !== 0) unit--;
  }
  const ms = UNITS[unit] as number;
  if (ms !== 1) for (let i = 0; i < count; i++) times[i] = (times[i] as number) / ms;
  return { unit, times };
}

/**
 * Of whose readings they are and of all bytes but its own: the first four of SHA-256, which PostgreSQL has as well. A
 * stretch that lies under another's key does not pass.
 */
function checkOf({ deviceId, metric, since }: StretchKey, packed: Buffer): number {
  const hashed = Buffer.allocUnsafe(WHOSE_BYTES + packed.length - CHECK_BYTES);
  hashed.writeInt32BE(deviceId, 0);
  hashed.writeInt16BE(metric, 4);
  hashed.writeBigInt64BE(BigInt(since), 6);
  packed.copy(hashed, WHOSE_BYTES, 0, CHECK_AT);
  packed.copy(hashed, WHOSE_BYTES + CHECK_AT, CHECK_AT + CHECK_BYTES);
  // At one call: a stretch is small, and what is made for a hash of many parts costs as much as hashing it.
  return hash('sha256', hashed, 'buffer').readUInt32BE();
}

function named({ deviceId, metric, since }: StretchKey): string {
  const from = Number.isInteger(since) ? new Date(since).toISOString() : String(since);
  return `the stretch from ${from} of device number ${deviceId}, metric ${metric}`;
}

function damaged(key: StretchKey, reason: string): DefectError {
  return new DefectError('PACKED_STRETCH_DAMAGED', `${named(key)} is damaged: ${reason}`, { ...key });
}

function unfit(key: StretchKey, reason: string): DefectError {
  return new DefectError('PACKED_READINGS_BAD', `${named(key)} cannot be packed: ${reason}`, { ...key });
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
