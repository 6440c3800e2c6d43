import {
  type CompleteUntil,
  DEVICE_ID,
  type GatewayBatch,
  type GpiEvent,
  InputError,
  type ReadGap,
  type ReadingColumns,
  type ShownLight,
  type Sighting,
  TID_BYTES,
  tidOf,
  withTids,
} from '../../domain/index.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

/** First byte of every batch. A reader refuses versions it does not know. */
export const BATCH_VERSION = 1;

/** Flag bits: a section of readings, of lights that were shown, of tags' own numbers follows. All other bits are zero in version 1. */
const HAS_READINGS = 0x01;
const HAS_SHOWN = 0x02;
const HAS_TIDS = 0x04;
const FLAGS = HAS_READINGS | HAS_SHOWN | HAS_TIDS;

/** Bytes of UTF-8. Reader names are the gateway's own; gateway and device ids match DEVICE_ID. */
const NAME_BYTES = 255;
const REASON_BYTES = 1024;

/** 9999-12-31T23:59:59.999Z: so that differences of two times stay exact. */
const LATEST_TIME = 253_402_300_799_999;

/** Hundredths of a dBm; this one says that the reader gave none. */
const NO_RSSI = -32_768;

/** Fewest bytes an item can take, for refusing counts that cannot fit. */
const SIGHTING_BYTES = 8;
const GPI_BYTES = 4;
const GAP_BYTES = 4;
const COMPLETE_BYTES = 2;
const READING_BYTES = 11;
const SHOWN_BYTES = 7;
const TID_ENTRY_BYTES = 2 + TID_BYTES.least;

/** Lights by their number. */
const LIGHTS = ['green', 'amber', 'red'] as const satisfies readonly ShownLight['light'][];

export interface DecodedBatch {
  readonly batch: GatewayBatch;
  /** null where the batch has no readings section. */
  readonly readings: ReadingColumns | null;
}

/**
 * A batch as bytes (docs/batch.md). RSSI is rounded to 0.01 dBm; everything else comes back as it was.
 *
 * @param readings without them the batch is what the log's `trace` family keeps
 * @throws {InputError} BATCH_* where a field cannot be said in this format
 */
export function encodeBatch(batch: GatewayBatch, readings: ReadingColumns | null = null): Uint8Array {
  const out = new ByteWriter();
  out.u8(BATCH_VERSION);
  const { shown = [] } = batch;
  const hasTids = batch.sightings.some(({ tids = [] }) => tids.length > 0);
  out.u8((readings === null ? 0 : HAS_READINGS) | (shown.length === 0 ? 0 : HAS_SHOWN) | (hasTids ? HAS_TIDS : 0));
  writeId(out, batch.gateway, 'gateway');
  if (batch.sequence < 1) throw unsayable('sequence', batch.sequence, 'from 1');
  out.varint(batch.sequence, 'sequence');
  out.varint(checkedTime(batch.at, 'made-at'), 'made-at');
  const readers = writeReaders(out, batch);
  writeSightings(out, batch, readers);
  writeGpi(out, batch, readers);
  writeGaps(out, batch, readers);
  writeComplete(out, batch, readers);
  if (readings !== null) writeReadings(out, batch.at, readings);
  if (shown.length > 0) writeShown(out, batch.at, shown);
  if (hasTids) writeTids(out, batch.sightings);
  return out.finish();
}

/**
 * Inverse of {@link encodeBatch}. Memory is bounded by a small multiple of `bytes.length`, whatever the bytes say.
 * Metric codes and values are handed on as they are, known or not.
 *
 * @throws {InputError} BATCH_MALFORMED with the offset; BATCH_VERSION_UNKNOWN
 */
export function decodeBatch(bytes: Uint8Array): DecodedBatch {
  const input = new ByteReader(bytes);
  const version = input.u8('the version');
  if (version !== BATCH_VERSION) {
    throw new InputError('BATCH_VERSION_UNKNOWN', `gateway batch version ${version}; known: ${BATCH_VERSION}`, {
      version,
      offset: 0,
    });
  }
  const flags = input.u8('the flags');
  if ((flags & ~FLAGS) !== 0) throw input.fail(`flags ${flags}; known: ${FLAGS}`);
  const gateway = readId(input, 'the gateway id');
  const sequence = input.varint('the sequence');
  if (sequence < 1) throw input.fail('the sequence is 0; it counts from 1');
  const at = readTime(input, 0, input.varint('made-at'));
  const readers = readNames(input, NAME_BYTES, 'readers');
  let sightings = readSightings(input, at, readers);
  const rest = {
    gpi: readGpi(input, at, readers),
    gaps: readGaps(input, at, readers),
    complete: readComplete(input, at, readers),
  };
  const readings = (flags & HAS_READINGS) === 0 ? null : readReadings(input, at);
  const shown = (flags & HAS_SHOWN) === 0 ? [] : readShown(input, at);
  if ((flags & HAS_TIDS) !== 0) sightings = readTids(input, sightings);
  if (input.remaining > 0) throw input.fail(`${input.remaining} bytes follow the last section`);
  const batch: GatewayBatch = { gateway, sequence, at, sightings, ...rest, ...(shown.length > 0 && { shown }) };
  return { batch, readings };
}

