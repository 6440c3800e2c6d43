import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { targetOf } from './case-targets.ts';

const HOUR = 3_600_000;
let database: Database;

beforeAll(async () => {
  database = await testDatabase({ maxConnections: 2 });
  await database.query(
    `INSERT INTO places (id, kind, name, parent, zone, position) VALUES ('site:lyon', 'site', 'Lyon', NULL, 'Europe/Paris', 1),
       ('room:lyon/cold-1', 'room', 'Cold 1', 'site:lyon', 'Europe/Paris', 2),
       ('room:loop/a', 'room', 'A', 'room:loop/b', 'Europe/Paris', 3), ('room:loop/b', 'room', 'B', 'room:loop/a', 'Europe/Paris', 4)`,
  );
  await database.query(
    `INSERT INTO shipments (id, profile, origin, destination, departs, state, noticed_at, noticed_by, position)
     VALUES ('to', '2-8C', 'site:berlin', 'site:lyon', 0, 'announced', 0, 'test', 1),
       ('from', '2-8C', 'site:lyon', 'site:far', 0, 'announced', 0, 'test', 2)`,
  );
});
afterAll(() => database.close());

describe('the target of a case', () => {
  const targets = {
    targetMs: 24 * HOUR,
    siteTargets: new Map([
      ['site:lyon', 8 * HOUR],
      ['site:berlin', 2 * HOUR],
    ]),
  };
  const at = (shipment: string | null, place: string | null) => targetOf(database.pool, targets, { shipment, place });

  test.each([
    ['of a site that has its own', null, 'site:lyon', 8],
    ['of a room in it', null, 'room:lyon/cold-1', 8],
    ['of a place that nobody registered, and is its own', null, 'site:berlin', 2],
    ['of another place', null, 'site:far', 24],
    ['of places that stand in each other', null, 'room:loop/a', 24],
    ['of a shipment: its destination', 'to', null, 8],
    ['of a shipment to a site without one: its origin', 'from', null, 8],
    ['of a shipment that nobody announced', 'unknown', null, 24],
    ['of serials alone', null, null, 24],
  ])('%s', async (_, shipment, place, hours) => {
    expect(await at(shipment, place)).toBe(hours * HOUR);
  });

  test('is the usual one where no site has its own', async () => {
    expect(await targetOf(database.pool, { targetMs: HOUR }, { shipment: 'to', place: null })).toBe(HOUR);
  });
});
