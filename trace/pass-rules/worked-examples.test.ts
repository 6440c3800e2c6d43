import { beforeEach, describe, expect, test } from 'vitest';
import { DATA_CHECKS, type Epc, mergeTids, type PassRule, type RuleVersion } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { at, door, HOUR, MINUTE, notice, pallet, said, tagOf, through, vial, vials, Yard } from '../testing/yard.ts';

/** The examples of docs/rules.md, "Rules over passes", each as it stands there. */

const database = await testDatabase();
const BERLIN = door('berlin-1', 'site:berlin');
const BERLIN_2 = door('berlin-2', 'site:berlin');
const LYON = door('lyon-1');
const LYON_2 = door('lyon-2');
const ROME = door('rome-1', 'site:rome');
const DOORS = [BERLIN, BERLIN_2, LYON, LYON_2, ROME];
const yard = new Yard(database, []);

beforeEach(() => yard.clear());

type Written<R> = R extends PassRule ? Omit<R, 'id' | 'severity' | 'atLeast'> : never;
type Common = Pick<PassRule, 'atLeast' | 'appliesTo' | 'portals'>;

function ruled(rule: Written<PassRule>, change: Partial<Common> = {}): RuleVersion {
  const whole: PassRule = { id: 'the-rule', severity: 'warning', atLeast: 1, ...rule, ...change };
  return { rule: whole, version: 1, effectiveFrom: null };
}

async function start(rule: RuleVersion): Promise<void> {
  await yard.hearsAtOnce([...DOORS.map(said.portal), said.rule(rule)]);
}

interface FoundRow {
  readonly door: string;
  readonly from: string;
  readonly to: string | null;
  readonly epcs: readonly Epc[];
  readonly statuses: readonly string[] | null;
  readonly said: string;
}

async function found(): Promise<FoundRow[]> {
  const rows = (await yard.rows(`SELECT key, from_at, to_at, portal FROM findings ORDER BY from_at, key`)) as {
    key: string;
    from_at: number;
    to_at: number | null;
    portal: FoundRow;
  }[];
  return rows.map(({ key, from_at, to_at, portal }) => ({
    door: key.replace('portal:', ''),
    from: clock(from_at),
    to: to_at === null ? null : clock(to_at),
    epcs: portal.epcs,
    statuses: portal.statuses ?? null,
    said: portal.said,
  }));
}

async function lastReason(): Promise<unknown> {
  const rows = await yard.rows('SELECT event, reason FROM finding_changes ORDER BY id DESC LIMIT 1');
  return rows[0];
}

function clock(when: number): string {
  return new Date(when).toISOString().slice(11, 16);
}

function complete(until: number, doors = DOORS) {
  return doors.map((one) => said.complete(one, until));
}

let captures = 0;

function event(clock: string, change: object) {
  const happened = { eventTime: new Date(at(clock)).toISOString(), eventTimeZoneOffset: '+00:00' };
  const capture = { id: `capture-${++captures}`, at: at('23:00'), context: [], refused: [] };
  const events = [{ type: 'ObjectEvent', ...happened, ...change }];
  return {
    fact: {
      type: 'epcis' as const,
      capture: { ...capture, errorBehaviour: 'rollback' as const, events },
      by: 'partner',
    },
  };
}

