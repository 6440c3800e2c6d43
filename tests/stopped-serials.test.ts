import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AlertRouting, AlertService, AlertWorker } from '../alerts/index.ts';
import { type EpcisCapture, ManualTime, silentLogger, silentMeter } from '../domain/index.ts';
import { BUILTIN_RULES, parseRules } from '../rules/index.ts';
import { PostgresAuditTrail, PostgresHistory } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { TraceExposure } from '../trace/index.ts';
import { type Arrival, at, door, notice, pallet, said, through, vial, vials, Yard } from '../trace/testing/yard.ts';

/*
 * Serials that may not move on go through a door at 15:00, and an alert by the built-in rule lists exactly them: also
 * when their recall is heard of later, and until it is declared an error.
 */
const database = await testDatabase();
const RULES = parseRules(BUILTIN_RULES, 'built-in rules').rules.map(({ rule }) => ({
  ...{ rule, version: 1, effectiveFrom: null },
}));
const yard = new Yard(database, RULES);
const time = new ManualTime(at('23:30'));
const history = new PostgresHistory({ database });
const routing = new AlertRouting({ plan: () => null });
const audit = new PostgresAuditTrail({ database });
const book = new AlertService({ audit, database, time, routing });
const desk = new AlertWorker({
  ...{ audit, database, history, time, routing, logger: silentLogger, meter: silentMeter },
  exposure: new TraceExposure({ database, history }),
});
const DOCK = door('dock-1');
const PALLET = pallet(1);
const listed = said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 5) }]));
const came = said.seen(through(DOCK, 'in', at('15:00'), [PALLET, ...vials(1, 5)]));

beforeAll(() => desk.start());
afterAll(() => desk.stop());
beforeEach(async () => {
  await desk.settled();
  await yard.clear();
  await database.query('TRUNCATE alerts, alert_exposures, alert_serials, outbox');
});

let captures = 0;
function captured(event: object): Arrival {
  captures += 1;
  const head = { id: `capture-${captures}`, at: at('12:00'), errorBehaviour: 'rollback' as const };
  const events = [event] as EpcisCapture['events'];
  return { fact: { type: 'epcis', capture: { ...head, context: [], refused: [], events }, by: 'partner' } };
}

/** What a partner says of vials, from a time of day on. */
function became(disposition: string, clock: string, ...numbers: readonly number[]) {
  const when = { eventTime: new Date(at(clock)).toISOString(), eventTimeZoneOffset: '+00:00' };
  return { type: 'ObjectEvent', ...when, action: 'OBSERVE', disposition, epcList: numbers.map(vial) };
}

const anError = { errorDeclaration: { declarationTime: '2026-11-22T20:00:00Z' } };

async function hears(...arrivals: readonly Arrival[]): Promise<void> {
  await yard.hears(...arrivals);
  await desk.settled();
}

/** Alerts of the rule, oldest first, with their serials. */
async function alerts() {
  const { items } = await book.list({ limit: 10 });
  const stopped = items.filter(({ kind }) => kind === 'blocked').toReversed();
  return Promise.all(
    stopped.map(async ({ id, rule, severity, state, summary, evidence, from, to }) => {
      const { items: serials } = await book.serials(id, { limit: 10 });
      const { pass, reason } = evidence;
      return {
        ...{ rule: rule.id, severity, state, summary, from, to, reason },
        ...{ pass, serials: serials.map(({ epc }) => epc) },
      };
    }),
  );
}

test('a pallet with recalled and stolen serials raises one critical alert that lists exactly those', async () => {
  await hears(said.portal(DOCK), listed);
  await hears(captured(became('recalled', '10:00', 2, 4)), captured(became('stolen', '11:00', 5)), came);
  const [pass] = await database
    .query<{ id: number; since: number; until: number }>('SELECT id, since, until FROM passes')
    .then(({ rows }) => rows);
  expect(await alerts()).toEqual([
    {
      ...{ rule: 'stopped-serials', severity: 'critical', state: 'open', pass: `pass-${pass?.id}` },
      summary: '3 serials at dock-1 may not move on (2 recalled, 1 stolen)',
      ...{ from: pass?.since, to: pass?.until, reason: undefined },
      serials: [vial(2), vial(4), vial(5)],
    },
  ]);
});

test('what we hear of a recall after the pass raises it, adds to it and, as an error, takes it back', async () => {
  const recall = became('recalled', '10:00', 2);
  const destruction = became('destroyed', '14:00', 3);
  await hears(said.portal(DOCK), listed, came);
  expect(await alerts()).toEqual([]);
  await hears(captured(recall));
  expect(await alerts()).toMatchObject([{ state: 'open', serials: [vial(2)] }]);
  await hears(captured(destruction));
  expect(await alerts()).toMatchObject([
    { serials: [vial(2), vial(3)], summary: expect.stringContaining('(1 destroyed, 1 recalled)') },
  ]);
  await hears(captured(became('recalled', '15:30', 1)));
  expect(await alerts()).toMatchObject([{ serials: [vial(2), vial(3)] }]);
  await hears(captured({ ...recall, ...anError }));
  expect(await alerts()).toMatchObject([
    { state: 'open', serials: [vial(3)], reason: 'we heard what became of its serials' },
  ]);
  await hears(captured({ ...destruction, ...anError }));
  expect(await alerts()).toMatchObject([{ state: 'retracted', reason: 'we heard what became of its serials' }]);
});

test('another reason for the same serial is told', async () => {
  await hears(said.portal(DOCK), listed, captured(became('recalled', '10:00', 2)), came);
  await hears(captured(became('destroyed', '12:00', 2)));
  expect(await alerts()).toMatchObject([
    { state: 'open', serials: [vial(2)], summary: '1 serial at dock-1 may not move on (1 destroyed)' },
  ]);
});

test('a recalled serial in a pallet of which only the label was read is found, also when the recall comes later', async () => {
  await hears(said.portal(DOCK), listed, said.seen(through(DOCK, 'in', at('15:00'), [PALLET])));
  await hears(captured(became('recalled', '10:00', 2)));
  expect(await alerts()).toMatchObject([{ state: 'open', serials: [vial(2)] }]);
});

test('a notice that comes after the recall and the pass shows what was in the pallet', async () => {
  await hears(said.portal(DOCK), captured(became('recalled', '10:00', 2)));
  await hears(said.seen(through(DOCK, 'in', at('15:00'), [PALLET])));
  expect(await alerts()).toEqual([]);
  await hears(listed);
  expect(await alerts()).toMatchObject([{ serials: [vial(2)], reason: 'the notice of SHP-1 arrived' }]);
});

test('the alert names the shipment and the pallet, and they name it', async () => {
  await hears(said.portal(DOCK), listed, captured(became('recalled', '10:00', 2)), came);
  const [alert] = (await book.list({ shipment: 'SHP-1', limit: 5 })).items;
  expect(alert).toMatchObject({
    kind: 'blocked',
    shipments: ['SHP-1'],
    subject: { portal: 'dock-1', shipment: 'SHP-1' },
  });
  expect((await book.breadth(alert?.id ?? '')).units).toEqual([PALLET]);
  for (const epc of [vial(2), PALLET]) expect((await book.ofSerial(epc)).map(({ id }) => id)).toEqual([alert?.id]);
  expect(await book.ofSerial(vial(1))).toEqual([]);
});
