import { METRICS, metricByName, type ReadingBuilder } from '../domain/index.ts';
import { MAX_READINGS_PER_MESSAGE, TIME_AHEAD_MS, TIME_TOO_OLD_MS } from './admission.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Stands for the key `time` where metrics stand by their code. */
const TIME_KEY = 255;
const UNKNOWN_KEY = 0;
const NO_NUMBER = Number.NaN;

/** Exact in a double, so that mantissa / POWERS[digits] is rounded once and equals what JSON.parse gives. */
const POWERS = Float64Array.from({ length: 16 }, (_, digits) => 10 ** digits);
const MANTISSA_DIGITS = 15;

const SPELLING = new Map(
  ['time', ...METRICS.map(({ name }) => name)].map((name) => [name, Buffer.from(name, 'latin1')] as const),
);
const LEAST = new Float64Array(256);
const MOST = new Float64Array(256).fill(-1);
for (const { code, min, max } of METRICS) {
  LEAST[code] = min;
  MOST[code] = max;
}
const DOOR = codeOf('door');
const DEFROST = codeOf('defrost');

/**
 * Reads the native form byte by byte into the builder, without an object in between: an object or an array of objects
 * whose keys are known and plainly spelt, numbers without an exponent and of up to 15 digits, times in the common
 * spelling. Whatever else it meets, an impossible value or a time out of bounds included, it leaves to
 * {@link decodeReadingsJson}, of which it is the fast half: on what it takes, both give the same rows.
 */
export class ReadingScanner {
  /** Whether a reading of the last scan took `absentTime`. */
  isTimeless = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** The last date read, as digits, and its midnight: loggers send the same date all day. */
  #date = 0;
  #midnight = 0;
  readonly #codes = new Uint8Array(16);
  readonly #values = new Float64Array(16);

  /** @returns false where the message was left to the slow half; the builder is then as it was */
  scan(bytes: Uint8Array, device: number, arrival: number, absentTime: number, builder: ReadingBuilder): boolean {
    const rowsBefore = builder.count;
    this.#bytes = bytes;
    this.#at = 0;
    this.isTimeless = false;
    const isTaken = this.#message(device, arrival, absentTime, builder);
    if (!isTaken) builder.truncate(rowsBefore);
    return isTaken;
  }

  #message(device: number, arrival: number, absentTime: number, builder: ReadingBuilder): boolean {
    const first = this.#next();
    if (first === OPEN_OBJECT) {
      return this.#object(device, arrival, absentTime, builder) && this.#isAtEnd();
    }
    if (first !== OPEN_ARRAY) return false;
    for (let n = 1; n <= MAX_READINGS_PER_MESSAGE; n++) {
      if (this.#next() !== OPEN_OBJECT || !this.#object(device, arrival, absentTime, builder)) return false;
      const after = this.#next();
      if (after === CLOSE_ARRAY) return this.#isAtEnd();
      if (after !== COMMA) return false;
    }
    return false;
  }

