import { type AirPiece, isAbove, isBelow, type Limits, lowerLimit, upperLimit } from '../../domain/index.ts';

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A temperature that begins somewhere and tends to somewhere; both the same where the goods are as warm as the air. */
interface Tendency {
  readonly begin: number;
  readonly target: number;
}

/** How cold and how warm goods are during [from, to); null where nothing is known. */
export interface GoodsPiece extends Span {
  readonly coldest: Tendency | null;
  readonly warmest: Tendency | null;
  readonly limits: AirPiece['limits'];
}

/**
 * The temperature of goods in this air (docs/rules.md, "Goods follow the air"): a body whose difference to the air shrinks by
 * e in each time constant (Newton's law of cooling). Exact between readings, since the air is constant there:
 * `g(t) = air + (g(0) - air) · exp(-t / τ)`. Where nothing was known before, goods are as warm as the air.
 *
 * @param timeConstantMs τ; null = goods are as warm as the air
 */
export function goodsIn(air: readonly AirPiece[], timeConstantMs: number | null): GoodsPiece[] {
  let coldest: number | null = null;
  let warmest: number | null = null;
  return air.map(({ from, to, min, max, limits }) => {
    if (from === to && timeConstantMs !== null) return { from, to, coldest: null, warmest: null, limits };
    if (timeConstantMs === null) {
      return { from, to, coldest: constant(min), warmest: constant(max), limits };
    }
    if (min === null || max === null) {
      [coldest, warmest] = [null, null];
      return { from, to, coldest, warmest, limits };
    }
    const cold = { begin: coldest ?? min, target: min };
    const warm = { begin: warmest ?? max, target: max };
    coldest = valueAfter(cold, to - from, timeConstantMs);
    warmest = valueAfter(warm, to - from, timeConstantMs);
    return { from, to, coldest: cold, warmest: warm, limits };
  });
}

/** Where the goods are beyond limits, ascending and apart; whole milliseconds. */
export function beyondLimits(
  goods: readonly GoodsPiece[],
  limitsIn: (piece: GoodsPiece) => Limits,
  timeConstantMs: number | null,
): Span[] {
  const spans: Span[] = [];
  for (const piece of goods) {
    if (piece.coldest === null || piece.warmest === null || piece.from === piece.to) continue;
    const limits = limitsIn(piece);
    const warm = partBeyond(
      piece,
      piece.warmest,
      (value) => isAbove(value, limits),
      upperLimit(limits),
      timeConstantMs,
    );
    const cold = partBeyond(
      piece,
      piece.coldest,
      (value) => isBelow(value, limits),
      lowerLimit(limits),
      timeConstantMs,
    );
    if (warm !== null) spans.push(warm);
    if (cold !== null) spans.push(cold);
  }
  return joined(spans);
}

/** Where nothing is known. */
export function unknownSpans(goods: readonly GoodsPiece[]): Span[] {
  return joined(goods.filter(({ from, to, coldest }) => coldest === null && from < to));
}

/** The limits of the storage profile in force: the limit itself is in range. */
export function profileLimits({ limits: { min, max } }: GoodsPiece): Limits {
  return { ...(max === null ? {} : { above: max }), ...(min === null ? {} : { below: min }) };
}

/** Of both, each moment once. */
export function joined(spans: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last !== undefined && from <= last.to) out[out.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else if (from < to) out.push({ from, to });
  }
  return out;
}

/** `spans` without the moments of `others`; both ascending and apart. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  let left = [...spans];
  for (const other of others) {
    left = left.flatMap(({ from, to }) =>
      other.to <= from || other.from >= to
        ? [{ from, to }]
        : [
            { from, to: other.from },
            { from: other.to, to },
          ].filter((part) => part.from < part.to),
    );
  }
  return left;
}

/** What of ascending spans lies in [from, to). */
export function within(spans: readonly Span[], from: number, to: number): Span[] {
  return spans.flatMap((span) => {
    const part = { from: Math.max(span.from, from), to: Math.min(span.to, to) };
    return part.from < part.to ? [part] : [];
  });
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((length, { from, to }) => length + to - from, 0);
}

/**
 * When the spans sum up to so long; null where they do not.
 * @param isMore only when they go on to sum up to more
 */
export function whenSummed(spans: readonly Span[], ms: number, isMore: boolean): number | null {
  let summed = 0;
  for (const { from, to } of spans) {
    const length = to - from;
    if (isMore ? summed + length > ms : summed + length >= ms) return from + Math.ceil(ms - summed);
    summed += length;
  }
  return null;
}

/** A temperature that tends to one value crosses a limit at most once. */
function partBeyond(
  { from, to }: Span,
  course: Tendency,
  isBeyond: (value: number) => boolean,
  limit: number | undefined,
  timeConstantMs: number | null,
): Span | null {
  if (limit === undefined) return null;
  if (timeConstantMs === null || course.begin === course.target) return isBeyond(course.target) ? { from, to } : null;
  const begins = isBeyond(course.begin);
  const ends = isBeyond(valueAfter(course, to - from, timeConstantMs));
  if (begins && ends) return { from, to };
  if (!begins && !ends) return null;
  const after = timeConstantMs * Math.log((course.begin - course.target) / (limit - course.target));
  const crossing = Math.min(to, Math.max(from, from + Math.round(after)));
  return begins ? { from, to: crossing } : { from: crossing, to };
}

function valueAfter({ begin, target }: Tendency, ms: number, timeConstantMs: number): number {
  return target + (begin - target) * Math.exp(-ms / timeConstantMs);
}

function constant(value: number | null): Tendency | null {
  return value === null ? null : { begin: value, target: value };
}