describe('shortage', () => {
  const rule = ruled({ kind: 'shortage', when: 'both', waitMs: HOUR });
  const SHIPMENT = notice('SHP-1', [
    { sscc: pallet(1), children: vials(1, 3) },
    { sscc: pallet(2), children: vials(11, 12) },
  ]);

  test('a serial that is not read with its pallet is short once the door has reported', async () => {
    await start(rule);
    await yard.hears(said.asn(SHIPMENT), said.seen(through(LYON, 'in', at('15:00'), [pallet(1), ...vials(1, 2)])));
    expect(await found()).toEqual([]);
    await yard.hearsAtOnce(complete(at('15:10')));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'lyon-1', from: '15:00', epcs: [vial(3)], statuses: ['not read with its unit'] },
        said: '1 serial of SHP-1 did not come with the rest at lyon-1',
      },
    ]);
  });

  test('a pallet that does not follow within the hour is short, and no longer once it comes', async () => {
    await start(rule);
    await yard.hears(said.asn(SHIPMENT), said.seen(through(LYON, 'in', at('15:00'), [pallet(1), ...vials(1, 3)])));
    await yard.hearsAtOnce(complete(at('15:59')));
    expect(await found()).toEqual([]);
    await yard.hearsAtOnce(complete(at('16:30')));
    expect(await found()).toMatchObject([
      { door: 'lyon-1', from: '15:00', epcs: vials(11, 12), statuses: ['has not come', 'has not come'] },
    ]);
    await yard.hears(said.seen(through(LYON_2, 'in', at('17:00'), [pallet(2), ...vials(11, 12)])));
    expect(await found()).toEqual([]);
    expect(await lastReason()).toEqual({ event: 'retracted', reason: 'we heard of another pass of its goods' });
  });

  test('what leaves is not short before it was to leave', async () => {
    await start(rule);
    await yard.hears(said.asn({ ...SHIPMENT, departs: at('12:00') }));
    await yard.hears(said.seen(through(BERLIN, 'out', at('08:00'), [pallet(1), ...vials(1, 3)])));
    await yard.hearsAtOnce(complete(at('11:59')));
    expect(await found()).toEqual([]);
    await yard.hearsAtOnce(complete(at('12:00')));
    expect(await found()).toMatchObject([
      { door: 'berlin-1', epcs: vials(11, 12), said: '2 serials of SHP-1 did not leave with the rest at berlin-1' },
    ]);
  });

  test('a serial that its origin missed and its destination reads did leave', async () => {
    await start(rule);
    await yard.hears(said.asn(SHIPMENT), said.seen(through(BERLIN, 'out', at('08:00'), [pallet(1), vial(1), vial(3)])));
    await yard.hearsAtOnce(complete(at('08:10')));
    expect(await found()).toMatchObject([{ door: 'berlin-1', epcs: [vial(2)] }]);
    await yard.hears(said.seen(through(LYON, 'in', at('15:00'), [pallet(1), ...vials(1, 3)])));
    expect(await found()).toEqual([]);
  });

  test('a count in which it is found, or another pass that reads it, takes it back', async () => {
    await start(rule);
    await yard.hears(said.asn(SHIPMENT), said.seen(through(LYON, 'in', at('15:00'), [pallet(1), vial(1)])));
    await yard.hearsAtOnce(complete(at('15:10')));
    expect(await found()).toMatchObject([{ epcs: vials(2, 3) }]);
    const count = { unit: pallet(1), at: at('18:00'), found: [vial(1), vial(2)], damaged: [] };
    await yard.hears({ fact: { type: 'count', count, by: 'test' } });
    expect(await found()).toMatchObject([{ epcs: [vial(3)] }]);
    await yard.hears(said.seen(through(LYON_2, 'in', at('15:05'), [vial(3)])));
    expect(await found()).toEqual([]);
  });
});

describe('wrongDirection', () => {
  const rule = ruled({ kind: 'wrongDirection' });
  const SHIPMENT = notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 2) }]);
  const CARRIED = [pallet(1), ...vials(1, 2)];

  test('goods that go out where they should come in', async () => {
    await start(rule);
    await yard.hears(said.asn(SHIPMENT), said.seen(through(LYON, 'out', at('15:00'), CARRIED)));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'lyon-1', epcs: vials(1, 2), statuses: ['out', 'out'] },
        said: '2 serials went out through lyon-1 at site:lyon, against the way they should go',
      },
    ]);
  });

  test('goods that come in at their origin do so against their way only once they had left or were to leave', async () => {
    await start(rule);
    await yard.hears(said.asn(SHIPMENT), said.seen(through(BERLIN, 'in', at('07:00'), CARRIED)));
    expect(await found()).toEqual([]);
    await yard.hears(said.seen(through(BERLIN, 'in', at('07:50'), CARRIED)));
    expect(await found()).toEqual([]);
    await yard.hears(said.seen(through(BERLIN_2, 'out', at('07:40'), CARRIED)));
    expect(await found()).toMatchObject([{ door: 'berlin-1', from: '07:50' }]);
    await yard.hears(said.asn({ ...SHIPMENT, origin: 'site:lyon', destination: 'site:berlin' }));
    expect(await found()).toMatchObject([{ door: 'berlin-2', from: '07:40' }]);
  });

  test('a one-way door', async () => {
    await start(ruled({ kind: 'wrongDirection', way: 'out', portals: ['lyon-2'] }));
    await yard.hears(said.seen(through(LYON, 'in', at('15:00'), [vial(1)])));
    await yard.hears(said.seen(through(LYON_2, 'in', at('16:00'), [vial(2)])));
    expect(await found()).toMatchObject([{ door: 'lyon-2', epcs: [vial(2)] }]);
  });
});

