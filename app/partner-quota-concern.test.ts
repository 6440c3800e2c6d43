import { expect, test } from 'vitest';
import type { TurnedAway } from '../partners/index.ts';
import { isLesserPart } from './health-watch.ts';
import { PartnerQuotaConcern } from './partner-quota-concern.ts';

test('a partner that is turned away is told as long as it goes on, since it began', async () => {
  let found: readonly TurnedAway[] = [{ partner: 'acme', count: 3 }];
  const concern = new PartnerQuotaConcern({ turnedAway: async () => found });
  expect(await concern.at(1_000_000)).toMatchObject([{ part: 'partner-quota acme', since: 1_000_000 }]);
  found = [
    { partner: 'other', count: 9 },
    { partner: 'acme', count: 5 },
  ];
  expect((await concern.at(1_060_000)).map(({ part, since }) => [part, since])).toEqual([
    ['partner-quota other', 1_060_000],
    ['partner-quota acme', 1_000_000],
  ]);
  found = [];
  expect(await concern.at(1_120_000)).toEqual([]);
  // Nobody's reading is lost by it.
  expect(isLesserPart('partner-quota acme')).toBe(true);
});
