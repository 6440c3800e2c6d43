import pg from 'pg';

/**
 * How result columns become values, for our pools only (pg's registry is global). int8 is a number while it is exact,
 * else its text; timestamptz is epoch ms UTC, floored; ±infinity is ±Infinity.
 */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    const ours = format === 'binary' ? undefined : parsers.get(oid);
    return ours ?? pg.types.getTypeParser(oid, format);
  },
};

/** A time as a statement's parameter. @param ms epoch ms UTC, or ±Infinity */
export function timestamp(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'infinity';
  if (ms === Number.NEGATIVE_INFINITY) return '-infinity';
  return new Date(ms).toISOString();
}

const INT8 = 20;
const INT8_ARRAY = 1016;
const TIMESTAMPTZ = 1184;
const TIMESTAMPTZ_ARRAY = 1185;

const parseTimestamp = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => Date | number;

function int8(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

function timestamptz(text: string): number {
  return Number(parseTimestamp(text));
}

/** Of a flat array, `{1,NULL}` or `{"2026-11-22 10:00:00+00"}`; neither type's text holds a comma or a brace. */
function elements<T>(text: string, parse: (element: string) => T): (T | null)[] {
  if (text === '{}') return [];
  const inner = text.slice(1, -1).split(',');
  return inner.map((element) => (element === 'NULL' ? null : parse(element.replaceAll('"', ''))));
}

const parsers = new Map<number, (text: string) => unknown>([
  [INT8, int8],
  [TIMESTAMPTZ, timestamptz],
  [INT8_ARRAY, (text) => elements(text, int8)],
  [TIMESTAMPTZ_ARRAY, (text) => elements(text, timestamptz)],
]);

/** 2000-01-01T00:00:00Z, the epoch of timestamptz, in epoch ms. */
export const EPOCH_2000 = 946_684_800_000;