test('what a pass beside it reads of a pallet does not change to which shipment a pass counts its serials', async () => {
  await start(ruled({ kind: 'wrongPortal', through: ['lyon-2'] }, { appliesTo: 'site:berlin>site:lyon' }));
  const onward = { origin: 'site:lyon', destination: 'site:rome' };
  await yard.hears(said.asn({ ...notice('SHP-0', [{ sscc: pallet(1), children: [] }]), ...onward }));
  await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), children: [vial(1)] }])));
  await yard.hears(said.seen(through(LYON, 'in', at('15:00') - 6_000, [pallet(1)])));
  expect(await found()).toEqual([]);
  await yard.hears(said.seen(through(LYON, 'in', at('15:00') + 6_000, [vial(1)])));
  // The serial that was read by itself is listed for this lane, in the pass that read it.
  expect(await found()).toMatchObject([{ door: 'lyon-1', from: '15:00', epcs: [vial(1)] }]);
});

describe('wrongPortal', () => {
  const SHIPMENT = notice(
    'SHP-1',
    [1, 2, 3].map((number) => ({ sscc: pallet(number), children: [vial(number)] })),
  );

  test('the pallet that goes through another door than the rest of its shipment', async () => {
    await start(ruled({ kind: 'wrongPortal' }));
    await yard.hears(said.asn(SHIPMENT));
    await yard.hears(said.seen(through(BERLIN_2, 'out', at('08:00'), [pallet(1), vial(1)])));
    await yard.hears(said.seen(through(BERLIN, 'out', at('08:05'), [pallet(2), vial(2)])));
    expect(await found()).toEqual([]);
    await yard.hears(said.seen(through(BERLIN, 'out', at('08:10'), [pallet(3), vial(3)])));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'berlin-2', from: '08:00', epcs: [vial(1)], statuses: ['berlin-1'] },
        said: '1 serial went through berlin-2 and should have gone through berlin-1',
      },
    ]);
  });

  test('goods that doors are allotted to', async () => {
    const rule = ruled({ kind: 'wrongPortal', through: ['lyon-2'] }, { appliesTo: '2-8C' });
    await start(rule);
    await yard.hears(said.asn(SHIPMENT), said.seen(through(LYON, 'in', at('15:00'), [pallet(1), vial(1), vial(99)])));
    expect(await found()).toMatchObject([{ door: 'lyon-1', epcs: [vial(1)], statuses: ['lyon-2'] }]);
    await yard.hears(said.asn({ ...SHIPMENT, profile: 'CRT' }));
    expect(await found()).toEqual([]);
    expect(await lastReason()).toEqual({ event: 'retracted', reason: 'the notice of SHP-1 arrived' });
  });

  test('a serial that was not read goes by the shipment of its unit, one that was read by its own', async () => {
    await start(ruled({ kind: 'wrongPortal', through: ['lyon-2'] }, { appliesTo: '2-8C' }));
    await yard.hears(said.asn(SHIPMENT));
    await yard.hears(said.asn(notice('SHP-2', [{ sscc: pallet(9), children: vials(8, 9) }], { profile: 'CRT' })));
    await yard.hears(said.packed(pallet(1), vials(8, 9), at('09:00')));
    await yard.hears(said.seen(through(LYON, 'in', at('15:00'), [pallet(1), vial(1), vial(9)])));
    expect(await found()).toMatchObject([{ door: 'lyon-1', epcs: [vial(1), vial(8)] }]);
  });
});

describe('noData', () => {
  test('what no notice lists, until one does', async () => {
    await start(ruled({ kind: 'noData', needs: ['notice'] }));
    await yard.hears(said.seen(through(LYON, 'in', at('15:00'), vials(1, 2))));
    await yard.hearsAtOnce(complete(at('15:10')));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'lyon-1', epcs: vials(1, 2) },
        said: '2 serials went through lyon-1 without data: no notice lists it',
      },
    ]);
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), children: [vial(1)] }])));
    expect(await found()).toMatchObject([{ epcs: [vial(2)] }]);
  });

  test('what has no lot or no expiry', async () => {
    await start(ruled({ kind: 'noData', needs: ['lot', 'expiry'] }));
    const children = vials(1, 2);
    const lots = { [vial(1)]: { lot: 'B', expiry: null } };
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), children, lots }], { products: [] })));
    await yard.hears(said.seen(through(LYON, 'in', at('15:00'), [pallet(1), ...children])));
    await yard.hearsAtOnce(complete(at('15:10')));
    expect(await found()).toMatchObject([
      { epcs: children, statuses: ['its expiry is not known', 'its lot is not known, its expiry is not known'] },
    ]);
  });
});

