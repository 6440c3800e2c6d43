import { expect, test } from 'vitest';
import type { TurnedAway } from '../partners/index.ts';
import { isLesserPart } from './health-watch.ts';
import { QuotaConcern } from './quota-concern.ts';

test('a partner that is turned away is told as long as it goes on, since it began', async () => {
  let found: readonly TurnedAway[] = [{ whose: 'acme', count: 3 }];
  const concern = new QuotaConcern({ of: 'partner', turnedAway: async () => found });
  expect(await concern.at(1_000_000)).toMatchObject([{ part: 'partner-quota acme', since: 1_000_000 }]);
  found = [
    { whose: 'other', count: 9 },
    { whose: 'acme', count: 5 },
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

test('a system that brings more than its mapping file allows is told by its name, and is no matter of life and death', async () => {
  const concern = new QuotaConcern({ of: 'system', turnedAway: async () => [{ whose: 'wms', count: 4 }] });
  expect(await concern.at(1_000_000)).toEqual([
    {
      part: 'system-quota wms',
      since: 1_000_000,
      text: expect.stringMatching(/^files of the system wms were turned away 4 times today.*raise quota there/),
    },
  ]);
  expect(isLesserPart('system-quota wms')).toBe(true);
});
