import { expect, test } from 'vitest';
import type { EpcisSubscription } from '../trace/index.ts';
import { isLesserPart } from './health-watch.ts';
import { SubscriptionConcerns } from './subscription-concerns.ts';

const ended = (n: number): EpcisSubscription => ({
  ...{ id: `s-${n}`, query: 'shipped', dest: 'https://example.com/hook?key=secret', createdBy: 'erp', schedule: null },
  ...{ reportIfEmpty: false, initialRecordTime: 0, createdAt: 0, lastNotifiedAt: null, failingSince: null },
  ...{ lastError: null, endedAt: n, endedBecause: 'the receiver answered 410' },
});
const concernsOf = (count: number) =>
  new SubscriptionConcerns({ ended: async () => Array.from({ length: count }, (_, n) => ended(count - n)) }).at();

test('a partner that is told no more is a concern of its own, which says where, of what and why, and no secret', async () => {
  expect(await concernsOf(0)).toEqual([]);
  const [concern] = await concernsOf(1);
  expect(concern).toMatchObject({ part: 'subscription s-1', since: 1 });
  expect(concern?.text).toMatch(/^https:\/\/example\.com.* of "shipped" no more: the receiver answered 410;/);
  expect(concern?.text).not.toContain('secret');
  // Nobody's reading is lost, and no alert is late.
  expect(isLesserPart(concern?.part ?? '')).toBe(true);
});

test('of many at once the oldest are told one by one, the rest in one', async () => {
  const concerns = await concernsOf(25);
  expect(concerns).toHaveLength(21);
  expect(concerns[0]).toMatchObject({ part: 'subscription s-1' });
  expect(concerns.at(-1)).toMatchObject({ since: 21, text: expect.stringMatching(/^5 more/) });
});
