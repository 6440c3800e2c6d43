const QUARTER_MS = 15 * 60_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Days of the week as routing files write them, Monday first (ISO 8601). */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** What the clock on a wall shows. */
export interface LocalMinute {
  /** `2026-11-29` */
  readonly date: string;
  /** Days since 1970-01-01 on that calendar. */
  readonly day: number;
  readonly weekday: Weekday;
  /** Minutes since midnight, 0 to 1439. */
  readonly minute: number;
}

/**
 * The clock on the wall of one zone. No zone changes its offset but at a quarter of an hour UTC, so one look at the zone
 * serves a quarter.
 */
export class LocalClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** @param zone IANA time zone, known to exist ({@link isZone}) */
  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit' },
    });
  }

  /** @param at epoch ms UTC */
  read(at: number): LocalMinute {
    const local = at + this.#offsetAt(at);
    const day = Math.floor(local / DAY_MS);
    return {
      date: new Date(local).toISOString().slice(0, 10),
      day,
      weekday: WEEKDAYS[(((day + 3) % 7) + 7) % 7] ?? 'mon',
      minute: Math.floor((local - day * DAY_MS) / MINUTE_MS),
    };
  }

  #offsetAt(at: number): number {
    const quarter = Math.floor(at / QUARTER_MS) * QUARTER_MS;
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const part = Object.fromEntries(
      this.#format.formatToParts(quarter).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part;
    const offset = Date.UTC(year, month - 1, day, hour, minute) - quarter;
    // Bounded: a week of quarters, and then anew.
    if (this.#offsets.size > 700) this.#offsets.clear();
    this.#offsets.set(quarter, offset);
    return offset;
  }
}

/** The clocks of one piece of work, each made once: making one costs more than reading it a thousand times. */
export class LocalClocks {
  readonly #clocks = new Map<string, LocalClock>();

  of(zone: string): LocalClock {
    const known = this.#clocks.get(zone);
    if (known !== undefined) return known;
    const clock = new LocalClock(zone);
    this.#clocks.set(zone, clock);
    return clock;
  }
}

/** Days since 1970-01-01 of a date that the calendar has. */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** A time of day in the week of somebody: from `from` up to, but not at, `to`; past midnight where `to` is not later. */
export interface DailyWindow {
  /** Minutes since midnight. */
  readonly from: number;
  readonly to: number;
  /** The days on which it begins. */
  readonly days: readonly Weekday[];
}

/** Whether a moment lies in one of these windows, by the clock on the wall. */
export function isWithin({ weekday, minute }: LocalMinute, windows: readonly DailyWindow[]): boolean {
  const before = WEEKDAYS[(WEEKDAYS.indexOf(weekday) + 6) % 7] ?? 'sun';
  return windows.some(({ from, to, days }) => {
    if (from < to) return days.includes(weekday) && minute >= from && minute < to;
    return (days.includes(weekday) && minute >= from) || (days.includes(before) && minute < to);
  });
}
