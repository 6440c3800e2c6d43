import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { at, excursion, MINUTE, pallet, Scene, sgtin } from '../../alerts/testing/scene.ts';
import type { Finding, FindingChange } from '../../domain/index.ts';
import { effectsOf } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import type { CaseRow } from './case.ts';
import { nextRevision, touchCase } from './case-store.ts';
import { ExcursionCases } from './excursion-cases.ts';

const TARGET_MS = 24 * 60 * MINUTE;
const database = await testDatabase();
const scene = new Scene(database, { cases: new ExcursionCases({ targetMs: TARGET_MS }) });
beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());
beforeEach(clear);

async function clear(): Promise<void> {
  await scene.clear();
  await database.query('TRUNCATE cases, case_alerts, case_serials, case_changes, case_clocks CASCADE');
}

async function cases() {
  const { rows } = await database.query<CaseRow & { subject: string }>('SELECT * FROM cases ORDER BY number');
  return rows;
}

async function changes(number: number): Promise<string[]> {
  const { rows } = await database.query<{ text: string }>(
    'SELECT text FROM case_changes WHERE case_number = $1 ORDER BY id',
    [number],
  );
  return rows.map(({ text }) => text);
}

async function serials(number: number): Promise<string[]> {
  const { rows } = await database.query<{ epc: string }>(
    'SELECT epc FROM case_serials WHERE case_number = $1 AND is_affected ORDER BY epc',
    [number],
  );
  return rows.map(({ epc }) => epc);
}

/** As a signed decision on every serial of the case leaves it. */
async function decideAll(number: number): Promise<void> {
  await database.transaction(async (client) => {
    const effects = effectsOf(client);
    const revision = await nextRevision(effects, number);
    await client.query(
      'UPDATE case_serials SET decision = 1, decided_revision = $2, is_in_force = true WHERE case_number = $1',
      [number, revision],
    );
    await touchCase(effects, number, { what: 'Decided.', at: scene.time.now() });
  });
}

async function close(number: number): Promise<void> {
  await database.query(`UPDATE cases SET state = 'closed', closed_at = now(), closed_by = 'paula' WHERE number = $1`, [
    number,
  ]);
}

describe('an alert of a kind that can spoil goods', () => {
  it('opens the case of each shipment it touches, with its serials and the target of the site', async () => {
    scene.exposed.set('logger-7', [
      pallet(3),
      pallet(0, { shipment: 'SHP-1002', unit: 'urn:epc:id:sscc:0614141.1234567891', serials: [sgtin(10), sgtin(11)] }),
    ]);
    await scene.found({ event: 'opened', finding: excursion() });
    const [first, second] = await cases();
    expect(first).toMatchObject({ subject: 'shipment:SHP-1001', state: 'open', alerts: 1, affected: 3, undecided: 3 });
    expect(second).toMatchObject({ subject: 'shipment:SHP-1002', affected: 2, revision: 1 });
    expect(first?.due_at).toBe(scene.time.now() + TARGET_MS);
    expect(await serials(first?.number ?? 0)).toEqual([sgtin(1), sgtin(2), sgtin(3)]);
    expect(await changes(first?.number ?? 0)).toEqual([expect.stringMatching(/^Opened by an alert: logger-7/)]);
  });

  it('joins the open case of the shipment; the same finding again changes nothing', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    scene.exposed.set('logger-8', [pallet(5)]);
    await scene.found({ event: 'opened', finding: excursion() });
    await scene.found({ event: 'opened', finding: excursion({ key: 'logger-8/temperature' }) });
    const before = await cases();
    expect(before).toMatchObject([{ alerts: 2, affected: 5, revision: 2 }]);
    await scene.exposureChanged('logger-8', 'asked again');
    expect(await cases()).toEqual(before);
    expect((await changes(before[0]?.number ?? 0))[1]).toMatch(/^Another alert: .* 2 serials more are affected\.$/);
  });

  it('opens the case of the place its logger is registered for, where no shipment is touched', async () => {
    await database.query(
      `INSERT INTO facts (position, arrival, type, subject, fact) VALUES (1, now(), 'device', 'device:logger-9',
         '{"device":{"id":"logger-9","context":{"site":"site:lyon"}}}')`,
    );
    await scene.found({ event: 'opened', finding: excursion({ key: 'logger-9/temperature' }) });
    expect(await cases()).toMatchObject([
      { subject: 'place:site:lyon', place: 'site:lyon', state: 'open', affected: 0 },
    ]);
  });

  it('is another one where it cannot spoil anything: a silence, a flat battery', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    await scene.found(
      { event: 'opened', finding: excursion({ kind: 'silence', rule: 'silent' }) },
      { event: 'opened', finding: excursion({ key: 'logger-7/battery', rule: 'flat' }) },
    );
    expect(await cases()).toEqual([]);
  });
});

