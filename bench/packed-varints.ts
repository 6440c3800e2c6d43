import type { KeyReadings } from '../domain/index.ts';

/**
 * The other form that was weighed (docs/decisions/0167): each reading's delta of time deltas and delta of values, in turn,
 * as zigzag LEB128. Only as much of it as its size and speed ask for: values in tenths, hundredths or as they are.
 */
export function varintsOf({ count, time, value }: KeyReadings): Buffer {
  const bytes = Buffer.alloc(count * 20 + 16);
  const unit = [60_000, 1_000, 100, 10].find((ms) => time.every((at) => at % ms === 0)) ?? 1;
  const scale = [1, 10, 100].find((by) => value.every((one) => Math.round(one * by) / by === one)) ?? null;
  let at = 8;
  let [lastTime, lastStep, lastValue] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const units = (time[i] as number) / unit;
    const step = units - lastTime;
    at = putVarint(bytes, at, zigzag(step - lastStep));
    [lastTime, lastStep] = [units, step];
    if (scale === null) {
      at = bytes.writeDoubleBE(value[i] as number, at);
      continue;
    }
    const number = Math.round((value[i] as number) * scale);
    at = putVarint(bytes, at, zigzag(number - lastValue));
    lastValue = number;
  }
  return bytes.subarray(0, at);
}

/** Times and values as {@link varintsOf} was given them, in units. */
export function readVarints(bytes: Buffer, count: number, scale: number, unit: number): KeyReadings {
  const readings = { count, time: new Float64Array(count), value: new Float64Array(count) };
  const cursor = { at: 8 };
  let [time, step, number] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    step += unzigzag(varint(bytes, cursor));
    time += step;
    readings.time[i] = time * unit;
    number += unzigzag(varint(bytes, cursor));
    readings.value[i] = number / scale;
  }
  return readings;
}

function zigzag(number: number): number {
  return number < 0 ? -number * 2 - 1 : number * 2;
}

function unzigzag(number: number): number {
  return number % 2 === 1 ? -(number + 1) / 2 : number / 2;
}

function putVarint(bytes: Buffer, at: number, number: number): number {
  let to = at;
  let rest = number;
  while (rest >= 128) {
    bytes[to++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  bytes[to++] = rest;
  return to;
}

function varint(bytes: Buffer, cursor: { at: number }): number {
  let [number, scale] = [0, 1];
  for (;;) {
    const byte = bytes[cursor.at++] as number;
    number += (byte & 127) * scale;
    if (byte < 128) return number;
    scale *= 128;
  }
}
