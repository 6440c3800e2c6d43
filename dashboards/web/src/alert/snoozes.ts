import { say } from '../text/say.ts';

/** Minutes an alert can be put off for. */
export const SNOOZES = [
  {
    value: '30',
    get label() {
      return say('alert.for30Minutes');
    },
  },
  {
    value: '60',
    get label() {
      return say('alert.for1Hour');
    },
  },
  {
    value: '240',
    get label() {
      return say('alert.for4Hours');
    },
  },
  {
    value: '720',
    get label() {
      return say('alert.for12Hours');
    },
  },
];

/** @param now epoch ms UTC @returns RFC 3339 */
export function snoozeEnd(minutes: string, now: number): string {
  return new Date(now + Number(minutes) * 60_000).toISOString();
}