describe('expired', () => {
  const products = [{ gtin: '80614141123458', name: 'Examplumab', lot: 'A17', expiry: '2026-12-01' }];
  const SHIPMENT = notice('SHP-1', [{ sscc: pallet(1), children: [vial(1)] }], { products });
  const CARRIED = [pallet(1), vial(1)];

  test('a serial with less left than the customer takes', async () => {
    await start(ruled({ kind: 'expired', remainingMs: 30 * 24 * HOUR }));
    await yard.hears(said.asn(SHIPMENT), said.seen(through(LYON, 'in', at('15:00'), CARRIED)));
    expect(await found()).toMatchObject([
      {
        ...{ epcs: [vial(1)], statuses: ['9 days left'] },
        said: '1 serial went through lyon-1 with less than 30 days left to the expiry',
      },
    ]);
  });

  test('a serial that is past its expiry, which the last day is not', async () => {
    await start(ruled({ kind: 'expired', remainingMs: 0 }));
    await yard.hears(said.asn(SHIPMENT), said.seen(through(LYON, 'in', at('15:00'), CARRIED)));
    const expiring = (expiry: string) => ({ ...SHIPMENT, products: products.map((one) => ({ ...one, expiry })) });
    await yard.hears(said.asn(expiring('2026-11-22')));
    expect(await found()).toEqual([]);
    await yard.hears(said.asn(expiring('2026-11-21')));
    expect(await found()).toMatchObject([
      { statuses: ['past its expiry'], said: '1 serial went through lyon-1 past the expiry' },
    ]);
  });
});

describe('clone', () => {
  const rule = ruled({ kind: 'clone', travelMs: 15 * MINUTE, betweenMs: { 'site:lyon>site:berlin': 8 * HOUR } });

  test('a serial read at two sites sooner than it can travel, whichever of them is heard of first', async () => {
    await start(rule);
    await yard.hears(said.seen(through(LYON, 'in', at('15:00'), [vial(1)])));
    expect(await found()).toEqual([]);
    await yard.hears(said.seen(through(BERLIN, 'out', at('10:00'), vials(1, 2))));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'lyon-1', from: '15:00', epcs: [vial(1)], statuses: ['299 min after site:berlin'] },
        said: '1 serial was read at lyon-1 at site:lyon sooner after another site than they can travel: a copied tag, or goods that are not what they say',
      },
    ]);
  });

  test('the way that takes longest counts between its sites alone', async () => {
    await start(rule);
    await yard.hears(said.seen(through(BERLIN, 'out', at('10:00'), [vial(1)])));
    await yard.hears(said.seen(through(ROME, 'in', at('10:20'), [vial(1)])));
    expect(await found()).toEqual([]);
    await yard.hears(said.seen(through(ROME, 'in', at('10:10'), [vial(1)])));
    expect(await found()).toMatchObject([{ door: 'rome-1', from: '10:10' }]);
  });

  test('a tag that answers without the pallet that it is in, which was read elsewhere', async () => {
    await start(rule);
    await yard.hears(said.packed(pallet(1), vials(1, 4), at('07:00')));
    await yard.hears(said.seen(through(BERLIN, 'out', at('10:00'), [pallet(1)])));
    await yard.hears(said.seen(through(LYON, 'in', at('11:00'), [vial(1)])));
    expect(await found()).toMatchObject([{ door: 'lyon-1', epcs: [vial(1)] }]);
    await yard.hears(said.unpacked(pallet(1), [vial(1)], at('07:30')));
    expect(await found()).toEqual([]);
  });
});

