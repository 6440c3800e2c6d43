import type { ValueBounds } from '../../domain/index.ts';
import { bitsAt, MOST_BITS, putBits, widthOf } from './bits.ts';
import type { Part } from './block-times.ts';

/**
 * How the values of a block are written.
 * - `decimals`: n / 10^decimals, n a whole number; the nearest double, as a decimal number is read.
 * - `float32`: the same, then the nearest float32: what a sensor of floats measured in steps of a decimal.
 * - `raw`: the 64 bits of each double.
 */
export interface ValueForm {
  readonly kind: 'decimals' | 'float32' | 'raw';
  /** 0 of `raw`. */
  readonly decimals: number;
  /** There are values of -0: of the numbers of {@link width} bits the highest says so. Not of `raw`. */
  readonly hasMinusZero: boolean;
  /** Bits of a number above `base`; of `raw`, of the high 32 bits of a double: the low ones follow behind all of these. */
  readonly width: number;
  /** What is added to each number. */
  readonly base: number;
}

/** A value with more is written raw: what is measured has fewer, and what is computed has all a double can hold. */
export const MOST_DECIMALS = 9;
const SCALES: readonly number[] = Array.from({ length: MOST_DECIMALS + 1 }, (_, decimals) => 10 ** decimals);

/** Numbers lie within ±; a base of 48 bits holds them. */
export const MOST_NUMBER = 2 ** 47 - 1;

const LOW_BITS = 32;

const one = new DataView(new ArrayBuffer(8));

/** The first form, in the order of {@link ValueForm}, in which every value of [from, to) comes back as the same double. */
export function formOf(values: Float64Array, from: number, to: number): ValueForm {
  return scaled('decimals', values, from, to) ?? scaled('float32', values, from, to) ?? raw(values, from, to);
}

function scaled(kind: 'decimals' | 'float32', values: Float64Array, from: number, to: number): ValueForm | null {
  const isFloat32 = kind === 'float32';
  let decimals = 0;
  let scale = 1;
  let hasMinusZero = false;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  /** Those before it were looked at with fewer decimals. */
  let scaledFrom = from;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    if (Object.is(value, -0)) {
      hasMinusZero = true;
      continue;
    }
    let number = numberOf(value, scale, isFloat32);
    while (Number.isNaN(number)) {
      decimals++;
      if (decimals > MOST_DECIMALS) return null;
      scale = SCALES[decimals] as number;
      scaledFrom = i;
      [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      number = numberOf(value, scale, isFloat32);
    }
    if (number < least) least = number;
    if (number > most) most = number;
  }
  for (let i = from; i < scaledFrom; i++) {
    const value = values[i] as number;
    if (Object.is(value, -0)) continue;
    const number = numberOf(value, scale, isFloat32);
    // Of fewer decimals first, so it need not be exact with these.
    if (Number.isNaN(number)) return null;
    if (number < least) least = number;
    if (number > most) most = number;
  }
  if (least > most) [least, most] = [0, -1];
  // Math.round may give -0.
  const base = least + 0;
  const width = widthOf(most - base + (hasMinusZero ? 1 : 0));
  return width > MOST_BITS ? null : { kind, decimals, hasMinusZero, width, base };
}

/** The whole number that stands for a value; NaN where the value does not come back from it. */
function numberOf(value: number, scale: number, isFloat32: boolean): number {
  const number = Math.round(value * scale);
  if (!(number >= -MOST_NUMBER && number <= MOST_NUMBER)) return Number.NaN;
  const back = number / scale;
  return (isFloat32 ? Math.fround(back) : back) === value ? number : Number.NaN;
}

function raw(values: Float64Array, from: number, to: number): ValueForm {
  let [least, most] = [2 ** 32, 0];
  for (let i = from; i < to; i++) {
    one.setFloat64(0, values[i] as number);
    const high = one.getUint32(0);
    if (high < least) least = high;
    if (high > most) most = high;
  }
  return { kind: 'raw', decimals: 0, hasMinusZero: false, width: widthOf(most - least), base: least };
}

/** Bits that a value takes. */
export function bitsOfValue({ kind, width }: ValueForm): number {
  return kind === 'raw' ? width + LOW_BITS : width;
}