type Dictionary = ReadonlyMap<string, number>;

function writeReaders(out: ByteWriter, batch: GatewayBatch): Dictionary {
  const index = new Map<string, number>();
  for (const list of [batch.sightings, batch.gpi, batch.gaps, batch.complete]) {
    for (const { reader } of list) if (!index.has(reader)) index.set(reader, index.size);
  }
  out.varint(index.size, 'readers');
  for (const reader of index.keys()) {
    if (reader === '') throw unsayable('reader', '""', 'a name');
    out.text(reader, NAME_BYTES, 'reader');
  }
  return index;
}

function writeSightings(out: ByteWriter, batch: GatewayBatch, readers: Dictionary): void {
  const { sightings } = batch;
  out.varint(sightings.length, 'sightings');
  for (const sighting of sightings) out.varint(readers.get(sighting.reader) ?? -1, 'reader');
  for (const sighting of sightings) out.varint(sighting.antenna, 'antenna');
  for (const sighting of sightings) out.varint(sighting.epcBits, 'EPC length');
  let previous = batch.at;
  for (const { firstSeen } of sightings) {
    out.zigzag(checkedTime(firstSeen, 'firstSeen') - previous, 'firstSeen');
    previous = firstSeen;
  }
  for (const { firstSeen, lastSeen } of sightings) {
    out.zigzag(checkedTime(lastSeen, 'lastSeen') - firstSeen, 'lastSeen');
  }
  for (const { count } of sightings) out.varint(count, 'count');
  for (const { rssiDbm } of sightings) out.i16(hundredths(rssiDbm));
  for (const { epcHex, epcBits } of sightings) {
    if (epcHex.length !== Math.ceil(epcBits / 8) * 2 || !/^[0-9A-F]*$/.test(epcHex)) {
      throw unsayable('EPC', epcHex, `upper-case hex of ${epcBits} bits in whole bytes`);
    }
    out.bytes(Buffer.from(epcHex, 'hex'));
  }
}

function readSightings(input: ByteReader, at: number, readers: readonly string[]): Sighting[] {
  const count = input.count(SIGHTING_BYTES, 'sightings');
  const reader = columnOf(count, () => readerAt(input, readers));
  const antenna = columnOf(count, () => input.varint('an antenna'));
  const bits = columnOf(count, () => input.varint('an EPC length'));
  let previous = at;
  const firstSeen = columnOf(count, () => {
    previous = readTime(input, previous, input.zigzag('a firstSeen'));
    return previous;
  });
  const lastSeen = firstSeen.map((first) => readTime(input, first, input.zigzag('a lastSeen')));
  const counts = columnOf(count, () => input.varint('a count'));
  const rssi = columnOf(count, () => input.i16('an RSSI'));
  return reader.map((name, i) => {
    const epcBits = bits[i] ?? 0;
    const epc = input.bytes(Math.ceil(epcBits / 8), 'an EPC');
    const hundredth = rssi[i] ?? NO_RSSI;
    return {
      reader: name,
      antenna: antenna[i] ?? 0,
      epcHex: Buffer.from(epc.buffer, epc.byteOffset, epc.byteLength).toString('hex').toUpperCase(),
      epcBits,
      firstSeen: firstSeen[i] ?? 0,
      lastSeen: lastSeen[i] ?? 0,
      count: counts[i] ?? 0,
      rssiDbm: hundredth === NO_RSSI ? null : hundredth / 100,
    };
  });
}

function writeGpi(out: ByteWriter, batch: GatewayBatch, readers: Dictionary): void {
  out.varint(batch.gpi.length, 'GPI events');
  for (const event of batch.gpi) {
    out.varint(readers.get(event.reader) ?? -1, 'reader');
    out.varint(event.port, 'GPI port');
    out.u8(event.isHigh ? 1 : 0);
    out.zigzag(checkedTime(event.at, 'GPI time') - batch.at, 'GPI time');
  }
}

