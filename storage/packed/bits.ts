/**
 * Whole numbers of a fixed number of bits, the highest bit first: the order of PostgreSQL's `bit varying`, so that
 * `substring(bits FROM at + 1 FOR width)::bigint` is what {@link bitsAt} gives.
 */

/** As wide as one access of 32 bits reaches, wherever in a byte it begins. */
const NARROW = 25;
const NARROW_VALUES = 2 ** NARROW;

/** No number is wider. */
export const MOST_BITS = 48;

/** So many bytes behind the last number there must be: an access may reach over it. */
export const BITS_PADDING = 4;

/** How many bits a whole number from 0 on takes; 0 takes none. */
export function widthOf(most: number): number {
  return most < 2 ** 32 ? 32 - Math.clz32(most) : 64 - Math.clz32(Math.floor(most / 2 ** 32));
}

/**
 * Puts a number where only zeros are.
 * @param at bits from the start
 * @param value whole, from 0, below 2^width
 */
export function putBits(view: DataView, at: number, width: number, value: number): void {
  if (width <= NARROW) {
    const byte = at >>> 3;
    view.setUint32(byte, view.getUint32(byte) | (value << (32 - width - (at & 7))));
    return;
  }
  const high = Math.floor(value / NARROW_VALUES);
  putBits(view, at, width - NARROW, high);
  putBits(view, at + width - NARROW, NARROW, value - high * NARROW_VALUES);
}

/** The number of `width` bits, at most {@link MOST_BITS}, that begins `at` bits from the start. */
export function bitsAt(view: DataView, at: number, width: number): number {
  if (width === 0) return 0;
  if (width <= NARROW) return (view.getUint32(at >>> 3) << (at & 7)) >>> (32 - width);
  return bitsAt(view, at, width - NARROW) * NARROW_VALUES + bitsAt(view, at + width - NARROW, NARROW);
}
