import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { at, excursion, foundGoods, MINUTE, pallet, Scene, sgtin, usedUp } from '../../alerts/testing/scene.ts';
import type { Finding, FindingChange, FindingKind } from '../../domain/index.ts';
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

describe('what a rule on goods found', () => {
  beforeEach(() => {
    scene.exposed.set('logger-7', [pallet(3)]);
    scene.goods.set('used-up SHP-1001', [foundGoods(3)]);
  });

  it.each(['goodsMkt', 'goodsFreezeThaw', 'cumulative', 'budget'] as const)(
    'opens the case of its shipment: %s',
    async (kind) => {
      await scene.found({ event: 'opened', finding: usedUp({ kind }) });
      expect(await cases()).toMatchObject([
        { subject: 'shipment:SHP-1001', kind: 'excursion', state: 'open', alerts: 1, affected: 3, undecided: 3 },
      ]);
      expect(await changes((await cases())[0]?.number ?? 0)).toEqual([expect.stringMatching(/^Opened by an alert: /)]);
    },
  );

  it.each([
    [{ event: 'opened', finding: excursion() } as const, { event: 'opened', finding: usedUp() } as const],
    [{ event: 'opened', finding: usedUp() } as const, { event: 'opened', finding: excursion() } as const],
  ])(
    'is one case with the excursion that used it up, to be signed once, whichever is found first',
    async (one, two) => {
      await scene.found(one);
      await scene.found(two);
      expect(await cases()).toMatchObject([{ alerts: 2, affected: 3, undecided: 3, revision: 2 }]);
    },
  );

  it('opens none as a forecast, an opened pack or a warning, one once the warning has come true, and left where it had not', async () => {
    await scene.found(
      { event: 'opened', finding: usedUp({ kind: 'budgetForecast', rule: 'foretold' }) },
      { event: 'opened', finding: usedUp({ kind: 'tamper', rule: 'opened' }) },
      { event: 'opened', finding: usedUp({ extreme: 48.5 }) },
    );
    expect(await cases()).toEqual([]);
    // Rounded they are the same, found is what is more.
    await scene.found({ event: 'extended', finding: usedUp({ extreme: 60 }) });
    expect(await cases()).toMatchObject([{ alerts: 1, affected: 3, state: 'open' }]);
    await scene.found({ event: 'extended', finding: usedUp({ extreme: 59.9 }) });
    const [{ number, ...left } = { number: 0 }] = await cases();
    expect(left).toMatchObject({ alerts: 0, affected: 0, state: 'decided' });
    expect((await changes(number)).at(-1)).toMatch(/^An alert is a warning now, and no excursion: /);
  });

  it('is told of when it comes to half an hour more, in minutes, and not with every reading', async () => {
    await scene.found({ event: 'opened', finding: usedUp() });
    const [{ number } = { number: 0 }] = await cases();
    await scene.found({ event: 'extended', finding: usedUp({ extreme: 75 }) });
    expect(await changes(number)).toHaveLength(1);
    await scene.found({ event: 'extended', finding: usedUp({ extreme: 91 }) });
    expect((await changes(number)).slice(1)).toEqual(['used-up: it comes to 91 min over the journey, it was 61 min.']);
  });

  it('changes under a decision by what the goods went through, not by a pallet that is carried off later', async () => {
    await scene.found({ event: 'opened', finding: usedUp() });
    const [{ number } = { number: 0 }] = await cases();
    await decideAll(number);
    const parted = [[1], [2, 3]].map((serials) => foundGoods(0, { epcs: serials.map(sgtin) }));
    scene.goods.set('used-up SHP-1001', parted);
    await scene.found({
      event: 'extended',
      finding: usedUp({ extreme: 62, goods: { shipment: 'SHP-1001', serials: 3, digest: 'parted' } }),
    });
    expect(await cases()).toMatchObject([{ state: 'decided', alerts: 1, affected: 3 }]);
    scene.goods.set('used-up SHP-1001', [...parted, foundGoods(0, { epcs: [sgtin(4)] })]);
    await scene.found({
      event: 'extended',
      finding: usedUp({ extreme: 62, goods: { shipment: 'SHP-1001', serials: 4, digest: 'more' } }),
    });
    expect(await cases()).toMatchObject([{ state: 'evidence changed', affected: 4, undecided: 1 }]);
  });

  it('after a case was closed opens the one that follows it up; withdrawn it leaves that, and the rule of before stands', async () => {
    await scene.found({ event: 'opened', finding: excursion({ to: at('10:20'), endedBy: 'recovery' }) });
    const [first] = await cases();
    await decideAll(first?.number ?? 0);
    await close(first?.number ?? 0);
    await scene.found({ event: 'opened', finding: usedUp() });
    expect(await cases()).toMatchObject([
      { state: 'closed', alerts: 1 },
      { state: 'open', follows: first?.number, alerts: 1, affected: 3, undecided: 3 },
    ]);
    await scene.found({ event: 'retracted', finding: usedUp() });
    const [, second] = await cases();
    expect(second).toMatchObject({ alerts: 0, affected: 0, state: 'decided' });
    expect((await changes(second?.number ?? 0)).at(-1)).toMatch(/taken back.*3 serials are not affected any more\.$/);
  });

  it('of a rule that was removed ended, and stays to be decided on', async () => {
    await scene.found({ event: 'opened', finding: usedUp() });
    await scene.found({ event: 'closed', finding: usedUp({ to: at('11:00'), endedBy: 'rule' }) });
    const [{ number, ...ended } = { number: 0 }] = await cases();
    expect(ended).toMatchObject({ alerts: 1, affected: 3, undecided: 3, state: 'open' });
    expect((await changes(number)).at(-1)).toBe('used-up: the excursion ended at 2026-11-22T11:00:00.000Z.');
  });

  it('of the same serials in two shipments is in the case of each; of none it is in that of its shipment', async () => {
    scene.goods.set('used-up SHP-1002', [foundGoods(3)]);
    await scene.found(
      { event: 'opened', finding: usedUp() },
      { event: 'opened', finding: usedUp({ shipment: 'SHP-1002' }) },
      { event: 'opened', finding: usedUp({ shipment: 'SHP-1003' }) },
    );
    const byShipment = (await cases()).sort((a, b) => ((a.shipment ?? '') < (b.shipment ?? '') ? -1 : 1));
    expect(byShipment).toMatchObject([
      { shipment: 'SHP-1001', alerts: 1, affected: 3 },
      { shipment: 'SHP-1002', alerts: 1, affected: 3 },
      { shipment: 'SHP-1003', alerts: 1, affected: 0 },
    ]);
  });

  it('of ten thousand serials on twenty pallets joins the case of the excursion', async () => {
    const pallets = Array.from({ length: 20 }, (_, n) => ({
      unit: `urn:epc:id:sscc:0614141.1${String(n).padStart(9, '0')}`,
      serials: Array.from({ length: 500 }, (_, i) => sgtin(n * 500 + i)),
    }));
    scene.exposed.set(
      'logger-7',
      pallets.map((one) => pallet(0, one)),
    );
    scene.goods.set(
      'used-up SHP-1001',
      pallets.map(({ unit, serials: epcs }) => foundGoods(0, { unit, epcs })),
    );
    await scene.found({ event: 'opened', finding: excursion() });
    await scene.found({ event: 'opened', finding: usedUp() });
    expect(await cases()).toMatchObject([{ alerts: 2, affected: 10_000, undecided: 10_000 }]);
  });
});

