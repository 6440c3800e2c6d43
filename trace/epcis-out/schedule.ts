import { InputError } from '../../domain/index.ts';

/** When a standing query is run, as EPCIS 2.0 has it (section 8.2.5.3), UTC. */
export const SCHEDULE_FIELDS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;
export type EpcisSchedule = Readonly<Partial<Record<(typeof SCHEDULE_FIELDS)[number], string>>>;

const RANGES = {
  second: [0, 59],
  minute: [0, 59],
  hour: [0, 23],
  dayOfMonth: [1, 31],
  month: [1, 12],
  dayOfWeek: [1, 7],
} as const;

/** The units that are larger, of those that a day is divided into, and of the months. */
const ABOVE: Readonly<Record<(typeof SCHEDULE_FIELDS)[number], readonly (typeof SCHEDULE_FIELDS)[number][]>> = {
  second: ['minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'],
  minute: ['hour', 'dayOfMonth', 'month', 'dayOfWeek'],
  hour: ['dayOfMonth', 'month', 'dayOfWeek'],
  dayOfMonth: ['month'],
  month: [],
  dayOfWeek: [],
};

const DAY_MS = 86_400_000;
/** 29 February on a given day of the week comes round within 28 years, and within 40 across a century without leap day. */
const MOST_DAYS = 41 * 366;

/**
 * The first moment after `now` that a schedule names. A field that is left out matches anything; below the smallest unit that
 * is given it is the lowest value: `{hour: "1", minute: "5"}` is five past one, once.
 *
 * @param now epoch ms UTC
 * @returns epoch ms UTC
 * @throws {InputError} EPCIS_SUBSCRIPTION: a field makes no sense, or the moment never comes
 */
export function nextRun(schedule: EpcisSchedule, now: number): number {
  const isGiven = (field: Field) => schedule[field] !== undefined;
  if (!SCHEDULE_FIELDS.some(isGiven)) throw bad('schedule', '{}', 'at least one of its fields');
  const sets = Object.fromEntries(
    SCHEDULE_FIELDS.map((field) => {
      const isBelow = ABOVE[field].some(isGiven) && !(field === 'dayOfMonth' && isGiven('dayOfWeek'));
      return [field, valuesOf(field, schedule[field] ?? (isBelow ? String(RANGES[field][0]) : '*'))];
    }),
  ) as Record<Field, ReadonlySet<number>>;
  const from = Math.floor(now / 1000) * 1000 + 1000;
  const today = Math.floor(from / DAY_MS) * DAY_MS;
  for (let day = 0; day < MOST_DAYS; day++) {
    const start = today + day * DAY_MS;
    const date = new Date(start);
    if (!sets.month.has(date.getUTCMonth() + 1) || !sets.dayOfMonth.has(date.getUTCDate())) continue;
    if (!sets.dayOfWeek.has(date.getUTCDay() === 0 ? 7 : date.getUTCDay())) continue;
    const time = timeOfDay(sets, day === 0 ? (from - today) / 1000 : 0);
    if (time !== null) return start + time * 1000;
  }
  throw bad('schedule', JSON.stringify(schedule), 'a moment that comes');
}

/** The first second of a day at or after `least` that matches. */
function timeOfDay(
  { hour, minute, second }: Readonly<Record<'hour' | 'minute' | 'second', ReadonlySet<number>>>,
  least: number,
): number | null {
  for (const h of hour) {
    if (h * 3_600 + 3_599 < least) continue;
    for (const m of minute) {
      const begin = h * 3_600 + m * 60;
      if (begin + 59 < least) continue;
      for (const s of second) if (begin + s >= least) return begin + s;
    }
  }
  return null;
}

type Field = (typeof SCHEDULE_FIELDS)[number];

/** `5`, `1,15`, `[10-20]`, and what schedulers in the field write besides: `*`, `10-20`, `0/15`. In order. */
function valuesOf(field: Field, given: string): ReadonlySet<number> {
  const [least, most] = RANGES[field];
  const values = given.split(',').flatMap((part): number[] => {
    const [, from, to, step] =
      /^(?:\[(?=\d+-\d+\]))?(\*|\d{1,2})(?:-(\d{1,2}))?\]?(?:\/(\d{1,2}))?$/.exec(part.trim()) ?? [];
    if (from === undefined) throw bad(`schedule.${field}`, given, allowedIn(field));
    const first = from === '*' ? least : Number(from);
    const last = to === undefined ? (from === '*' || step !== undefined ? most : first) : Number(to);
    if (first < least || last > most || last < first || step === '0' || step === '00') {
      throw bad(`schedule.${field}`, given, allowedIn(field));
    }
    return range(first, last, Number(step ?? 1));
  });
  return new Set(values.sort((a, b) => a - b));
}

function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, n) => first + n * step);
}

function allowedIn(field: Field): string {
  const [least, most] = RANGES[field];
  return `${least} to ${most}, [${least}-${most}], or several with commas between`;
}

function bad(field: string, given: string, allowed: string): InputError {
  return new InputError('EPCIS_SUBSCRIPTION', `${field}: "${given.slice(0, 100)}" given; allowed: ${allowed}`);
}