describe('clone by the numbers of tags', () => {
  const rule = ruled({ kind: 'clone', travelMs: 15 * MINUTE, signs: ['tid', 'ended'] });
  const GENUINE = 'E280116020007A520B1C5E71';
  const COPY = 'E280689400004003A1B2C3D4';
  const seen = (portal: typeof LYON, when: string, ...tids: string[]) =>
    said.seen(through(portal, 'in', at(when), [vial(1)], { tids: mergeTids(tids) }));

  test('a serial that answers by another tag than before, days later as well, whichever is heard of first', async () => {
    await start(rule);
    await yard.hears(said.seen(through(LYON, 'in', at('15:00') + 3 * 24 * HOUR, [vial(1)], { tids: [COPY] })));
    expect(await found()).toEqual([]);
    await yard.hears(seen(BERLIN, '10:00', GENUINE));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'lyon-1', from: '15:00', epcs: [vial(1)], statuses: [`tag ${COPY}, before ${GENUINE}`] },
        said: '1 serial answered at lyon-1 at site:lyon by another tag than before, or by two: a copied tag, or one that was replaced',
      },
    ]);
    await yard.hears(seen(ROME, '12:00', COPY));
    expect(await found()).toMatchObject([{ door: 'rome-1', from: '12:00' }]);
  });

  test('two tags in one door', async () => {
    await start(rule);
    await yard.hears(seen(LYON, '15:00', COPY, GENUINE));
    expect(await found()).toMatchObject([{ door: 'lyon-1', statuses: [`two tags, ${GENUINE} and ${COPY}`] }]);
  });

  test('a number that was read in part may be of the same tag, and a pass without one says nothing', async () => {
    await start(rule);
    await yard.hears(seen(BERLIN, '10:00', GENUINE), said.seen(through(ROME, 'in', at('12:00'), [vial(1)])));
    await yard.hears(seen(LYON, '15:00', GENUINE.slice(0, 8)));
    expect(await found()).toEqual([]);
    await yard.hears(seen(LYON, '16:00', COPY.slice(0, 8)));
    expect(await found()).toMatchObject([
      { door: 'lyon-1', from: '16:00', statuses: ['tag E2806894, before E2801160'] },
    ]);
  });

  test('a number that is heard later of reads that are known', async () => {
    await start(rule);
    await yard.hears(seen(BERLIN, '10:00', GENUINE), said.seen(through(LYON, 'in', at('15:00'), [vial(1)])));
    expect(await found()).toEqual([]);
    await yard.hears(seen(LYON, '15:00', COPY));
    expect(await found()).toMatchObject([{ door: 'lyon-1', from: '15:00' }]);
  });

  test('a serial that was dispensed answers again, until that turns out to be an error', async () => {
    await start(rule);
    const dispensed = { bizStep: 'dispensing', disposition: 'dispensed', epcList: [vial(1)] };
    const eventID = 'urn:uuid:5c2f1d2e-7f0a-4d6e-9c55-7d0a4a1f0001';
    await yard.hears(event('09:00', { eventID, action: 'OBSERVE', ...dispensed }));
    await yard.hears(said.seen(through(LYON, 'in', at('15:00'), vials(1, 2))));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'lyon-1', epcs: [vial(1)], statuses: ['dispensed'] },
        said: '1 serial that is said to be destroyed, dispensed or decommissioned answered at lyon-1 at site:lyon: a copied tag, or a wrong event',
      },
    ]);
    const errorDeclaration = { declarationTime: new Date(at('16:00')).toISOString() };
    await yard.hears(event('09:00', { eventID, action: 'OBSERVE', ...dispensed, errorDeclaration }));
    expect(await found()).toEqual([]);
  });
});

describe('dwell', () => {
  const rule = ruled({ kind: 'dwell', longerThanMs: 30 * MINUTE, places: ['room:lyon/dock'] });
  const SHIPMENT = notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 2) }]);
  const CARRIED = [pallet(1), ...vials(1, 2)];

  test('goods that stand on the dock for longer, and until when they did', async () => {
    await start(rule);
    const early = at('15:05');
    await yard.hearsAtOnce([said.asn(SHIPMENT), said.seen(through(LYON, 'in', at('15:00'), CARRIED))], early);
    await yard.hearsAtOnce([...complete(at('15:29')), { now: at('15:29') }], at('15:29'));
    expect(await found()).toEqual([]);
    await yard.hearsAtOnce([...complete(at('15:30')), { now: at('15:31') }], at('15:31'));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'lyon-1', from: '15:00', to: null, epcs: vials(1, 2), statuses: ['still there', 'still there'] },
        said: '2 serials have stood at room:lyon/dock for longer than 30 min',
      },
    ]);
    await yard.hearsAtOnce([said.seen(through(LYON_2, 'out', at('16:10'), CARRIED))], at('16:11'));
    expect(await found()).toMatchObject([
      {
        to: '16:10',
        statuses: ['stood 70 min', 'stood 70 min'],
        said: '2 serials stood at room:lyon/dock for longer than 30 min',
      },
    ]);
    await yard.hearsAtOnce([said.seen(through(LYON_2, 'out', at('15:20'), CARRIED))], at('16:12'));
    expect(await found()).toEqual([]);
  });

  test('a door that says nothing is waited for a quarter of an hour longer', async () => {
    await start(rule);
    const early = at('15:05');
    await yard.hearsAtOnce([said.asn(SHIPMENT), said.seen(through(LYON, 'in', at('15:00'), CARRIED))], early);
    await yard.hearsAtOnce([{ now: at('15:44') }], at('15:44'));
    expect(await found()).toEqual([]);
    await yard.hearsAtOnce([{ now: at('15:45') }], at('15:45'));
    expect(await found()).toMatchObject([{ door: 'lyon-1', from: '15:00', to: null }]);
  });
});

