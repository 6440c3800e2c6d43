import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AlertRouting, AlertService, AlertWorker } from '../alerts/index.ts';
import {
  type EpcisCapture,
  type Finding,
  ManualTime,
  ReadingBuilder,
  silentLogger,
  silentMeter,
} from '../domain/index.ts';
import { effectsOf, PostgresAuditTrail, PostgresFindings, PostgresHistory, ReadingStore } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { SerialExposures, TraceExposure } from '../trace/index.ts';
import { type Arrival, at, door, notice, pallet, said, through, vial, vials, Yard } from '../trace/testing/yard.ts';

/*
 * An excursion from 10:00 to 11:00, an alert on it that Paula has acknowledged, and then a fact that should have come
 * before: the alert's list is mended, and Paula's alert says what changed, why and when.
 */
const database = await testDatabase();
const yard = new Yard(database);
const time = new ManualTime(at('23:30'));
const history = new PostgresHistory({ database });
const findings = new PostgresFindings({ database });
const routing = new AlertRouting({ plan: () => null });
const audit = new PostgresAuditTrail({ database });
const book = new AlertService({ audit, database, time, routing });
const exposures = new SerialExposures({ database, history });
const desk = new AlertWorker({
  ...{ audit, database, history, time, routing, logger: silentLogger, meter: silentMeter },
  exposure: new TraceExposure({ database, history }),
});
const DOCK = door('dock-1');
const PALLET = pallet(1);
const EXCURSION: Finding = {
  ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-7/temperature' },
  ...{ from: at('10:00'), to: at('11:00'), endedBy: 'recovery', extreme: 9, readings: 6, limit: 8 },
  ...{ minutesOutOfRange: 60, runs: [{ from: at('10:00'), to: at('11:00') }] },
  ...{ detectedAt: at('11:00'), detectedLate: false },
};

beforeAll(async () => {
  // 5 °C from 09:00 on, 9 °C from 10:00 to 11:00, every ten minutes.
  const builder = new ReadingBuilder();
  for (let when = at('09:00'); when <= at('12:00'); when += 600_000) {
    builder.add('logger-7', 1, when, when >= at('10:00') && when < at('11:00') ? 9 : 5);
  }
  const store = new ReadingStore({ database });
  await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
  await desk.start();
});
afterAll(() => desk.stop());
beforeEach(async () => {
  await desk.settled();
  await yard.clear();
  await database.query('TRUNCATE alerts, alert_exposures, alert_serials, outbox');
});

/** The excursion is found, its alert acknowledged. @returns the alert's id */
async function paulaActs(): Promise<string> {
  await database.transaction((client) => findings.apply(effectsOf(client), [{ event: 'opened', finding: EXCURSION }]));
  await desk.settled();
  const { items } = await book.list({ limit: 10 });
  const id = items.find(({ rule }) => rule.id === EXCURSION.rule)?.id ?? '';
  await book.acknowledge(id, by('paula'));
  return id;
}

/** Heard a day late. */
async function heard(...arrivals: Arrival[]): Promise<void> {
  await time.advance(86_400_000);
  await yard.hears(...arrivals);
  await desk.settled();
}

async function listOf(id: string) {
  const { items } = await book.serials(id, { limit: 100 });
  return items.map(({ epc, from, to, minutesOutOfRange, max }) => ({ epc, from, to, minutesOutOfRange, max }));
}

async function lastEntry(id: string): Promise<object | undefined> {
  return (await book.events(id)).at(-1);
}

/** What Paula is told, at the platform's time when it became known. */
function told(change: { readonly added?: string[]; readonly removed?: string[]; readonly reason: string }) {
  const { added = [], removed = [], reason } = change;
  const serials = { added: added.length, removed: removed.length, addedEpcs: added, removedEpcs: removed };
  return { action: 'changed', by: null, at: time.now(), detail: { serials, reason } };
}

const whole = { from: at('10:00'), to: at('11:00'), minutesOutOfRange: 60, max: 9 };

