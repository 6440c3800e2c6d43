import { type SurgeRule, serverText } from '../../../domain/index.ts';
import type { FoundGoods, PassKind } from '../pass-facts.ts';
import { type HourFacts, oddFrom, usualOf } from '../usual/index.ts';
import { clockIn } from './clock.ts';

/** The pass with which a door has read far more than is usual in that hour (docs/rules.md, "kind: surge"). */
export const surge: PassKind<SurgeRule> = {
  find: (rule, { hour, outcome, evidence }) => {
    const here = outcome.reads.filter(({ status }) => status !== 'stray');
    const most = hour === null ? null : mostUsual(rule, hour);
    if (hour === null || most === null || hour.earlier > most || hour.earlier + here.length <= most) return [];
    const { observations: days, median, mad } = rounded(hour);
    const text = serverText('found.surge.fact', { tags: hour.earlier + here.length, days, median, mad });
    return here.map(({ epc }): FoundGoods => ({ epc, facts: [{ at: evidence.pass.from, text }] }));
  },
  say: (_, goods, { hour, portal }) => {
    if (hour === null) return null;
    const { from, to, zone, earlier } = hour;
    const told = { from: clockIn(zone, from), to: clockIn(zone, to), usual: rounded(hour).median };
    return { key: 'found.surge', values: { ...told, portal: portal.name, tags: earlier + goods.length } };
  },
};

/** What more than is a surge; null where it is not known. */
export function mostUsual({ times, learnt }: SurgeRule, { days }: HourFacts): number | null {
  const usual = usualOf(days);
  const odd = oddFrom(usual, learnt);
  return odd === null || usual.median === null ? null : Math.max(times * usual.median, usual.median + odd);
}

function rounded({ days }: HourFacts) {
  const { observations, median, mad } = usualOf(days);
  return { observations, median: Math.round(median ?? 0), mad: Math.round(mad ?? 0) };
}
