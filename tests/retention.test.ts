import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { keptCounts, retentionScope } from '../app/retention-scope.ts';
import { type Kept, ManualTime, metricByName, ReadingBuilder, silentLogger } from '../domain/index.ts';
import {
  type Database,
  Deletions,
  effectsOf,
  Holds,
  PartitionManager,
  PostgresAuditTrail,
  ReadingStore,
  Sweeper,
} from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { holding, type Statement } from '../trace/statements/timeline.ts';
import { naiveEnvironment, type Said } from '../trace/testing/naive.ts';

/*
 * Retention against a slow obvious reference, which asks of every single reading whether it has to be kept, moment by
 * moment and without an interval anywhere. Time goes in steps of 12 hours.
 */
const STEP = 43_200_000;
const DAY = 86_400_000;
const WEEK = 7 * DAY;
const START = Math.ceil(Date.parse('2026-01-01T00:00:00Z') / WEEK) * WEEK;
/** Five weeks of readings. */
const STEPS = 70;
const NOW = START + 90 * STEP;
/** A day around what is kept, in steps. */
const MARGIN = 2;
const at = (step: number) => START + step * STEP;

const DEVICES = ['logger-1', 'logger-2', 'room-1', 'room-2'];
const VIALS = [1, 2, 3, 4].map((n) => `urn:epc:id:sgtin:0614141.812345.${n}`);
const UNITS = [1, 2].map((n) => `urn:epc:id:sscc:0614141.100000000${n}`);
const PLACES = ['room:lyon/cold-1', 'room:lyon/cold-2'];
const TEMPERATURE = metricByName('temperature')?.code ?? 0;

interface ShipmentCase {
  readonly id: string;
  readonly epcs: readonly string[];
  readonly arrives: number;
  /** In days after the start; null = unknown. */
  readonly expires: number | null;
}

interface AlertCase {
  readonly device: string | null;
  readonly shipments: readonly string[];
  readonly from: number;
  readonly to: number | null;
  /** Then `to` is its last reading so far. */
  readonly isRunning: boolean;
  readonly state: 'open' | 'acknowledged' | 'resolved';
}

interface Case {
  readonly said: readonly Said[];
  readonly shipments: readonly ShipmentCase[];
  readonly alerts: readonly AlertCase[];
  readonly holds: readonly string[];
  readonly retention: number;
  readonly atLeast: number;
  readonly afterExpiry: number;
}

const step = fc.integer({ min: 0, max: STEPS });
const someSaid = fc.oneof(
  fc.record({
    what: fc.constant('containment' as const),
    subject: fc.constantFrom(...VIALS),
    value: fc.constantFrom(...UNITS, null),
    from: step,
  }),
  fc.record({
    what: fc.constant('attachment' as const),
    subject: fc.constantFrom(...DEVICES),
    value: fc.constantFrom(...UNITS, ...PLACES, null),
    from: step,
  }),
  fc.record({
    what: fc.constant('presence' as const),
    subject: fc.constantFrom(...VIALS, ...UNITS),
    value: fc.constantFrom(...PLACES),
    from: step,
  }),
);
const SHIPMENTS = ['SHP-1', 'SHP-2'];
const someCase: fc.Arbitrary<Case> = fc.record({
  said: fc.array(someSaid, { minLength: 3, maxLength: 14 }),
  shipments: fc.tuple(
    ...SHIPMENTS.map((id) =>
      fc.record({
        id: fc.constant(id),
        epcs: fc.uniqueArray(fc.constantFrom(...VIALS, ...UNITS), { maxLength: 3 }),
        arrives: step,
        expires: fc.option(fc.integer({ min: -40, max: 40 })),
      }),
    ),
  ),
  alerts: fc.array(
    fc.record({
      device: fc.constantFrom(...DEVICES, null),
      shipments: fc.subarray(SHIPMENTS),
      from: step,
      to: fc.option(step),
      isRunning: fc.boolean(),
      state: fc.constantFrom('open' as const, 'acknowledged' as const, 'resolved' as const),
    }),
    { maxLength: 2 },
  ),
  holds: fc.subarray([...SHIPMENTS.map((id) => `shipment:${id}`), 'device:room-2']),
  retention: fc.integer({ min: 20, max: 90 }),
  atLeast: fc.integer({ min: 0, max: 60 }),
  afterExpiry: fc.integer({ min: 0, max: 30 }),
});

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});

test('a reading that must be kept is never deleted, and all others past their retention are', async () => {
  await fc.assert(
    fc.asyncProperty(someCase, async (given) => {
      await play(given);
      const { sweep, release } = retentionOf(given);
      await sweep();
      expect(await present()).toEqual(expected(given));
      expect(await sweep(), 'a second sweep').toBe(0);
      await release();
      const released = { ...given, holds: [], alerts: [] };
      await sweep();
      expect(await present()).toEqual(expected(released));
    }),
    { numRuns: 15 },
  );
});

function retentionOf(given: Case) {
  const time = new ManualTime(NOW);
  const holds = new Holds({ audit: new PostgresAuditTrail({ database }), database, time });
  const deletions = new Deletions({ database });
  const partitions = new PartitionManager({ database });
  const sweeper = new Sweeper({ database, partitions, deletions, time, logger: silentLogger });
  const period = { atLeastMs: given.atLeast * STEP, afterExpiryMs: given.afterExpiry * STEP };
  return {
    async sweep(): Promise<number> {
      const scope = { database, holds, period, now: NOW };
      const kept: Kept = await retentionScope(scope);
      const count = (kind: string) => given.holds.filter((one) => one.startsWith(kind)).length;
      const said = await keptCounts(scope);
      const stand = (await holds.standing()).length;
      if (stand > 0) expect(said.onHold).toEqual({ shipments: count('shipment:'), devices: count('device:') });
      // Each is a reason of its own, and together they are the shipments that are kept.
      expect(said.onHold.shipments + said.underAlert.shipments + said.inRecordPeriod).toBeGreaterThanOrEqual(
        kept.shipments.size,
      );
      return (await sweeper.sweep(NOW - given.retention * STEP, kept.ranges, 'retention.readings=test')).deleted;
    },
    async release(): Promise<void> {
      for (const { subject } of await holds.standing()) await holds.release(subject, 'closed', by('quality'));
      await database.query(`UPDATE alerts SET state = 'resolved'`);
    },
  };
}