/** Puts the values of [from, to) where only zeros are. @param at bits from the start */
export function putValues(
  view: DataView,
  at: number,
  form: ValueForm,
  values: Float64Array,
  from: number,
  to: number,
): void {
  const { width, base } = form;
  if (form.kind === 'raw') {
    const lowAt = at + (to - from) * width;
    for (let i = from; i < to; i++) {
      one.setFloat64(0, values[i] as number);
      putBits(view, at + (i - from) * width, width, one.getUint32(0) - base);
      putBits(view, lowAt + (i - from) * LOW_BITS, LOW_BITS, one.getUint32(4));
    }
    return;
  }
  const scale = SCALES[form.decimals] as number;
  const minusZero = 2 ** width - 1;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    const number = Object.is(value, -0) ? minusZero : Math.round(value * scale) - base;
    putBits(view, at + (i - from) * width, width, number);
  }
}

/** Inverse of {@link putValues}: the values of a part of a block into `values`, the first of them at `into`. */
export function readValues(
  view: DataView,
  at: number,
  form: ValueForm,
  { from, to, count }: Part,
  values: Float64Array,
  into: number,
): void {
  const { kind, width, base } = form;
  if (kind === 'raw') {
    const lowAt = at + count * width;
    for (let i = from; i < to; i++) {
      one.setUint32(0, bitsAt(view, at + i * width, width) + base);
      one.setUint32(4, bitsAt(view, lowAt + i * LOW_BITS, LOW_BITS));
      values[into + i - from] = one.getFloat64(0);
    }
    return;
  }
  const scale = SCALES[form.decimals] as number;
  const isFloat32 = kind === 'float32';
  const minusZero = form.hasMinusZero ? 2 ** width - 1 : -1;
  for (let i = from; i < to; i++) {
    const number = bitsAt(view, at + i * width, width);
    const value = (base + number) / scale;
    if (number === minusZero) values[into + i - from] = -0;
    else values[into + i - from] = isFloat32 ? Math.fround(value) : value;
  }
}

/** The greatest number of a block of `count`, but for one that says -0. */
export function greatestNumber(view: DataView, at: number, { hasMinusZero, width }: ValueForm, count: number): number {
  const minusZero = hasMinusZero ? 2 ** width - 1 : -1;
  let greatest = 0;
  for (let i = 0; i < count; i++) {
    const number = bitsAt(view, at + i * width, width);
    if (number > greatest && number !== minusZero) greatest = number;
  }
  return greatest;
}

/**
 * What the values lie in whose numbers are `greatest` at most: as a greater number never stands for a smaller value, from the
 * value of 0 to that of `greatest`. Of `raw` the high halves of positive doubles ascend with them, those of negative ones
 * descend; of a block that has both, or what is no number, nothing is said.
 */
export function boundsOf(form: ValueForm, greatest: number): ValueBounds {
  if (form.kind === 'raw') return boundsOfHighs(form.base, form.base + greatest);
  const least = valueOfNumber(form, 0);
  const most = valueOfNumber(form, greatest);
  return form.hasMinusZero ? { least: Math.min(least, 0), most: Math.max(most, 0) } : { least, most };
}

/** Of doubles whose high halves lie in [from, to]. */
function boundsOfHighs(from: number, to: number): ValueBounds {
  const [ofFrom, ofTo] = [from & MAGNITUDE, to & MAGNITUDE];
  const isOneSign = (from >= 0 && to < SIGN) || (from >= SIGN && to < 2 * SIGN);
  if (!isOneSign || ofTo >= NOT_FINITE) return { least: Number.NaN, most: Number.NaN };
  const [inner, outer] = [doubleOf(ofFrom, 0), doubleOf(ofTo, 2 ** LOW_BITS - 1)];
  return to < SIGN ? { least: inner, most: outer } : { least: -outer, most: -inner };
}

/** Of the high half of a double: its sign, all but its sign, and where infinities and what is no number begin. */
const SIGN = 2 ** 31;
const MAGNITUDE = 0x7fffffff;
const NOT_FINITE = 0x7ff00000;

function valueOfNumber({ kind, decimals, base }: ValueForm, number: number): number {
  const value = (base + number) / (SCALES[decimals] as number);
  return kind === 'float32' ? Math.fround(value) : value;
}

function doubleOf(high: number, low: number): number {
  one.setUint32(0, high);
  one.setUint32(4, low);
  return one.getFloat64(0);
}
