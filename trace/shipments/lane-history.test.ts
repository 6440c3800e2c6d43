import { beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { at, door, notice, pallet, said, through, vials, Yard } from '../testing/yard.ts';
import { laneJourneys, laneKey, siteEvents } from './lane-history.ts';

const database = await testDatabase();
const yard = new Yard(database);
const DOCK = door('dock-1');
const LANE = { origin: 'site:berlin', destination: 'site:lyon' };

beforeEach(() => yard.clear());

test('a journey that came to its end is one of its lane, with the doors it passed and when', async () => {
  await yard.hears(
    said.portal(DOCK),
    said.asn(
      notice('SHP-1', [
        { sscc: pallet(1), children: vials(1, 3) },
        { sscc: pallet(2), children: vials(4, 3) },
      ]),
    ),
    said.asn(notice('SHP-2', [{ sscc: pallet(3), children: vials(7, 3) }])),
    said.seen(through(DOCK, 'in', at('15:00'), [pallet(1), ...vials(1, 3)])),
    said.seen(through(DOCK, 'in', at('15:20'), [pallet(2), ...vials(4, 3)])),
    said.complete(DOCK, at('15:30')),
  );
  const events = await siteEvents(database, ['SHP-1', 'SHP-2']);
  expect(events).toEqual(new Map([['SHP-1', [{ site: 'site:lyon', direction: 'in', at: at('15:20') }]]]));
  expect(await laneJourneys(database, [LANE], at('00:00'))).toEqual(
    new Map([[laneKey(LANE), [{ leftAt: at('08:00'), receivedAt: at('15:20'), events: events.get('SHP-1') }]]]),
  );
  expect(await laneJourneys(database, [LANE], at('09:00'))).toEqual(new Map());
});
