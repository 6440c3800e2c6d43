import { beforeEach, describe, expect, test } from 'vitest';
import type { Epc, EpcisCapture } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { TraceQueries } from '../queries.ts';
import { type Arrival, at, door, notice, pallet, said, through, vial, vials, Yard } from '../testing/yard.ts';
import type { VerificationRequest } from './verification.ts';

const database = await testDatabase();
const yard = new Yard(database);
const queries = new TraceQueries({ database });
const DOCK = door('dock-1');
const PALLET = pallet(1);
const GTIN = '80614141123458';

beforeEach(() => yard.clear());

let captures = 0;
function captured(event: object): Arrival {
  captures += 1;
  const head = { id: `capture-${captures}`, at: at('12:00'), errorBehaviour: 'rollback' as const };
  const events = [event] as EpcisCapture['events'];
  return { fact: { type: 'epcis', capture: { ...head, context: [], refused: [], events }, by: 'partner' } };
}

function became(epcs: readonly Epc[], disposition: string, clock: string, change: object = {}) {
  const time = { eventTime: new Date(at(clock)).toISOString(), eventTimeZoneOffset: '+00:00' };
  return { type: 'ObjectEvent', ...time, action: 'OBSERVE', disposition, epcList: epcs, ...change };
}

async function ask(change: Partial<VerificationRequest> = {}) {
  const request = { gtin: GTIN, serial: '1', lot: 'A17', expiry: '2027-06-30', ...change };
  const { answer } = await queries.verify(request, { by: 'paula', now: at('18:00') });
  return { ...answer, findings: answer.findings.map(({ finding }) => finding) };
}

const asn = said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 3) }]));

describe('a pack', () => {
  test('that a notice lists is verified by GTIN, serial, lot and expiry', async () => {
    await yard.hears(asn);
    expect(await ask()).toEqual({ verified: true, mayMoveOn: true, findings: [], epc: vial(1), status: null });
    expect(await ask({ lot: null, expiry: null })).toMatchObject({ verified: true });
  });

  test.each<[string, Partial<VerificationRequest>, string[], boolean]>([
    ['of another lot', { lot: 'B1' }, ['lot mismatch'], true],
    ['of another expiry', { expiry: '2028-01-31' }, ['expiry mismatch'], true],
    ['of both', { lot: 'B1', expiry: '2028-01-31' }, ['lot mismatch', 'expiry mismatch'], true],
    ['whose serial nobody knows', { serial: '999' }, ['serial unknown'], false],
    ['whose product nobody knows', { gtin: '00614141999996' }, ['gtin unknown'], false],
  ])('%s is not', async (_, change, findings, mayMoveOn) => {
    await yard.hears(asn);
    expect(await ask(change)).toMatchObject({ verified: false, findings, mayMoveOn });
  });

  test.each([
    ['inactive', 'decommissioned'],
    ['destroyed', 'decommissioned'],
    ['dispensed', 'decommissioned'],
    ['retail_sold', 'decommissioned'],
    ['recalled', 'recalled'],
    ['stolen', 'stolen'],
    ['expired', 'expired'],
  ])('that is %s may not move on', async (disposition, finding) => {
    await yard.hears(asn, captured(became([vial(1)], disposition, '10:00')));
    expect(await ask()).toMatchObject({ verified: false, mayMoveOn: false, findings: [finding], status: disposition });
    expect(await ask({ serial: '2' })).toMatchObject({ verified: true });
  });

  test('that was decommissioned by a step alone, or deleted, is so too, until it is active again', async () => {
    const decommissioned = became([vial(1)], '', '10:00', { bizStep: 'decommissioning', disposition: undefined });
    const deleted = became([vial(2)], '', '10:00', { action: 'DELETE', disposition: undefined });
    await yard.hears(asn, captured(decommissioned), captured(deleted));
    expect(await ask()).toMatchObject({ findings: ['decommissioned'] });
    expect(await ask({ serial: '2' })).toMatchObject({ findings: ['decommissioned'] });
    await yard.hears(captured(became([vial(1)], 'active', '11:00')));
    expect(await ask()).toMatchObject({ verified: true, status: 'active' });
    // Heard late, it is older than the word that stands.
    await yard.hears(captured(became([vial(1)], 'stolen', '09:00')));
    expect(await ask()).toMatchObject({ verified: true });
  });

  test('whose event is declared wrong is as it was', async () => {
    const recalled = became([vial(1)], 'recalled', '10:00');
    await yard.hears(asn, captured(recalled));
    await yard.hears(captured({ ...recalled, errorDeclaration: { declarationTime: '2026-11-22T11:00:00Z' } }));
    expect(await ask()).toMatchObject({ verified: true, status: null });
  });

  test('that is past its expiry may not move on', async () => {
    const products = [{ gtin: GTIN, name: 'Examplumab', lot: 'A17', expiry: '2026-11-21' }];
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: PALLET, children: [vial(1)] }], { products })));
    expect(await ask({ expiry: null })).toMatchObject({ findings: ['expired'], mayMoveOn: false });
  });

  test('that was read at two sites within a quarter of an hour is in two places', async () => {
    const berlin = door('berlin-1', 'site:berlin');
    await yard.hears(asn, said.portal(DOCK), said.portal(berlin));
    await yard.hears(said.seen(through(DOCK, 'in', at('15:00'), [vial(1), vial(2)])));
    await yard.hears(said.seen(through(berlin, 'out', at('15:14'), [vial(1)])));
    await yard.hears(said.seen(through(berlin, 'out', at('15:15'), [vial(2)])));
    expect(await ask()).toMatchObject({ verified: false, findings: ['in two places'] });
    expect(await ask({ serial: '2' })).toMatchObject({ verified: true });
  });

  test('is asked for on record', async () => {
    await yard.hears(asn);
    await ask({ lot: 'B1' });
    const { items } = await queries.verifications({ limit: 1 });
    expect(items).toMatchObject([
      { by: 'paula', at: at('18:00'), request: { lot: 'B1' }, answer: { verified: false, epc: vial(1) } },
    ]);
  });
});

