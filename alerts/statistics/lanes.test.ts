import { beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { journeyExcursions } from './lane-excursions.ts';
import { lanes } from './lanes.ts';

const database = await testDatabase();
const HOUR = 3_600_000;
const T0 = Date.parse('2026-02-01T00:00:00Z');
const YEAR = { from: Date.parse('2026-01-01T00:00:00Z'), to: Date.parse('2027-01-01T00:00:00Z') };

beforeEach(() =>
  database.query('TRUNCATE alerts, routed_alerts, shipments, attachments_histories, attachments_members CASCADE'),
);

interface Journey {
  readonly id: string;
  readonly to?: string;
  readonly left?: number | null;
  readonly hours?: number | null;
  readonly promisedHours?: number | null;
  readonly state?: string;
}

async function journey({
  id,
  to = 'site:lyon',
  left = T0,
  hours = 10,
  promisedHours = 12,
  state = 'received',
}: Journey) {
  const after = (given: number | null) => (left === null || given === null ? null : left + given * HOUR);
  await database.query(
    `INSERT INTO shipments (id, profile, origin, destination, departs, arrives, state, left_at, received_at, noticed_at, noticed_by, position)
     VALUES ($1, '2-8C', 'site:berlin', $2, $3, $4, $5, $6, $7, 0, 'x', 1)`,
    [id, to, left ?? T0, after(promisedHours), state, left, after(hours)],
  );
}

let histories = 0;

/** @param site where its logger stands; '' on the way */
async function alert(id: string, shipments: string[], { kind = 'threshold', state = 'resolved', site = '' } = {}) {
  await database.query(
    `WITH made AS (INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, device, shipments, summary, from_at,
         to_at, detected_at, detected_late, evidence, evidence_complete, affected_count)
       SELECT $1, 'r', $1, 1, $2, 'critical', $3, 'logger-' || $1, $4, 's', at, at, at, false, '{"endedBy": "recovery"}', true, 0
       FROM (SELECT timestamptz '2026-02-01 05:00Z' AS at) t RETURNING number)
     INSERT INTO routed_alerts (alert, about, sites, gateways, profiles, products, labels)
     -- What its routes look at: where its shipments go from and to.
     SELECT number, 'device', ARRAY['site:berlin', 'site:lyon'], '{}', '{}', '{}', '{}' FROM made`,
    [id, kind, state, shipments],
  );
  if (site === '') return;
  await database.query(
    `WITH h AS (INSERT INTO attachments_histories (history, value, since, until, position, source, holds)
       VALUES ($1, $2, 0, NULL, 1, 'x', true) RETURNING history)
     INSERT INTO attachments_members (subject, history) SELECT $3, history FROM h`,
    [++histories, site, `logger-${id}`],
  );
}

test('a lane counts journeys, how long they took, what came late, and how many had an excursion, by leg and quarter', async () => {
  for (const [index, hours] of [8, 10, 12, 14].entries()) await journey({ id: `SHP-${index}`, hours });
  await journey({ id: 'SHP-away', hours: null, left: T0 + 120 * 24 * HOUR, state: 'in transit' });
  await journey({ id: 'SHP-other', to: 'site:oslo', promisedHours: null });
  await alert('A1', ['SHP-0']);
  await alert('A2', ['SHP-0', 'SHP-3'], { site: 'site:lyon' });
  const [first, second, ...more] = await lanes(database, YEAR);
  expect(first).toEqual({
    ...{ origin: 'site:berlin', destination: 'site:lyon', journeys: 5, received: 4, promised: 4, late: 1 },
    duration: { p10: 8.6 * HOUR, median: 11 * HOUR, p90: 13.4 * HOUR },
    ...{ withExcursion: 2, excursions: 2 },
    legs: [
      { site: 'site:lyon', shipments: 2, excursions: 1, evidence: ['A2'] },
      { site: null, shipments: 1, excursions: 1, evidence: ['A1'] },
    ],
    quarters: [
      { quarter: 1, journeys: 4, withExcursion: 2 },
      { quarter: 2, journeys: 1, withExcursion: 0 },
    ],
  });
  expect(second).toMatchObject({
    destination: 'site:oslo',
    journeys: 1,
    promised: 0,
    late: 0,
    withExcursion: 0,
    legs: [],
  });
  expect(more).toEqual([]);
});

test('what did not happen, what is no excursion and what never left counts in no lane', async () => {
  await journey({ id: 'SHP-1' });
  await journey({ id: 'SHP-cancelled', state: 'cancelled' });
  await journey({ id: 'SHP-waiting', left: null, state: 'packed' });
  await alert('A1', ['SHP-1'], { state: 'retracted' });
  await alert('A2', ['SHP-1'], { kind: 'silence' });
  await alert('A3', ['SHP-cancelled']);
  // Alerts here are of five o'clock: one journey begins after that, one had ended.
  await journey({ id: 'SHP-later', to: 'site:oslo', left: T0 + 6 * HOUR });
  await journey({ id: 'SHP-over', to: 'site:oslo', hours: 4 });
  await alert('A4', ['SHP-later', 'SHP-over']);
  expect(await lanes(database, YEAR)).toMatchObject([
    { destination: 'site:oslo', journeys: 2, withExcursion: 0, excursions: 0, legs: [] },
    { destination: 'site:lyon', journeys: 1, withExcursion: 0, excursions: 0, legs: [] },
  ]);
  expect(await lanes(database, { from: YEAR.to, to: YEAR.to + HOUR })).toEqual([]);
});

// The sites that routes look at are those that its shipments go from and to: by the alphabet all began in Berlin.
test('where an excursion began is where its logger stood, not where its shipment came from', async () => {
  await journey({ id: 'SHP-1' });
  await alert('A1', ['SHP-1']);
  await alert('A2', ['SHP-1'], { site: 'site:hub' });
  const [lane] = await lanes(database, YEAR);
  expect(lane?.legs.map(({ site, evidence }) => [site, evidence])).toEqual([
    ['site:hub', ['A2']],
    [null, ['A1']],
  ]);
  const byShipment = await journeyExcursions(database, ['SHP-1']);
  expect(byShipment.get('SHP-1')?.map(({ alert: id, site }) => [id, site])).toEqual([
    ['A1', null],
    ['A2', 'site:hub'],
  ]);
});