describe('what changes under a case', () => {
  it('a retraction leaves the case its number and says so', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    await scene.found({ event: 'opened', finding: excursion() });
    const [opened] = await cases();
    await scene.found({ event: 'retracted', finding: excursion() });
    expect(await cases()).toMatchObject([{ number: opened?.number, alerts: 0, affected: 0, state: 'decided' }]);
    expect((await changes(opened?.number ?? 0)).at(-1)).toMatch(/taken back.*3 serials are not affected any more\.$/);
  });

  it('late data under decided serials makes it say that the evidence changed, and by what', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    await scene.found({ event: 'opened', finding: excursion({ to: at('10:20'), endedBy: 'recovery' }) });
    const [{ number } = { number: 0 }] = await cases();
    await decideAll(number);
    expect(await cases()).toMatchObject([{ state: 'decided', undecided: 0, due_at: null }]);
    await scene.found({ event: 'extended', finding: excursion({ to: at('11:20'), endedBy: 'recovery', extreme: 12 }) });
    expect(await cases()).toMatchObject([{ state: 'evidence changed', undecided: 0 }]);
    expect((await changes(number)).at(-1)).toContain(
      'ended at 2026-11-22T11:20:00.000Z, not at 2026-11-22T10:20:00.000Z',
    );
    await decideAll(number);
    expect(await cases()).toMatchObject([{ state: 'decided' }]);
  });

  it('a serial that joins after the decision is undecided', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    await scene.found({ event: 'opened', finding: excursion() });
    await decideAll((await cases())[0]?.number ?? 0);
    scene.exposed.set('logger-7', [pallet(4)]);
    await scene.exposureChanged('logger-7', 'a packing came late');
    expect(await cases()).toMatchObject([{ affected: 4, undecided: 1 }]);
  });

  it('an alert after closing opens a follow-up that names the first; what stands as it did opens nothing', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    scene.exposed.set('logger-8', [pallet(3)]);
    await scene.found({ event: 'opened', finding: excursion() });
    const [first] = await cases();
    await decideAll(first?.number ?? 0);
    await close(first?.number ?? 0);
    await scene.exposureChanged('logger-7', 'asked again');
    expect(await cases()).toHaveLength(1);
    await scene.found({ event: 'opened', finding: excursion({ key: 'logger-8/temperature' }) });
    const [, second] = await cases();
    expect(second).toMatchObject({ follows: first?.number, state: 'open', affected: 3, undecided: 3, alerts: 1 });
    expect((await changes(second?.number ?? 0))[0]).toContain('It follows up C-');
  });

  it('late data of an alert in a closed case opens a follow-up, and the closed case keeps what was closed', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    await scene.found({ event: 'opened', finding: excursion({ to: at('10:20'), endedBy: 'recovery' }) });
    const [first] = await cases();
    await decideAll(first?.number ?? 0);
    await close(first?.number ?? 0);
    scene.exposed.set('logger-7', [pallet(4)]);
    await scene.found({ event: 'extended', finding: excursion({ to: at('11:20'), endedBy: 'recovery' }) });
    expect(await cases()).toMatchObject([
      { state: 'closed', affected: 3 },
      { state: 'open', affected: 4, follows: first?.number },
    ]);
  });
});