function readGpi(input: ByteReader, at: number, readers: readonly string[]): GpiEvent[] {
  return columnOf(input.count(GPI_BYTES, 'GPI events'), () => {
    const reader = readerAt(input, readers);
    const port = input.varint('a GPI port');
    const level = input.u8('a GPI level');
    if (level > 1) throw input.fail(`a GPI level is ${level}; allowed: 0, 1`);
    return { reader, port, isHigh: level === 1, at: readTime(input, at, input.zigzag('a GPI time')) };
  });
}

function writeGaps(out: ByteWriter, batch: GatewayBatch, readers: Dictionary): void {
  out.varint(batch.gaps.length, 'gaps');
  for (const gap of batch.gaps) {
    out.varint(readers.get(gap.reader) ?? -1, 'reader');
    out.zigzag(checkedTime(gap.from, 'gap from') - batch.at, 'gap from');
    out.zigzag(checkedTime(gap.to, 'gap to') - gap.from, 'gap to');
    out.text(gap.reason, REASON_BYTES, 'gap reason');
  }
}

function readGaps(input: ByteReader, at: number, readers: readonly string[]): ReadGap[] {
  return columnOf(input.count(GAP_BYTES, 'gaps'), () => {
    const reader = readerAt(input, readers);
    const from = readTime(input, at, input.zigzag('a gap from'));
    const to = readTime(input, from, input.zigzag('a gap to'));
    return { reader, from, to, reason: input.text(REASON_BYTES, 'a gap reason') };
  });
}

function writeComplete(out: ByteWriter, batch: GatewayBatch, readers: Dictionary): void {
  out.varint(batch.complete.length, 'completeUntil');
  for (const complete of batch.complete) {
    out.varint(readers.get(complete.reader) ?? -1, 'reader');
    out.zigzag(checkedTime(complete.at, 'completeUntil') - batch.at, 'completeUntil');
  }
}

function readComplete(input: ByteReader, at: number, readers: readonly string[]): CompleteUntil[] {
  return columnOf(input.count(COMPLETE_BYTES, 'completeUntil entries'), () => {
    const reader = readerAt(input, readers);
    return { reader, at: readTime(input, at, input.zigzag('a completeUntil')) };
  });
}

function writeReadings(out: ByteWriter, at: number, readings: ReadingColumns): void {
  const { count, devices, device, metric, time, value } = readings;
  out.varint(devices.length, 'devices');
  for (const id of devices) writeId(out, id, 'device');
  out.varint(count, 'readings');
  for (let i = 0; i < count; i++) {
    const index = device[i] ?? 0;
    if (index >= devices.length) throw unsayable('device index', index, `0 to ${devices.length - 1}`);
    out.varint(index, 'device index');
  }
  for (let i = 0; i < count; i++) out.u8(metric[i] ?? 0);
  let previous = at;
  for (let i = 0; i < count; i++) {
    const next = checkedTime(time[i] ?? 0, 'reading time');
    out.zigzag(next - previous, 'reading time');
    previous = next;
  }
  for (let i = 0; i < count; i++) out.f64(value[i] ?? 0);
}

function readReadings(input: ByteReader, at: number): ReadingColumns {
  const devices = columnOf(input.count(2, 'devices'), () => readId(input, 'a device id'));
  const count = input.count(READING_BYTES, 'readings');
  const device = new Uint32Array(count);
  const metric = new Uint8Array(count);
  const time = new Float64Array(count);
  const value = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const index = input.varint('a device index');
    if (index >= devices.length) throw input.fail(`device ${index} of ${devices.length}`);
    device[i] = index;
  }
  metric.set(input.bytes(count, 'the metrics'));
  let previous = at;
  for (let i = 0; i < count; i++) {
    previous = readTime(input, previous, input.zigzag('a reading time'));
    time[i] = previous;
  }
  for (let i = 0; i < count; i++) value[i] = input.f64('a value');
  return { count, devices, device, metric, time, value };
}

function writeShown(out: ByteWriter, at: number, shown: readonly ShownLight[]): void {
  out.varint(shown.length, 'shown lights');
  for (const light of shown) {
    out.text(light.portal, NAME_BYTES, 'portal');
    out.zigzag(checkedTime(light.from, 'pass from') - at, 'pass from');
    out.zigzag(checkedTime(light.to, 'pass to') - light.from, 'pass to');
    out.zigzag(checkedTime(light.at, 'shown at') - at, 'shown at');
    out.u8(LIGHTS.indexOf(light.light));
    out.varint(light.manifest, 'manifest');
    out.text(light.reason, REASON_BYTES, 'reason');
  }
}

