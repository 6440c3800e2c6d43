import { type MarketPeriod, parseDuration } from '../../domain/index.ts';
import type { Market } from './market.ts';

/** How long a market's period lasts, ms: the longest of those in the file; null: it has none. */
export function periodOf(market: Market, period: MarketPeriod): number | null {
  const lasting = market.periods.flatMap(({ is, lasts }) =>
    is === period && lasts !== null ? [parseDuration(lasts)] : [],
  );
  return lasting.reduce<number | null>((longest, ms) => (ms === null ? longest : Math.max(longest ?? 0, ms)), null);
}

/** Whether something is asked for on a day, YYYY-MM-DD: from its first day on, and no more from the day named as its last. */
export function isInForce({ from, to }: { readonly from: string; readonly to: string | null }, day: string): boolean {
  return from <= day && (to === null || day < to);
}
