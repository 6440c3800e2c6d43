/** How far back a lane is looked at, days. */
export const DAYS = ['30', '90', '365', '1000'] as const;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Epoch ms, on a whole minute: the same question within one is the same. */
export function sinceOf(days: (typeof DAYS)[number]): number {
  return Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - Number(days) * DAY_MS;
}