describe('an alert that somebody has acted on is mended by', () => {
  test('a packing event that comes after the shipping event', async () => {
    const event = { type: 'ObjectEvent', action: 'OBSERVE', eventTimeZoneOffset: '+00:00' };
    const shipping = { ...event, bizStep: 'shipping', eventTime: '2026-11-22T08:00:00Z', epcList: [PALLET] };
    await yard.hears(captured(shipping), said.attached('logger-7', PALLET, at('07:30')));
    const id = await paulaActs();
    expect(await listOf(id)).toEqual([]);
    const packing = { ...event, type: 'AggregationEvent', action: 'ADD', eventTime: '2026-11-22T07:00:00Z' };
    await heard(captured({ ...packing, parentID: PALLET, childEPCs: vials(1, 3) }));
    expect(await listOf(id)).toEqual(vials(1, 3).map((epc) => ({ epc, ...whole })));
    expect(await lastEntry(id)).toMatchObject(told({ added: vials(1, 3), reason: 'we heard of EPCIS events' }));
  });

  test('a pass that is reported a day late', async () => {
    await yard.hears(
      said.portal(DOCK),
      said.attached('logger-7', DOCK.inside, at('00:00')),
      said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 3) }])),
    );
    const id = await paulaActs();
    expect(await listOf(id)).toEqual([]);
    await heard(said.seen(through(DOCK, 'in', at('10:20'), [PALLET, ...vials(1, 3)])));
    const stretch = { from: at('10:20'), to: at('11:00'), minutesOutOfRange: 40, max: 9 };
    expect(await listOf(id)).toEqual(vials(1, 3).map((epc) => ({ epc, ...stretch })));
    const reason = 'what passed a portal was worked out anew';
    expect(await lastEntry(id)).toMatchObject(told({ added: vials(1, 3), reason }));
    expect((await exposures.of(vial(1), at('12:00')))?.journey).toMatchObject({ minutesAbove: 40, max: 9 });
  });

  test('a notice that comes after the pass, which also settles who was expected', async () => {
    await yard.hears(
      said.portal(DOCK),
      said.attached('logger-7', DOCK.inside, at('00:00')),
      said.seen(through(DOCK, 'in', at('09:50'), [PALLET, vial(1)])),
      said.complete(DOCK, at('09:55')),
    );
    const id = await paulaActs();
    // The loose vial moved by itself; what is in the pallet nobody has said.
    expect(await listOf(id)).toEqual([{ epc: vial(1), ...whole }]);
    const unexpected = 'SELECT portal->$$epcs$$ AS epcs FROM findings WHERE kind = $$unexpected$$';
    expect(await yard.rows(unexpected)).toEqual([{ epcs: [vial(1)] }]);
    await heard(said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 3) }])));
    expect(await listOf(id)).toEqual(vials(1, 3).map((epc) => ({ epc, ...whole })));
    expect(await lastEntry(id)).toMatchObject(told({ added: vials(2, 3), reason: 'the notice of SHP-1 arrived' }));
    expect(await yard.rows(unexpected)).toEqual([]);
  });

  test('a fact that contradicts an earlier one: vials had been taken out before, or in the middle', async () => {
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: PALLET, devices: ['logger-7'], children: vials(1, 4) }])));
    const id = await paulaActs();
    expect(await listOf(id)).toEqual(vials(1, 4).map((epc) => ({ epc, ...whole })));
    await heard(said.unpacked(PALLET, vials(1, 2), at('09:30')));
    expect(await listOf(id)).toEqual(vials(3, 4).map((epc) => ({ epc, ...whole })));
    const reason = `we heard that 2 were unpacked from ${PALLET}`;
    expect(await lastEntry(id)).toMatchObject(told({ removed: vials(1, 2), reason }));
    await heard(said.unpacked(PALLET, [vial(3)], at('10:15')));
    expect(await listOf(id)).toEqual([
      { epc: vial(3), ...whole, to: at('10:15'), minutesOutOfRange: 15 },
      { epc: vial(4), ...whole },
    ]);
    expect((await exposures.of(vial(3), at('12:00')))?.journey).toMatchObject({ minutesAbove: 15 });
    expect((await exposures.of(vial(1), at('12:00')))?.journey).toMatchObject({ minutesAbove: 0, max: 5 });
  });

  test('a logger that was on another pallet from the middle on', async () => {
    await yard.hears(
      said.asn(notice('SHP-1', [{ sscc: PALLET, devices: ['logger-7'], children: [vial(1)] }])),
      said.asn(notice('SHP-2', [{ sscc: pallet(2), children: [vial(2)] }])),
    );
    const id = await paulaActs();
    await heard(said.attached('logger-7', pallet(2), at('10:40')));
    expect(await listOf(id)).toEqual([
      { epc: vial(1), ...whole, to: at('10:40'), minutesOutOfRange: 40 },
      { epc: vial(2), ...whole, from: at('10:40'), minutesOutOfRange: 20 },
    ]);
    const reason = `we heard that logger-7 was attached to ${pallet(2)}`;
    expect(await lastEntry(id)).toMatchObject(told({ added: [vial(2)], reason }));
  });
});

let captures = 0;
function captured(...events: EpcisCapture['events']): Arrival {
  captures += 1;
  const head = { id: `capture-${captures}`, at: at('12:00'), errorBehaviour: 'rollback' as const };
  return { fact: { type: 'epcis', capture: { ...head, context: [], refused: [], events }, by: 'test' } };
}