function readShown(input: ByteReader, at: number): ShownLight[] {
  return columnOf(input.count(SHOWN_BYTES, 'shown lights'), () => {
    const portal = input.text(NAME_BYTES, 'a portal');
    const from = readTime(input, at, input.zigzag('a pass from'));
    const to = readTime(input, from, input.zigzag('a pass to'));
    const shownAt = readTime(input, at, input.zigzag('a time shown'));
    const number = input.u8('a light');
    const light = LIGHTS[number];
    if (light === undefined) throw input.fail(`a light is ${number}; allowed: 0 to ${LIGHTS.length - 1}`);
    const manifest = input.varint('a manifest');
    return { portal, from, to, at: shownAt, light, manifest, reason: input.text(REASON_BYTES, 'a reason') };
  });
}

function writeTids(out: ByteWriter, sightings: readonly Sighting[]): void {
  const all = sightings.flatMap(({ tids = [] }, index) => tids.map((tid) => ({ index, tid })));
  out.varint(all.length, 'TIDs');
  for (const { index, tid } of all) {
    if (tidOf(tid) !== tid) throw unsayable('TID', tid, 'upper-case hex of 4 to 24 bytes, whole words, from E0 to E3');
    out.varint(index, 'sighting');
    out.u8(tid.length / 2);
    out.bytes(Buffer.from(tid, 'hex'));
  }
}

/** Bytes that are no TID are passed over: the sighting is good without. */
function readTids(input: ByteReader, sightings: readonly Sighting[]): Sighting[] {
  const all = [...sightings];
  for (let left = input.count(TID_ENTRY_BYTES, 'TIDs'); left > 0; left--) {
    const index = input.varint('a sighting');
    const sighting = all[index];
    if (sighting === undefined) throw input.fail(`sighting ${index} of ${all.length}`);
    const length = input.u8('the length of a TID');
    if (length < TID_BYTES.least || length > TID_BYTES.most) {
      throw input.fail(`a TID has ${length} bytes; allowed: ${TID_BYTES.least} to ${TID_BYTES.most}`);
    }
    const bytes = input.bytes(length, 'a TID');
    const tid = tidOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex'));
    if (tid !== null) all[index] = { ...sighting, ...withTids(sighting, { tids: [tid] }) };
  }
  return all;
}

function readNames(input: ByteReader, most: number, what: string): string[] {
  return columnOf(input.count(2, what), () => {
    const name = input.text(most, `one of the ${what}`);
    if (name === '') throw input.fail(`one of the ${what} has no name`);
    return name;
  });
}

function readerAt(input: ByteReader, readers: readonly string[]): string {
  const index = input.varint('a reader');
  const reader = readers[index];
  if (reader === undefined) throw input.fail(`reader ${index} of ${readers.length}`);
  return reader;
}

function writeId(out: ByteWriter, id: string, what: string): void {
  if (!DEVICE_ID.test(id)) throw unsayable(what, id, String(DEVICE_ID));
  out.text(id, NAME_BYTES, what);
}

function readId(input: ByteReader, what: string): string {
  const id = input.text(NAME_BYTES, what);
  if (!DEVICE_ID.test(id)) throw input.fail(`${what} does not match ${DEVICE_ID}`);
  return id;
}

function readTime(input: ByteReader, base: number, step: number): number {
  const time = base + step;
  if (time < 0 || time > LATEST_TIME) throw input.fail('a time lies outside 1970 to 9999');
  return time;
}

function checkedTime(time: number, what: string): number {
  if (!Number.isInteger(time) || time < 0 || time > LATEST_TIME) {
    throw unsayable(what, time, 'whole milliseconds, 1970 to 9999');
  }
  return time;
}

function hundredths(rssiDbm: number | null): number {
  if (rssiDbm === null) return NO_RSSI;
  const value = Math.round(rssiDbm * 100);
  if (!(Math.abs(value) <= 32_767)) throw unsayable('RSSI', rssiDbm, '-327.67 to 327.67 dBm');
  return value;
}

/** `count` was checked against the bytes that remain, so the array cannot outgrow its input by much. */
function columnOf<T>(count: number, read: () => T): T[] {
  const column: T[] = [];
  for (let i = 0; i < count; i++) column.push(read());
  return column;
}

function unsayable(what: string, given: unknown, allowed: string): InputError {
  return new InputError('BATCH_FIELD_BAD', `gateway batch: ${what} is ${given}; allowed: ${allowed}`, { what });
}
