import { ConflictError, InputError, type IsothermError, isPast } from '../../domain/index.ts';
import { type Market, periodOf } from '../markets/index.ts';
import type { DecommissionWish, LedgerEntry, RevertWish } from './entry.ts';

/** The rules of a market on one reason; null: the market has no such reason. */
export function rulesOn(market: Market, reason: string) {
  return market.decommissioning.find((one) => one.reason === reason) ?? null;
}

/**
 * Why a pack may not be decommissioned so; null: it may. A second time is refused here, since the national system raises an
 * alert by it.
 *
 * @param last the last entry on the pack
 * @param now epoch ms UTC
 */
export function whyNotDecommissioned(
  market: Market,
  wish: DecommissionWish,
  last: LedgerEntry | null,
  now: number,
): IsothermError | null {
  const { reason, capacity, at, pack } = wish;
  const rules = rulesOn(market, reason);
  if (rules === null || !rules.by.includes(capacity)) {
    const theirs = market.decommissioning.filter(({ by }) => by.includes(capacity)).map((one) => one.reason);
    const allowed = theirs.length === 0 ? `none: ${market.name} asks for no decommissioning` : theirs.join(', ');
    return new InputError(
      'DECOMMISSION_REASON_BAD',
      `reason: "${reason}" given for a ${capacity}; allowed: ${allowed}`,
      { reason, capacity },
    );
  }
  const late = whyNotThen(at, last, now);
  if (late !== null) return late;
  if (last?.act === 'decommission') {
    return new ConflictError(
      'DECOMMISSION_REPEATED',
      `serial ${pack.serial} was decommissioned already (${last.reason}) at ${last.place} on ${iso(last.at)} by ${last.by.name}; a second time raises an alert: set the pack aside and find out why`,
      { entry: last.id, reason: last.reason, place: last.place, at: iso(last.at) },
    );
  }
  return null;
}

/**
 * Why a decommissioning may not be reverted (Regulation (EU) 2016/161, Art. 13); null: it may.
 *
 * @param entry what is to be reverted
 * @param last the last entry on the same pack
 * @param now epoch ms UTC
 */
export function whyNotReverted(
  market: Market,
  wish: RevertWish,
  { entry, last }: { readonly entry: LedgerEntry; readonly last: LedgerEntry },
  now: number,
): IsothermError | null {
  const refuse = (code: string, message: string) =>
    new ConflictError(code, `${message}; the pack does not go back to saleable stock (Art. 13)`, { entry: entry.id });
  if (entry.act === 'revert')
    return new InputError(
      'REVERT_OF_REVERT',
      `entry ${entry.id} is a revert itself; decommission the pack again instead`,
    );
  if (last.id !== entry.id)
    return new ConflictError('REVERT_REPEATED', `entry ${entry.id} was reverted already, on ${iso(last.at)}`, {
      entry: last.id,
    });
  const late = whyNotThen(wish.at, last, now);
  if (late !== null) return late;
  if (rulesOn(market, entry.reason)?.isReversible !== true)
    return refuse('REVERT_FORBIDDEN', `what was decommissioned as ${entry.reason} is never made active again`);
  if (wish.place !== entry.place || wish.capacity !== entry.capacity)
    return refuse(
      'REVERT_ELSEWHERE',
      `it was decommissioned at ${entry.place} as ${entry.capacity}, and is reverted only there and as such, not at ${wish.place} as ${wish.capacity}`,
    );
  const lasts = periodOf(market, 'undoing');
  const until = lasts === null ? Number.NEGATIVE_INFINITY : entry.at + lasts;
  // Against the clock as well: a time that was typed in does not bring back what is over.
  if (wish.at > until || now > until)
    return refuse(
      'REVERT_TOO_LATE',
      `it was decommissioned on ${iso(entry.at)}; reverting was possible until ${iso(until)}`,
    );
  const { expiry } = entry.pack;
  if (expiry !== null && isPast(expiry, now)) return refuse('REVERT_EXPIRED', `the pack expired on ${expiry}`);
  if (!wish.isDeclared)
    return new InputError(
      'REVERT_UNDECLARED',
      'say that the pack was not supplied to the public and that you do not know it to be stolen: isDeclared: true; else it stays decommissioned (Art. 13)',
    );
  return null;
}

/** @throws nothing: a time that cannot be is told */
function whyNotThen(at: number, last: LedgerEntry | null, now: number): InputError | null {
  if (at > now) return new InputError('DECOMMISSION_TIME_BAD', `at: ${iso(at)} given; it is ${iso(now)} now`);
  if (last === null || at >= last.at) return null;
  return new InputError(
    'DECOMMISSION_TIME_BAD',
    `at: ${iso(at)} given; the pack's last entry, ${last.act}, is of ${iso(last.at)}: expected that or later`,
  );
}

function iso(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString() : 'never';
}