test('crossRead: tags read at a door while they go through the next one', async () => {
  await start(ruled({ kind: 'crossRead' }));
  await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 2) }])));
  await yard.hearsAtOnce([
    said.seen(through(LYON, 'in', at('15:00'), [pallet(1), ...vials(1, 2)], { rssiDbm: -45 })),
    said.seen(through(LYON_2, 'in', at('15:00'), [vial(1)], { rssiDbm: -70 })),
  ]);
  expect(await found()).toMatchObject([
    {
      ...{ door: 'lyon-2', epcs: [vial(1)], statuses: ['lyon-1'] },
      said: '1 tag was read at lyon-2 while going through lyon-1: its field reaches too far',
    },
  ]);
});

describe('diversion', () => {
  const SHIPMENT = notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 2) }]);

  test('goods at a site that is no end of their shipment, while it is under way', async () => {
    await start(ruled({ kind: 'diversion' }));
    await yard.hears(said.asn(SHIPMENT), said.seen(through(ROME, 'in', at('15:00'), [pallet(1), vial(1)])));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'rome-1', epcs: vials(1, 2) },
        said: '2 serials went through rome-1 at site:rome, where they should not be: SHP-1 goes from site:berlin to site:lyon',
      },
    ]);
    await yard.hears(said.seen(through(LYON, 'in', at('14:00'), [pallet(1), vial(1)])));
    expect(await found()).toEqual([]);
  });

  test('goods outside the sites they may be at', async () => {
    const sites = ['site:berlin', 'site:lyon'];
    await start(ruled({ kind: 'diversion', sites }, { appliesTo: '2-8C' }));
    await yard.hears(said.asn(SHIPMENT), said.seen(through(LYON, 'in', at('14:00'), [pallet(1), vial(1)])));
    await yard.hears(said.seen(through(ROME, 'in', at('20:00'), [pallet(1), vial(1)])));
    expect(await found()).toMatchObject([
      { door: 'rome-1', statuses: Array(2).fill('allowed at site:berlin, site:lyon only') },
    ]);
  });
});

