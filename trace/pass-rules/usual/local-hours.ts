const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Half-open, epoch ms UTC. */
export interface Hour {
  readonly from: number;
  readonly to: number;
}

/** The hour of the local clock that a moment lies in. */
export function hourOf(zone: string, at: number): Hour {
  const offset = offsetMs(zone, at);
  const from = Math.floor((at + offset) / HOUR_MS) * HOUR_MS - offset;
  return { from, to: from + HOUR_MS };
}

/** The same hour of the local clock on `days` days before (below zero: after) the hour. */
export function sameHours(zone: string, { from }: Hour, days: number): Hour[] {
  const offset = offsetMs(zone, from);
  const step = Math.sign(days);
  // Asking for an offset is slow, and clocks are put back and forward once in many weeks.
  const isSteady = offsetMs(zone, from - days * DAY_MS) === offset;
  return Array.from({ length: Math.abs(days) }, (_, index) => {
    const guess = from - step * (index + 1) * DAY_MS;
    const start = isSteady ? guess : guess + offset - offsetMs(zone, guess);
    return { from: start, to: start + HOUR_MS };
  });
}

/** How far the clocks of a zone are ahead of UTC. */
function offsetMs(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign = '+', hours = '0', minutes = '0'] = /^GMT([+-])(\d\d):(\d\d)$/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * 60_000);
}