  /** After `{`. Adds the object's rows when it has closed, since `time` may be its last key. */
  #object(device: number, arrival: number, absentTime: number, builder: ReadingBuilder): boolean {
    const codes = this.#codes;
    const values = this.#values;
    let count = 0;
    let seen = 0;
    let time = absentTime;
    let hasTime = false;
    for (;;) {
      if (this.#next() !== QUOTE) return false;
      const code = this.#key();
      if (code === UNKNOWN_KEY || this.#next() !== COLON) return false;
      let after: number;
      if (code === TIME_KEY) {
        if (hasTime) return false;
        hasTime = true;
        time = this.#time();
        if (!(time <= arrival + TIME_AHEAD_MS && time >= arrival - TIME_TOO_OLD_MS)) return false;
        after = this.#next();
      } else {
        if ((seen & (1 << code)) !== 0) return false;
        seen |= 1 << code;
        const value = this.#number(this.#next());
        if (!(value >= (LEAST[code] as number) && value <= (MOST[code] as number))) return false;
        if ((code === DOOR || code === DEFROST) && value !== 0 && value !== 1) return false;
        codes[count] = code;
        values[count] = value;
        count++;
        after = this.#next();
      }
      if (after === CLOSE_OBJECT) break;
      if (after !== COMMA) return false;
    }
    if (count === 0) return false;
    if (!hasTime) this.isTimeless = true;
    for (let i = 0; i < count; i++) builder.addRow(device, codes[i] as number, time, values[i] as number);
    return true;
  }

  /** The next byte that is no white space, consumed; -1 at the end. */
  #next(): number {
    const bytes = this.#bytes;
    for (;;) {
      if (this.#at >= bytes.length) return -1;
      const byte = bytes[this.#at++] as number;
      if (byte > 0x20) return byte;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return -1;
    }
  }

  /** A white space byte more, and the slow half decides. */
  #isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** After the opening quote; consumes the closing one. */
  #key(): number {
    const bytes = this.#bytes;
    const from = this.#at;
    const name = keyBy(bytes[from] as number, bytes[from + 1] as number, bytes[from + 2] as number);
    if (name === null) return UNKNOWN_KEY;
    const { spelling } = name;
    const end = from + spelling.length;
    if (bytes[end] !== QUOTE) return UNKNOWN_KEY;
    for (let i = 0; i < spelling.length; i++) {
      if (bytes[from + i] !== spelling[i]) return UNKNOWN_KEY;
    }
    this.#at = end + 1;
    return name.code;
  }

  /** A JSON number whose first byte was consumed, or NaN where it is none that can be taken here. */
  #number(first: number): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = first;
    const isNegative = byte === MINUS;
    if (isNegative) byte = bytes[at++] as number;
    if (!(byte >= ZERO && byte <= NINE)) return NO_NUMBER;
    let mantissa = byte - ZERO;
    let digits = 1;
    byte = bytes[at] as number;
    if (mantissa !== 0) {
      while (byte >= ZERO && byte <= NINE) {
        mantissa = mantissa * 10 + byte - ZERO;
        digits++;
        byte = bytes[++at] as number;
      }
    }
    let decimals = 0;
    if (byte === DOT) {
      byte = bytes[++at] as number;
      while (byte >= ZERO && byte <= NINE) {
        mantissa = mantissa * 10 + byte - ZERO;
        decimals++;
        byte = bytes[++at] as number;
      }
      if (decimals === 0) return NO_NUMBER;
      digits += decimals;
    }
    if (digits > MANTISSA_DIGITS) return NO_NUMBER;
    this.#at = at;
    const value = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] as number);
    return isNegative && value !== 0 ? -value : value;
  }

  /** Epoch milliseconds, or `"2026-11-22T10:00:00[.123](Z|+01:00)"`; NaN where it is neither. */
  #time(): number {
    const first = this.#next();
    if (first !== QUOTE) return Math.floor(this.#number(first));
    const bytes = this.#bytes;
    const from = this.#at;
    if (
      bytes[from + 4] !== MINUS ||
      bytes[from + 7] !== MINUS ||
      bytes[from + 10] !== 0x54 ||
      bytes[from + 13] !== COLON ||
      bytes[from + 16] !== COLON
    ) {
      return NO_NUMBER;
    }
    const midnight = this.#midnightOf(
      two(bytes, from) * 100 + two(bytes, from + 2),
      two(bytes, from + 5),
      two(bytes, from + 8),
    );
    const hour = two(bytes, from + 11);
    const minute = two(bytes, from + 14);
    const second = two(bytes, from + 17);
    if (!(hour <= 23 && minute <= 59 && second <= 59)) return NO_NUMBER;
    let at = from + 19;
    let ms = 0;
    if (bytes[at] === DOT) {
      let scale = 100;
      let digit = (bytes[++at] as number) - ZERO;
      if (!(digit >= 0 && digit <= 9)) return NO_NUMBER;
      for (; digit >= 0 && digit <= 9; digit = (bytes[++at] as number) - ZERO) {
        // Digits beyond the third are floored away.
        ms += digit * Math.floor(scale);
        scale /= 10;
      }
      if (at - from > 39) return NO_NUMBER;
    }
    const zone = bytes[at++];
    let offset = 0;
    if (zone === 0x2b || zone === MINUS) {
      const hours = two(bytes, at);
      const minutes = two(bytes, at + 3);
      if (!(hours <= 23 && minutes <= 59 && bytes[at + 2] === COLON)) return NO_NUMBER;
      offset = (hours * 60 + minutes) * (zone === MINUS ? -60_000 : 60_000);
      at += 5;
    } else if (zone !== 0x5a) {
      return NO_NUMBER;
    }
    if (bytes[at] !== QUOTE) return NO_NUMBER;
    this.#at = at + 1;
    return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + ms - offset;
  }

  #midnightOf(year: number, month: number, day: number): number {
    const date = (year * 100 + month) * 100 + day;
    if (date === this.#date) return this.#midnight;
    if (!(year >= 1970 && month >= 1 && month <= 12 && day >= 1)) return NO_NUMBER;
    const midnight = Date.UTC(year, month - 1, day);
    if (new Date(midnight).getUTCDate() !== day) return NO_NUMBER;
    this.#date = date;
    this.#midnight = midnight;
    return midnight;
  }
}

/** Two decimal digits; NaN where there are none. */
function two(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - ZERO;
  const ones = (bytes[at + 1] as number) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_NUMBER;
}

interface Key {
  readonly code: number;
  readonly spelling: Uint8Array;
}

const TIME = key('time', TIME_KEY);
const TEMPERATURE = key('temperature');
const HUMIDITY = key('humidity');
const PRESSURE = key('pressure');
const SHOCK = key('shock');
const LIGHT = key('light');
const BATTERY = key('battery');
const TILT = key('tilt');
const DOOR_KEY = key('door');
const DEFROST_KEY = key('defrost');

/** The only key a name can be, by its first letters; the caller compares the rest. */
function keyBy(first: number, second: number, third: number): Key | null {
  switch (first) {
    case 0x74: // t
      if (second === 0x65) return TEMPERATURE;
      return third === 0x6d ? TIME : TILT;
    case 0x68: // h
      return HUMIDITY;
    case 0x70: // p
      return PRESSURE;
    case 0x62: // b
      return BATTERY;
    case 0x64: // d
      return second === 0x6f ? DOOR_KEY : DEFROST_KEY;
    case 0x6c: // l
      return LIGHT;
    case 0x73: // s
      return SHOCK;
    default:
      return null;
  }
}

function key(name: string, code = codeOf(name)): Key {
  return { code, spelling: SPELLING.get(name) ?? Buffer.from(name, 'latin1') };
}

function codeOf(name: string): number {
  return metricByName(name)?.code ?? UNKNOWN_KEY;
}