describe('badData', () => {
  const rule = ruled({ kind: 'badData', checks: [...DATA_CHECKS] });
  const UNITS = [{ sscc: pallet(1), children: vials(1, 2) }];
  const CARRIED = [pallet(1), ...vials(1, 2)];
  const comesIn = said.seen(through(LYON, 'in', at('15:00'), CARRIED));
  const shipped = (clock: string, destination: string) =>
    event(clock, {
      ...{ action: 'OBSERVE', bizStep: 'shipping', epcList: [pallet(1)] },
      bizTransactionList: [{ type: 'desadv', bizTransaction: 'urn:epcglobal:cbv:bt:SHP-1' }],
      destinationList: [{ type: 'location', destination }],
    });
  const place = (id: string, gln: string) => ({
    fact: {
      type: 'place' as const,
      place: { id, kind: 'site' as const, name: id, parent: null, zone: 'UTC', gln },
      by: 'test',
    },
  });

  test('a product that the notice does not list, until it is corrected', async () => {
    await start(rule);
    const products = [{ gtin: '00614141777778', name: 'Other', lot: null, expiry: null }];
    await yard.hears(said.asn(notice('SHP-1', UNITS, { products })), comesIn);
    expect(await found()).toMatchObject([
      {
        ...{ epcs: vials(1, 2), statuses: Array(2).fill('its GTIN 80614141123458 is not on the notice of SHP-1') },
        said: '2 serials went through lyon-1 with data that cannot be right: its GTIN 80614141123458 is not on the notice of SHP-1',
      },
    ]);
    await yard.hears(said.asn(notice('SHP-1', UNITS)));
    expect(await found()).toEqual([]);
    expect(await lastReason()).toEqual({ event: 'retracted', reason: 'the notice of SHP-1 arrived' });
  });

  test('a serial that two shipments list for the same time, unless one goes on where the other ends', async () => {
    await start(rule);
    await yard.hears(said.asn(notice('SHP-1', UNITS)), comesIn);
    const second = [{ sscc: pallet(2), children: [vial(2), vial(9)] }];
    await yard.hears(said.asn(notice('SHP-2', second, { origin: 'site:rome', departs: at('07:00') })));
    expect(await found()).toMatchObject([{ epcs: [vial(2)], statuses: ['listed by SHP-2 and SHP-1 at once'] }]);
    const onward = { origin: 'site:lyon', destination: 'site:rome', departs: at('18:00') };
    await yard.hears(said.asn(notice('SHP-2', second, onward)));
    expect(await found()).toEqual([]);
  });

  test('a shipping event that says another destination than the notice, once we know where that is', async () => {
    await start(rule);
    await yard.hears(said.asn(notice('SHP-1', UNITS)), comesIn, shipped('08:00', 'urn:epc:id:sgln:0614141.00777.0'));
    expect(await found()).toEqual([]);
    await yard.hears(place('site:rome', '0614141007776'));
    expect(await found()).toMatchObject([
      { epcs: vials(1, 2), statuses: Array(2).fill('SHP-1 was sent to another place than its notice says') },
    ]);
    await yard.hears(said.asn(notice('SHP-1', UNITS, { destination: 'site:rome' })));
    expect(await found()).toEqual([]);
  });

  test('goods of events alone whose destination nobody knows, until its GLN is registered', async () => {
    await start(rule);
    await yard.hears(
      said.packed(pallet(1), vials(1, 2), at('07:00')),
      shipped('08:00', 'urn:epc:id:sgln:0614141.00777.0'),
    );
    await yard.hears(said.seen(through(BERLIN, 'out', at('09:00'), CARRIED)));
    expect(await found()).toMatchObject([{ statuses: Array(2).fill('SHP-1 names a place that nobody knows') }]);
  });

  test('what moved before it was commissioned, or came in before it was shipped', async () => {
    await start(rule);
    await yard.hears(said.asn(notice('SHP-1', UNITS)), comesIn);
    const made = { action: 'ADD', bizStep: 'commissioning', disposition: 'active', epcList: [vial(1)] };
    await yard.hears(event('16:00', made));
    expect(await found()).toMatchObject([{ epcs: [vial(1)], statuses: ['moved before it was made'] }]);
    await yard.hears(shipped('15:30', 'urn:epc:id:sgln:0614141.00777.0'));
    expect(await found()).toMatchObject([
      { epcs: vials(1, 2), statuses: ['moved before it was made', 'came in before SHP-1 was shipped'] },
    ]);
    await yard.hears(event('06:00', made));
    expect(await found()).toMatchObject([{ statuses: Array(2).fill('came in before SHP-1 was shipped') }]);
  });
});

describe('surge', () => {
  const DAY_MS = 24 * HOUR;
  const rule = ruled({ kind: 'surge', times: 2, learnt: 7 });
  const seen = (when: number, from: number, to: number) => said.seen(through(LYON, 'in', when, vials(from, to)));
  /** Ten tags between 14 and 15 o'clock on each of some days before. */
  const week = (days: number) =>
    Array.from({ length: days }, (_, day) => seen(at('14:20') - (day + 1) * DAY_MS, 1, 10));

  test('the pass with which more than twice the usual of that hour was read', async () => {
    await start(rule);
    await yard.hearsAtOnce(week(7));
    await yard.hears(seen(at('14:05'), 1, 15), seen(at('14:50'), 21, 26), seen(at('14:55'), 31, 40));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'lyon-1', from: '14:50', epcs: vials(21, 26).toSorted() },
        said: '21 tags read at lyon-1 between 14:00 and 15:00 so far, usually 10 in that hour',
      },
    ]);
    expect(await yard.rows(`SELECT portal -> 'facts' -> 0 ->> 'text' AS text FROM findings`)).toEqual([
      { text: '21 tags with this pass. Usually 10 in that hour: the median of 7 days, spread (MAD) 0.' },
    ]);
  });

  test('a pass of that hour that is heard of later is the one that tells of it, and a usual that turns out greater takes it back', async () => {
    await start(rule);
    await yard.hearsAtOnce(week(7));
    await yard.hears(seen(at('14:05'), 1, 15), seen(at('14:55'), 31, 40), seen(at('14:30'), 21, 26));
    expect(await found()).toMatchObject([{ from: '14:30' }]);
    await yard.hearsAtOnce(week(7).map((_, day) => seen(at('14:40') - (day + 1) * DAY_MS, 41, 55)));
    expect(await found()).toEqual([]);
  });

  test('what is usual is not known after six days, nor by what other hours read', async () => {
    await start(rule);
    await yard.hearsAtOnce([...week(6), seen(at('15:20') - 7 * DAY_MS, 1, 10)]);
    await yard.hears(seen(at('14:05'), 1, 40));
    expect(await found()).toEqual([]);
  });

  test('the hours are those of the clocks of the site, also across the day on which they are put back', async () => {
    await start(rule);
    const site = { id: 'site:lyon', kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' } as const;
    // On 25 October the clocks were put back: 14 o'clock is 12:00 UTC before, 13:00 UTC after.
    const before = (day: number) => seen(Date.UTC(2026, 9, day, 12, 10), 1, 10);
    await yard.hears({ fact: { type: 'place', place: site, by: 'test' } });
    await yard.hearsAtOnce([18, 19, 20, 21, 22, 23, 24].map(before));
    await yard.hears(seen(Date.UTC(2026, 9, 26, 13, 5), 1, 21));
    expect(await found()).toMatchObject([
      { from: '13:05', said: '21 tags read at lyon-1 between 14:00 and 15:00 so far, usually 10 in that hour' },
    ]);
    await yard.hears({ fact: { type: 'place', place: { ...site, zone: 'UTC' }, by: 'test' } });
    expect(await found()).toEqual([]);
  });
});