/** A kind that comes has to be put here, and in can_spoil(), where it can. */
const SPOILS: Readonly<Record<FindingKind, boolean>> = {
  ...{ threshold: true, mkt: true, rate: true, shock: true, freezeThaw: true },
  ...{ goodsMkt: true, goodsFreezeThaw: true, cumulative: true, budget: true },
  ...{ budgetForecast: false, tamper: false, forecast: false, interval: false, silence: false, health: false },
  ...{ unexpected: false, blocked: false, shortage: false, wrongDirection: false, wrongPortal: false, noData: false },
  ...{ expired: false, clone: false, dwell: false, crossRead: false, diversion: false, badData: false, surge: false },
  weakReads: false,
};

it('an alert of each kind of finding can spoil goods or not, and of a battery, a door or a defrost none can', async () => {
  const told = async (metric: string | null) => {
    const { rows } = await database.query<{ kind: string; can_spoil: boolean }>(
      `SELECT kind, can_spoil(kind, $2, '{"extreme": 61, "limit": 60}') FROM unnest($1::text[]) AS kind`,
      [Object.keys(SPOILS), metric],
    );
    return Object.fromEntries(rows.map(({ kind, can_spoil }) => [kind, can_spoil]));
  };
  expect(await told(null)).toEqual(SPOILS);
  expect(await told('temperature')).toEqual(SPOILS);
  for (const metric of ['battery', 'door', 'defrost']) expect((await told(metric)).threshold).toBe(false);
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
