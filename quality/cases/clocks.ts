/** What has to be done about a case, by when; null: the law says at once or promptly, and the site's own target stands in. */
export interface ClockKind {
  readonly name: string;
  /** The clause of the law; null of a target of the site. */
  readonly source: string | null;
}

const DAY_MS = 24 * 3_600_000;

/**
 * DSCSA, section 582(c) of the Federal Food, Drug, and Cosmetic Act (21 U.S.C. 360eee-1(c)), which is that of wholesale distributors;
 * other trading partners have subsections of their own. It names hours for the notification and for requests alone.
 */
export const CLOCKS: Readonly<Record<string, ClockKind>> = {
  target: { name: 'Every serial is decided', source: null },
  'dscsa.quarantine': {
    name: 'Suspect product is quarantined',
    source: 'FD&C Act 582(c)(4)(A)(i)(I): upon making the determination',
  },
  'dscsa.investigation': {
    name: 'The investigation is done',
    source: "FD&C Act 582(c)(4)(A)(i)(II): promptly; due by the site's own target",
  },
  'dscsa.notification': {
    name: 'FDA and trading partners are notified (Form FDA 3911)',
    source: 'FD&C Act 582(c)(4)(B)(ii): not later than 24 hours after making the determination',
  },
};

/**
 * Within which a request is to be answered that says nothing of it. FD&C Act 582(c)(1)(C): "not later than 1 business day, and not to
 * exceed 48 hours"; a day is the shorter reading of both.
 */
export const TRACE_ANSWER_MS = DAY_MS;
export const TRACE_ANSWER_MOST_MS = 2 * DAY_MS;

/** The clock of a trace request. @param number of it in its case */
export function traceClock(number: number): string {
  return `dscsa.trace.${number}`;
}

/** What a clock is, null of one that nobody knows. */
export function clockKind(clock: string): ClockKind | null {
  const [, number] = /^dscsa\.trace\.(\d+)$/.exec(clock) ?? [];
  if (number === undefined) return CLOCKS[clock] ?? null;
  return {
    name: `Trace request ${number} is answered`,
    source:
      'as agreed; where an official asks, FD&C Act 582(c)(1)(C): not later than 1 business day, and not to exceed 48 hours',
  };
}

/** Within which a finding of illegitimate product is notified. */
export const NOTIFICATION_MS = DAY_MS;

/** What the law wants at once is in time within this: stopping goods takes the platform a moment, and a person a call. */
const AT_ONCE_MS = 60_000;

/** The clocks that start when a case is opened, each with when it falls due, epoch ms UTC. */
export function clocksOf(kind: string, openedAt: number, targetMs: number): readonly (readonly [string, number])[] {
  const target = ['target', openedAt + targetMs] as const;
  if (kind !== 'suspect product') return [target];
  return [target, ['dscsa.quarantine', openedAt + AT_ONCE_MS], ['dscsa.investigation', openedAt + targetMs]];
}