describe('weakReads', () => {
  const rule = ruled({ kind: 'weakReads', below: 70, passes: 3, learnt: 5 });
  /** A pass a minute of ten tags, of which the inner antenna reads some. */
  const pass = (minute: number, inside: number) =>
    said.seen(
      through(LYON, 'in', at('10:00') + minute * MINUTE, vials(1, 10)).filter(
        ({ antenna, epcHex }) => antenna === 1 || vials(1, inside).map(tagOf).includes(epcHex),
      ),
    );

  test('the pass with which most of the last three are far below what is usual for the antenna', async () => {
    await start(rule);
    await yard.hearsAtOnce([...[10, 10, 9, 10, 10, 10, 10, 4, 5, 4].map((inside, minute) => pass(minute, inside))]);
    expect(await found()).toEqual([]);
    await yard.hearsAtOnce(complete(at('10:30')));
    expect(await found()).toMatchObject([
      {
        ...{ door: 'lyon-1', from: '10:08', epcs: vials(1, 10).toSorted() },
        said: 'antenna 2 of lyon-1-reader at lyon-1 reads 50 % of the tags that its door reads, usually 100 %: turned away, covered or failing?',
      },
    ]);
  });

  test('one bad pass is none, and a good one that is heard of later moves it on', async () => {
    await start(rule);
    await yard.hearsAtOnce([...[10, 10, 10, 10, 10, 10, 4].map((inside, minute) => pass(minute, inside))]);
    await yard.hearsAtOnce(complete(at('10:30')));
    expect(await found()).toEqual([]);
    await yard.hears(pass(8, 4), pass(9, 4));
    expect(await found()).toMatchObject([{ from: '10:08' }]);
    await yard.hears(pass(7, 10));
    expect(await found()).toMatchObject([{ from: '10:08' }]);
    await yard.hears(pass(5.5, 10));
    expect(await found()).toMatchObject([{ from: '10:08' }]);
  });

  test('a door that reads less and less of what should be there', async () => {
    await start(rule);
    const units = Array.from({ length: 9 }, (_, index) => ({
      sscc: pallet(index + 1),
      children: vials(index * 10 + 1, index * 10 + 10),
    }));
    await yard.hears(said.asn(notice('SHP-1', units)));
    await yard.hearsAtOnce(
      units.map(({ sscc, children }, index) =>
        said.seen(through(LYON, 'in', at('15:00') + index * MINUTE, [sscc, ...children.slice(0, index < 6 ? 10 : 5)])),
      ),
    );
    await yard.hearsAtOnce(complete(at('15:30')));
    expect(await found()).toMatchObject([
      {
        from: '15:07',
        said: 'lyon-1 reads 50 % of what should be there, usually 100 %: turned away, covered or failing?',
      },
    ]);
  });
});

test('a rule for some doors leaves the others alone, and fewer than atLeast are no finding', async () => {
  await start(ruled({ kind: 'noData', needs: ['notice'] }, { portals: ['lyon-2'], atLeast: 2 }));
  await yard.hears(
    said.seen(through(LYON, 'in', at('15:00'), vials(1, 3))),
    said.seen(through(LYON_2, 'in', at('16:00'), [vial(4)])),
    said.seen(through(LYON_2, 'in', at('17:00'), vials(5, 6))),
  );
  await yard.hearsAtOnce(complete(at('18:00')));
  expect(await found()).toMatchObject([{ door: 'lyon-2', from: '17:00', epcs: vials(5, 6) }]);
});
