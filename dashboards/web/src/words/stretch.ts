import type { Stretch } from '../queries.ts';
import { say } from '../text/say.ts';

/** How far back a live chart looks. */
export const STRETCHES = [
  {
    value: '6h',
    get label() {
      return say('stretch.6h');
    },
  },
  {
    value: '48h',
    get label() {
      return say('stretch.48h');
    },
  },
  {
    value: '14d',
    get label() {
      return say('stretch.14d');
    },
  },
];

const HOURS: Readonly<Record<string, number>> = { '6h': 6, '48h': 48, '14d': 14 * 24 };

export function isStretch(name: string | null): name is string {
  return name !== null && name in HOURS;
}

export function stretchOf(name: string, now: number): Stretch {
  return { from: now - (HOURS[name] ?? 48) * 3_600_000, to: null };
}