/** Readings that stay, `device@step`, by asking each. */
function expected(given: Case): string[] {
  const rows: string[] = [];
  for (const device of DEVICES) {
    for (let now = 0; now < STEPS; now++) {
      const week = Math.floor(at(now) / WEEK) * WEEK;
      const isYoung = week + WEEK > NOW - given.retention * STEP;
      if (isYoung || mustStay(given, device, now)) rows.push(`${device}@${now}`);
    }
  }
  return rows.sort();
}

function mustStay(given: Case, device: string, now: number): boolean {
  const around = Array.from({ length: 2 * MARGIN + 1 }, (_, i) => now - MARGIN + i);
  const open = given.alerts.filter(({ state }) => state !== 'resolved');
  if (given.holds.includes(`device:${device}`)) return true;
  const isAlerted = open.some((alert) => {
    const to = alert.isRunning ? null : alert.to;
    return alert.device === device && around.some((one) => alert.from <= one && (to === null || one < to));
  });
  if (isAlerted) return true;
  return given.shipments.some((shipment) => {
    const isKept =
      at(shipment.arrives) + given.atLeast * STEP > NOW ||
      (shipment.expires !== null && START + (shipment.expires + 1) * DAY + given.afterExpiry * STEP > NOW) ||
      given.holds.includes(`shipment:${shipment.id}`) ||
      open.some(({ shipments }) => shipments.includes(shipment.id));
    return (
      isKept &&
      shipment.epcs.some((epc) => around.some((one) => naiveEnvironment(given.said, epc, one).includes(device)))
    );
  });
}

async function present(): Promise<string[]> {
  const { rows } = await database.query<{ name: string; time: number }>(
    'SELECT name, time FROM readings JOIN devices ON id = device_id',
  );
  return rows.map(({ name, time }) => `${name}@${(time - START) / STEP}`).sort();
}

async function play({ said, shipments, alerts, holds }: Case): Promise<void> {
  await database.query(`TRUNCATE containment_members, containment_histories, attachments_members, attachments_histories,
    presence_members, presence_histories, shipments, shipment_units, shipment_lines, shipment_products, alerts, holds,
    retention_swept, readings`);
  const builder = new ReadingBuilder();
  for (const device of DEVICES) for (let now = 0; now < STEPS; now++) builder.add(device, TEMPERATURE, at(now), 5);
  const store = new ReadingStore({ database, partitions: new PartitionManager({ database }) });
  await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
  const statements = said.map((one, position): Statement & Pick<Said, 'what'> => {
    return { ...one, position, source: `fact:${position}` };
  });
  for (const [what, table] of [
    ['containment', 'containment'],
    ['attachment', 'attachments'],
    ['presence', 'presence'],
  ] as const) {
    for (const subject of new Set(said.filter((one) => one.what === what).map((one) => one.subject))) {
      const held = holding(statements.filter((one) => one.what === what && one.subject === subject));
      const { rows } = await database.query<{ history: number }>(
        `INSERT INTO ${table}_members (subject, history) VALUES ($1, nextval('history_ids')) RETURNING history`,
        [subject],
      );
      for (const { statement, to } of held) {
        const { value, from, position, source } = statement;
        await database.query(`INSERT INTO ${table}_histories VALUES ($1, $2, $3, $4, $5, $6, true)`, [
          ...[rows[0]?.history, value, at(from), to === null ? null : at(to), position, source],
        ]);
      }
    }
  }
  for (const { id, epcs, arrives, expires } of shipments) {
    await database.query(
      `INSERT INTO shipments (id, profile, origin, destination, departs, arrives, state, noticed_at, noticed_by, position)
       VALUES ($1, '2-8C', 'site:a', 'site:b', $2, $3, 'closed', $2, 'test', 1)`,
      [id, START, at(arrives)],
    );
    for (const epc of epcs) await database.query(`INSERT INTO shipment_lines VALUES ($1, $2, 'unit', true)`, [id, epc]);
    const expiry = expires === null ? null : new Date(START + expires * DAY).toISOString().slice(0, 10);
    await database.query(`INSERT INTO shipment_products VALUES ($1, 1, '80614141123458', 'Examplumab', 'A17', $2)`, [
      ...[id, expiry],
    ]);
  }
  for (const [index, { device, shipments: own, from, to, isRunning, state }] of alerts.entries()) {
    const evidence = { endedBy: to === null || isRunning ? null : 'recovery' };
    await database.query(
      `INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, device, shipments, summary, from_at, to_at,
         detected_at, detected_late, evidence, evidence_complete, affected_count)
       VALUES ($1, 'r', 'k', 1, 'threshold', 'critical', $2, $3, $4, '', $5, $6, $5, false, $7, true, 0)`,
      [`a-${index}`, state, device, own, new Date(at(from)), to === null ? null : new Date(at(to)), evidence],
    );
  }
  const book = new Holds({ audit: new PostgresAuditTrail({ database }), database, time: new ManualTime(NOW) });
  for (const subject of holds) await book.set(subject, 'investigation', by('quality'));
}