describe('a pass', () => {
  const verdict = async () => (await queries.passes('dock-1')).items[0];
  const came = said.seen(through(DOCK, 'in', at('15:00'), [PALLET, ...vials(1, 2), vial(3)]));

  test('with a recalled serial is to be checked, whenever we hear of the recall', async () => {
    await yard.hears(said.portal(DOCK), asn, came);
    expect(await verdict()).toMatchObject({ verdict: 'pass' });
    await yard.hears(captured(became([vial(2)], 'recalled', '10:00')));
    expect(await verdict()).toMatchObject({
      ...{ verdict: 'check', blocked: [{ epc: vial(2), status: 'recalled' }] },
      reason: '1 may not move on (recalled), all 3 expected serials were read',
    });
  });

  test('with a pallet that holds one is, though it was not read itself', async () => {
    await yard.hears(said.portal(DOCK), asn, captured(became([vial(2)], 'inactive', '10:00')));
    await yard.hears(said.seen(through(DOCK, 'in', at('15:00'), [PALLET])));
    expect(await verdict()).toMatchObject({ verdict: 'check', blocked: [{ epc: vial(2), status: 'inactive' }] });
  });

  test('before a serial was recalled is not', async () => {
    await yard.hears(said.portal(DOCK), asn, captured(became([vial(2)], 'recalled', '15:30')), came);
    expect(await verdict()).toMatchObject({ verdict: 'pass' });
  });
});

describe('a recall', () => {
  test('finds every serial of a lot: in which unit, at which place, who has it, last seen when', async () => {
    const site = { kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' } as const;
    const dock = {
      id: 'room:lyon/dock',
      kind: 'room',
      name: 'Dock',
      parent: 'site:lyon',
      zone: 'Europe/Paris',
    } as const;
    await yard.hears(
      { fact: { type: 'place', place: { id: 'site:lyon', ...site }, by: 'test' } },
      { fact: { type: 'place', place: dock, by: 'test' } },
      said.portal(DOCK),
      said.asn(
        notice('SHP-1', [
          { sscc: PALLET, children: vials(1, 3) },
          { sscc: pallet(2), children: [vial(9)] },
        ]),
      ),
      said.seen(through(DOCK, 'in', at('15:00'), [PALLET, ...vials(1, 3)])),
      said.unpacked(PALLET, [vial(3)], at('17:00')),
    );
    const there = { place: 'room:lyon/dock', site: 'site:lyon' };
    const found = await queries.recall({ lot: 'A17' });
    expect(found.serials).toBe(4);
    expect(found.groups).toMatchObject([
      { serials: 2, unit: PALLET, outermost: PALLET, ...there, shipment: 'SHP-1' },
      { serials: 1, unit: null, ...there, shipment: null },
      { serials: 1, unit: pallet(2), place: null, shipment: 'SHP-1' },
    ]);
    const { items } = await queries.recalledSerials({ gtin: GTIN, lot: 'A17' });
    expect(items.map(({ epc }) => epc)).toEqual([...vials(1, 3), vial(9)]);
    expect(items[0]).toMatchObject({ ...there, unit: PALLET, lot: 'A17', lastSeen: at('15:00:01') + 1_500 });
    expect(items[3]).toMatchObject({ lastSeen: null });
  });

  test('agrees with the page of each serial, whatever was packed, moved and unpacked', async () => {
    await yard.hears(said.portal(DOCK), asn);
    await yard.hears(said.packed(pallet(7), [PALLET, vial(8)], at('09:00')));
    await yard.hears(said.seen(through(DOCK, 'in', at('15:00'), [pallet(7), PALLET, ...vials(1, 3)])));
    await yard.hears(said.unpacked(PALLET, [vial(1)], at('16:00')), said.packed(pallet(5), [vial(1)], at('16:30')));
    const { items } = await queries.recalledSerials({ shipment: 'SHP-1' });
    expect(items).toHaveLength(3);
    for (const { epc, unit, place } of items) {
      const page = await queries.serial(epc);
      const last = page?.presence.at(-1);
      expect([unit, place], epc).toEqual([page?.unit ?? null, last?.to === null ? last.place : null]);
    }
  });

  test('takes all of what is given, and pages', async () => {
    await yard.hears(asn);
    expect((await queries.recall({ gtin: GTIN, lot: 'B1' })).serials).toBe(0);
    expect((await queries.recall({ shipment: 'SHP-1', gtin: GTIN })).serials).toBe(3);
    const first = await queries.recalledSerials({ lot: 'A17' }, { limit: 2 });
    const second = await queries.recalledSerials({ lot: 'A17' }, { limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ epc }) => epc)).toEqual(vials(1, 3));
    expect(second.nextCursor).toBeNull();
    await expect(queries.recall({})).rejects.toMatchObject({ code: 'RECALL_OF_WHAT' });
  });
});
