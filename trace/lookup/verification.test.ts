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

  // A commissioning event with such an expiry was captured, the expiry dropped, and the pack verified.
  test.each([
    ...['241231', '20241231', '2024-12', '12/2024', '31.12.2024', '2024-02-31', '2024-12-00', '2024-12-31 or so', ''],
  ])('whose expiry was given as %j, which is no date, never verifies', async (text) => {
    const ilmd = { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': text };
    const commissioned = became([vial(1)], 'active', '06:00', { action: 'ADD', bizStep: 'commissioning', ilmd });
    await yard.hears(captured(commissioned));
    expect(await ask({ expiry: null })).toMatchObject({ mayMoveOn: false, findings: ['expiry unreadable'] });
    await yard.hears(asn);
    expect(await ask()).toMatchObject({ verified: false, mayMoveOn: false, findings: ['expiry unreadable'] });
    const readable = { ...ilmd, 'cbvmda:itemExpirationDate': '2027-06-30' };
    await yard.hears(captured({ ...commissioned, eventTime: new Date(at('06:30')).toISOString(), ilmd: readable }));
    expect(await ask()).toMatchObject({ verified: true, mayMoveOn: true });
  });

  test.each(['2026-11-21', '2026-11-21Z', '2026-11-21T23:59:59+02:00'])(
    'whose expiry was given as %s has expired',
    async (text) => {
      const ilmd = { 'urn:epcglobal:cbv:mda:itemExpirationDate': { '@type': 'xsd:date', '@value': text } };
      await yard.hears(captured(became([vial(1)], 'active', '06:00', { action: 'ADD', ilmd })));
      expect(await ask({ expiry: null })).toMatchObject({ mayMoveOn: false, findings: ['expired'] });
    },
  );

  test('that says itself that it is past its expiry may not move on, whatever we know of it', async () => {
    await yard.hears(asn);
    const past = { verified: false, mayMoveOn: false, findings: ['expiry mismatch', 'expired'] };
    expect(await ask({ expiry: '2026-11-21' })).toMatchObject(past);
    await yard.hears(captured(became([vial(9)], 'active', '06:00')));
    expect(await ask({ serial: '9', lot: null, expiry: '2026-11-21' })).toMatchObject({ mayMoveOn: false });
    expect(await ask({ serial: '9', lot: null, expiry: '2026-11-22' })).toMatchObject({ mayMoveOn: true });
  });

  test('that is recalled and then found damaged is still recalled', async () => {
    await yard.hears(asn, captured(became([vial(1)], 'recalled', '10:00')));
    await yard.hears(
      captured(became([vial(1)], 'damaged', '11:00')),
      captured(became([vial(1)], 'conformant', '12:00')),
    );
    expect(await ask()).toMatchObject({ mayMoveOn: false, findings: ['recalled'], status: 'recalled' });
    await yard.hears(captured(became([vial(1)], 'active', '13:00')));
    expect(await ask()).toMatchObject({ verified: true, mayMoveOn: true });
  });

  test.each([
    ['set apart in a step of holding', 'quarantined', { disposition: undefined, bizStep: 'holding' }],
    ['not sellable', 'quarantined', { disposition: 'non_sellable_other' }],
    ['not conformant', 'rejected', { disposition: 'https://ref.gs1.org/cbv/Disp-non_conformant' }],
  ])('that is %s is %s until it is found conformant', async (_, finding, change) => {
    await yard.hears(asn, captured(became([vial(1)], 'active', '10:00', change)));
    expect(await ask()).toMatchObject({ verified: false, mayMoveOn: false, findings: [finding] });
    await yard.hears(captured(became([vial(1)], 'conformant', '11:00')));
    expect(await ask()).toMatchObject({ verified: true, mayMoveOn: true });
  });

  test.each([
    ['of the CBV in full', { disposition: 'urn:epcglobal:cbv:disp:recalled' }],
    ['under the prefix of the CBV', { disposition: 'cbv:Disp-recalled' }],
    ['that lasts', { disposition: 'in_progress', persistentDisposition: { set: ['recalled'] } }],
  ])('with a disposition %s is recalled', async (_, change) => {
    await yard.hears(asn, captured(became([vial(1)], '', '10:00', change)));
    expect(await ask()).toMatchObject({ mayMoveOn: false, findings: ['recalled'] });
  });

  test('in a unit that an aggregation calls recalled is recalled', async () => {
    const change = { type: 'AggregationEvent', epcList: undefined, parentID: PALLET, childEPCs: vials(1, 2) };
    await yard.hears(asn, captured(became([], 'recalled', '10:00', change)));
    expect(await ask()).toMatchObject({ mayMoveOn: false, findings: ['recalled'] });
    expect(await ask({ serial: '3' })).toMatchObject({ mayMoveOn: true });
  });

  test('that was repacked into another is no more, and the other has the lot and expiry it was given', async () => {
    const ilmd = { 'cbvmda:lotNumber': 'B2', 'cbvmda:itemExpirationDate': '12/2027' };
    const time = { eventTime: new Date(at('10:00')).toISOString(), eventTimeZoneOffset: '+00:00' };
    const repacked = { type: 'TransformationEvent', ...time, inputEPCList: [vial(1)], outputEPCList: [vial(50)], ilmd };
    await yard.hears(asn, captured(repacked));
    expect(await ask()).toMatchObject({ mayMoveOn: false, findings: ['decommissioned'] });
    expect(await ask({ serial: '50', lot: 'B2', expiry: null })).toMatchObject({ findings: ['expiry unreadable'] });
  });

  // "Known, may move on. Nothing speaks against this pack", it said of a pack in a critical excursion.
  describe('in an excursion', () => {
    async function excursion(state: string, change: { kind?: string; metric?: string } = {}): Promise<void> {
      const { kind = 'threshold', metric = 'temperature' } = change;
      await database.query('TRUNCATE alerts, alert_serials');
      const { rows } = await database.query<{ number: number }>(
        `INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, device, metric, shipments, summary,
           from_at, detected_at, detected_late, evidence, evidence_complete, affected_count)
         VALUES ('alert-7', 'too-warm', 'logger-7/temperature', 1, $1, 'critical', $2, 'logger-7', $3, '{SHP-1}',
           '9 °C for 20 min', now(), now(), false, '{}', true, 1) RETURNING number`,
        [kind, state, metric],
      );
      await database.query('INSERT INTO alert_serials (alert, part, epc) VALUES ($1, 0, $2)', [
        ...[rows[0]?.number, vial(1)],
      ]);
    }

    test.each(['open', 'acknowledged'])('that is %s may not move on, and the reason names the alert', async (state) => {
      await yard.hears(asn);
      await excursion(state);
      expect(await ask()).toMatchObject({ verified: false, mayMoveOn: false, findings: ['excursion'] });
      const { answer } = await queries.verify(
        { gtin: GTIN, serial: '1', lot: null, expiry: null },
        { by: 'paula', now: at('18:00') },
      );
      expect(answer.findings[0]?.reason).toBe('excursion alert-7: 9 °C for 20 min; quality decides');
      expect(await ask({ serial: '2' })).toMatchObject({ verified: true, mayMoveOn: true });
      expect(await queries.goods(vial(1), at('18:00'))).toMatchObject({ mayMoveOn: false });
    });

    test.each<[string, { kind?: string; metric?: string }]>([
      ['resolved', {}],
      ['retracted', {}],
      ['open', { kind: 'silence' }],
      ['open', { kind: 'unexpected' }],
      ['open', { metric: 'battery' }],
    ])('that is %s %j may', async (state, change) => {
      await yard.hears(asn);
      await excursion(state, change);
      expect(await ask()).toMatchObject({ verified: true, mayMoveOn: true });
    });

    test('comes through a door with PASS and may not move on yet, as was shown, whatever is decided later', async () => {
      const shown = async () => (await queries.passes('dock-1')).items[0];
      await yard.hears(said.portal(DOCK), asn);
      await excursion('open');
      await yard.hears(said.seen(through(DOCK, 'in', at('15:00'), [PALLET, ...vials(1, 3)])));
      const notYet = {
        verdict: 'pass',
        clearance: { mayMoveOn: false, findings: [{ finding: 'excursion', stops: true, count: 1, epcs: [vial(1)] }] },
      };
      expect(await shown()).toMatchObject(notYet);
      expect(yard.verdicts.at(-1)).toMatchObject(notYet);
      await excursion('resolved');
      await yard.hears(said.seen(through(DOCK, 'in', at('15:00'), [PALLET, ...vials(1, 3)])));
      expect(await shown()).toMatchObject(notYet);
      // A verdict that changes is shown anew, with what holds then.
      await yard.hears(said.complete(DOCK, at('16:00')));
      expect(await shown()).toMatchObject({ verdict: 'pass', isProvisional: false, clearance: { mayMoveOn: true } });
    });
  });

  test('of a shipment on hold may not move on until quality releases it', async () => {
    await yard.hears(asn);
    await database.query(
      `INSERT INTO holds (subject, reason, set_by, set_at) VALUES ('shipment:SHP-1', 'query 12', 'q', 0)`,
    );
    expect(await ask()).toMatchObject({ verified: false, mayMoveOn: false, findings: ['on hold'] });
    await database.query('UPDATE holds SET released_at = 1');
    expect(await ask()).toMatchObject({ verified: true, mayMoveOn: true });
  });

  test('that was read at two sites within a quarter of an hour is in two places', async () => {
    const berlin = door('berlin-1', 'site:berlin');
    await yard.hears(asn, said.portal(DOCK), said.portal(berlin));
    await yard.hears(said.seen(through(DOCK, 'in', at('15:00'), [vial(1), vial(2)])));
    await yard.hears(said.seen(through(berlin, 'out', at('15:14'), [vial(1)])));
    await yard.hears(said.seen(through(berlin, 'out', at('15:15'), [vial(2)])));
    expect(await ask()).toMatchObject({ verified: false, findings: ['in two places'] });
    expect(await ask({ serial: '2' })).toMatchObject({ verified: true });
    // Kept so that other languages can say it, with the names that the sites have then.
    const asked = { gtin: GTIN, serial: '1', lot: null, expiry: null };
    const { answer } = await queries.verify(asked, { by: 'paula', now: at('18:00') });
    const times = { at: '2026-11-22T15:00:00.000Z', otherAt: '2026-11-22T15:14:00.000Z' };
    expect(answer.findings).toEqual([
      {
        finding: 'in two places',
        reason: `it was read at site:lyon at ${times.at} and at site:berlin at ${times.otherAt}`,
        words: { key: 'goods.twoPlaces', values: { site: 'site:lyon', other: 'site:berlin', ...times } },
      },
    ]);
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

  // Both survived as changes of the code: a read from the yard next door was called the last sighting, and the shipment of
  // months ago the one that has the pack.
  test('does not count a stray read as the last time a serial was seen', async () => {
    const next = door('dock-2');
    await yard.hears(said.portal(DOCK), said.portal(next), asn);
    await yard.hears(said.seen(through(DOCK, 'in', at('15:00'), [PALLET, ...vials(1, 3)], { rssiDbm: -45 })));
    const stray = through(next, 'in', at('15:00:05'), [PALLET, ...vials(1, 3)], { rssiDbm: -60 });
    await yard.hears(said.seen(stray));
    const [strays] = await yard.rows(`SELECT count(*) AS n FROM pass_reads WHERE status = 'stray'`);
    expect(strays).toEqual({ n: 4 });
    const { items } = await queries.recalledSerials({ lot: 'A17' });
    expect(items.map(({ lastSeen }) => lastSeen)).toEqual(Array(3).fill(at('15:00:01') + 1_500));
  });

  test('counts what a serial is in coming somewhere as seen, where its own tag was not read since', async () => {
    await yard.hears(said.portal(DOCK), asn, said.seen(through(DOCK, 'in', at('15:00'), [PALLET, vial(1)])));
    const { items } = await queries.recalledSerials({ lot: 'A17' });
    expect(items.map(({ lastSeen }) => lastSeen)).toEqual([at('15:00:01') + 1_500, at('15:00'), at('15:00')]);
  });

  test('names the shipment that departs last of those that list its unit, and of an equal departure the lesser id', async () => {
    const units = [{ sscc: PALLET, children: vials(1, 3) }];
    await yard.hears(said.asn(notice('SHP-3', units, { departs: at('09:00') })));
    await yard.hears(said.asn(notice('SHP-2', units, { departs: at('10:00') })));
    await yard.hears(said.asn(notice('SHP-1', units, { departs: at('08:00') })));
    const shipment = async () => (await queries.recall({ lot: 'A17' })).groups.map((group) => group.shipment);
    expect(await shipment()).toEqual(['SHP-2']);
    await yard.hears(said.asn(notice('SHP-0', units, { departs: at('10:00') })));
    expect(await shipment()).toEqual(['SHP-0']);
    expect((await queries.recalledSerials({ lot: 'A17' })).items[0]).toMatchObject({ shipment: 'SHP-0' });
  });

  test('says of a shipment that has not left that it is at its origin, and of one under way nowhere', async () => {
    const units = [{ sscc: PALLET, children: [vial(1)], from: at('22:00') }];
    await yard.hears(said.asn(notice('SHP-1', units, { departs: at('23:50') })), { now: at('23:00') });
    expect((await queries.recall({ lot: 'A17' })).groups).toMatchObject([{ place: null, site: 'site:berlin' }]);
    await yard.hears({ now: at('23:50') + 3 * 3_600_000 });
    expect((await queries.recall({ lot: 'A17' })).groups).toMatchObject([{ place: null, site: null }]);
  });

  test('puts the largest group first and adds up serials of one place and unit with different pasts', async () => {
    await yard.hears(
      asn,
      said.packed(pallet(2), vials(20, 21), at('08:00')),
      said.packed(pallet(2), [vial(1)], at('09:00')),
    );
    const { groups } = await queries.recall({ gtin: GTIN });
    expect(groups.map(({ unit, serials }) => [unit, serials])).toEqual([
      [PALLET, 2],
      [pallet(2), 1],
    ]);
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