it('two alerts at once open one case', async () => {
  const devices = Array.from({ length: 8 }, (_, i) => `logger-${20 + i}`);
  // Some by SHP-1 first, some by SHP-2: whoever waits, waits in one order.
  for (const [i, device] of devices.entries()) {
    const parts = [pallet(2, { shipment: 'SHP-1' }), pallet(2, { shipment: 'SHP-2', unit: 'urn:epc:id:sscc:1.2' })];
    scene.exposed.set(device, i % 2 === 0 ? parts : parts.toReversed());
  }
  const findings = devices.map((device) => excursion({ key: `${device}/temperature` }));
  await scene.found(...findings.map((finding): FindingChange => ({ event: 'opened', finding })));
  expect(await cases()).toMatchObject([
    { state: 'open', alerts: 8, affected: 2 },
    { state: 'open', alerts: 8, affected: 2 },
  ]);
});

/** Disjoint excursions of one logger, in minutes after 10:00. */
const day = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 })), { maxLength: 3 })
  .map((steps) => {
    let minute = 0;
    return steps.map(([gap, length]) => {
      const from = at('10:00') + (minute + gap) * MINUTE;
      minute += gap + length;
      const to = at('10:00') + minute * MINUTE;
      return { from, to, endedBy: 'recovery', runs: [{ from, to }] } as const;
    });
  });
const goods = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 4 });
const state = fc.record({ day, one: goods, two: goods });

it('whatever order alerts are settled, merged, split and taken back in, cases are those of the alerts that stand', async () => {
  const step = fc.record({ device: fc.constantFrom('logger-7', 'logger-8'), state, isSettled: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      await clear();
      const now = new Map<string, { findings: readonly Finding[]; goods: Map<string, readonly string[]> }>();
      for (const { device, state: given, isSettled } of steps) {
        const findings = given.day.map((interval) => excursion({ key: `${device}/temperature`, ...interval }));
        const kept = new Set(findings.map(({ from }) => from));
        const before = now.get(device)?.findings ?? [];
        const byShipment = new Map([
          ['SHP-1', given.one.map(sgtin)],
          ['SHP-2', given.two.filter((serial) => !given.one.includes(serial)).map(sgtin)],
        ]);
        scene.exposed.set(
          device,
          [...byShipment].map(([shipment, list]) => pallet(0, { shipment, unit: `urn:${shipment}`, serials: list })),
        );
        await database.transaction(async (client) => {
          await scene.findings.apply(effectsOf(client), [
            ...before
              .filter(({ from }) => !kept.has(from))
              .map((finding): FindingChange => ({ event: 'retracted', finding })),
            ...findings.map((finding): FindingChange => ({ event: 'extended', finding })),
          ]);
          const change = { device, from: at('00:00'), to: null, reason: 'goods' };
          await scene.findings.markExposureChanged(effectsOf(client), [change]);
        });
        if (isSettled) await scene.worker.settled();
        now.set(device, { findings, goods: byShipment });
      }
      await scene.worker.settled();

      // The slow, obvious way: each shipment with the serials of every logger that stands beside it in an excursion.
      const expected = new Map<string, { alerts: number; serials: Set<string> }>();
      for (const { findings, goods: byShipment } of now.values()) {
        for (const [shipment, list] of byShipment) {
          if (findings.length === 0 || list.length === 0) continue;
          const entry = expected.get(`shipment:${shipment}`) ?? { alerts: 0, serials: new Set() };
          entry.alerts += findings.length;
          for (const epc of list) entry.serials.add(epc);
          expected.set(`shipment:${shipment}`, entry);
        }
      }
      const standing = (await cases()).filter(({ alerts }) => alerts > 0);
      expect(new Map(standing.map(({ subject, alerts, affected }) => [subject, [alerts, affected]]))).toEqual(
        new Map([...expected].map(([subject, { alerts, serials: all }]) => [subject, [alerts, all.size]])),
      );
      for (const { number, subject } of standing) {
        expect(await serials(number)).toEqual([...(expected.get(subject)?.serials ?? [])].sort());
      }
    }),
    { numRuns: 40 },
  );
}, 180_000);
