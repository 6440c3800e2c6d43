import { beforeEach, describe, expect, test } from 'vitest';
import { writePlus } from '../../codecs/epc/index.ts';
import type { Sighting } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { at, door, notice, pallet, said, through, vial, vials, Yard } from '../testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database);
const DOCK_1 = door('dock-1');
const DOCK_2 = door('dock-2');
const BERLIN = door('berlin-1', 'site:berlin');
const PALLET = pallet(1);

beforeEach(() => yard.clear());

function verdicts() {
  return yard.rows(
    `SELECT portal, verdict->>'verdict' AS verdict, verdict->'counts' AS counts FROM passes ORDER BY since, portal`,
  );
}

function findings() {
  return yard.rows(`SELECT rule, key, from_at, portal->'epcs' AS epcs FROM findings ORDER BY from_at`);
}

describe('a pallet through a door', () => {
  test('with all its serials passes, and is inside from then on', async () => {
    await yard.hears(
      said.portal(DOCK_1),
      said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 5) }])),
      said.seen(through(DOCK_1, 'in', at('15:00'), [PALLET, ...vials(1, 5)])),
      said.complete(DOCK_1, at('15:01')),
    );
    expect(await verdicts()).toEqual([
      { portal: 'dock-1', verdict: 'pass', counts: { expected: 5, seen: 5, missing: 0, unexpected: 0, stray: 0 } },
    ]);
    expect(await yard.rows('SELECT epc, place, since, until FROM presence WHERE holds')).toEqual([
      { epc: PALLET, place: 'room:lyon/dock', since: at('15:00'), until: null },
    ]);
    expect(await yard.rows('SELECT state, received_at FROM shipments')).toEqual([
      { state: 'received', received_at: at('15:00') },
    ]);
    expect(await findings()).toEqual([]);
    expect(yard.verdicts.map(({ verdict, isProvisional }) => [verdict, isProvisional])).toEqual([
      ['pass', true],
      ['pass', false],
    ]);
  });

  test('with three serials too many and one missing is to be checked, and says which', async () => {
    await yard.hears(
      said.portal(DOCK_1),
      said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 48) }])),
      said.seen(through(DOCK_1, 'in', at('15:00'), [PALLET, ...vials(2, 48), ...vials(901, 903)])),
    );
    expect(yard.verdicts).toMatchObject([
      {
        verdict: 'check',
        isProvisional: true,
        counts: { expected: 48, seen: 50, missing: 1, unexpected: 3, stray: 0 },
        reason: '3 not expected here, 1 missing so far',
        shipments: ['SHP-1'],
        pass: expect.stringMatching(/^pass-\d+$/),
      },
    ]);
    await yard.hears(said.complete(DOCK_1, at('15:01')));
    expect(yard.verdicts.at(-1)).toMatchObject({ isProvisional: false, reason: '3 not expected here, 1 missing' });
    expect(await findings()).toEqual([
      { rule: 'not-expected', key: 'portal:dock-1', from_at: at('15:00'), epcs: vials(901, 903) },
    ]);
  });

  test('whose own tag was not read is known by half of its serials', async () => {
    await yard.hears(
      said.portal(DOCK_1),
      said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 4) }])),
      said.seen(through(DOCK_1, 'in', at('15:00'), vials(1, 2))),
    );
    expect(await yard.rows('SELECT unit, inferred_from, serials, seen FROM pass_units')).toEqual([
      { unit: PALLET, inferred_from: 'its serials', serials: 4, seen: 2 },
    ]);
  });

  test('is not moved by a single one of its serials, which raises a doubt', async () => {
    await yard.hears(
      said.portal(DOCK_1),
      said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 4) }])),
      said.seen(through(DOCK_1, 'in', at('15:00'), [vial(1)])),
    );
    expect(await yard.rows('SELECT * FROM presence')).toEqual([]);
    expect(await yard.rows('SELECT status, reason FROM pass_reads')).toEqual([
      { status: 'expected', reason: `SHP-1 expects it here, but ${PALLET} that it is in did not pass` },
    ]);
  });

  test('out of its origin is in transit, and outside', async () => {
    const asn = notice('SHP-1', [{ sscc: PALLET, children: vials(1, 2) }]);
    await yard.hears(said.portal(BERLIN), said.portal(DOCK_1), said.asn(asn));
    await yard.hears({ now: at('07:45') }, said.seen(through(BERLIN, 'out', at('08:05'), [PALLET])));
    expect(await yard.rows('SELECT state, left_at FROM shipments')).toEqual([
      { state: 'in transit', left_at: at('08:05') },
    ]);
    expect(await yard.rows('SELECT place FROM presence WHERE holds')).toEqual([{ place: 'site:berlin/yard' }]);
  });

  test('that nobody saw leave is in transit an hour after its departure, unless it is known to stand there', async () => {
    const unseen = notice('SHP-1', [{ sscc: PALLET }]);
    const standing = notice('SHP-2', [{ sscc: pallet(2) }]);
    const move = said.seen(through(BERLIN, 'in', at('07:40'), [pallet(2)]));
    await yard.hearsAtOnce([said.portal(BERLIN), said.asn(unseen), said.asn(standing), move], at('08:59'));
    const states = () => yard.rows('SELECT id, state FROM shipments ORDER BY id');
    expect(await states()).toMatchObject([{ state: 'packed' }, { state: 'packed' }]);
    await yard.hearsAtOnce([{ now: at('09:00') }], at('09:00'));
    expect(await states()).toMatchObject([{ state: 'in transit' }, { state: 'packed' }]);
  });

  test('read on one side only moves as its shipment does at this site', async () => {
    const oneSided = through(DOCK_1, 'in', at('15:00'), [PALLET]).slice(0, 1);
    await yard.hears(said.portal(DOCK_1), said.asn(notice('SHP-1', [{ sscc: PALLET }])), said.seen(oneSided));
    expect(await yard.rows('SELECT direction, direction_reason FROM pass_units')).toEqual([
      { direction: 'in', direction_reason: 'its shipment goes to this site' },
    ]);
  });

  test('reported in pieces keeps its pass', async () => {
    await yard.hears(said.portal(DOCK_1), said.seen(through(DOCK_1, 'in', at('15:00'), [vial(1)])));
    const before = await yard.rows('SELECT id FROM passes');
    await yard.hears(
      said.seen(through(DOCK_1, 'in', at('14:59:58'), [vial(2)])),
      said.seen(through(DOCK_1, 'in', at('15:00:04'), [vial(3)])),
    );
    expect(await yard.rows('SELECT id, since FROM passes')).toMatchObject([
      { ...(before[0] as object), since: at('14:59:58') },
    ]);
    expect(await findings()).toEqual([
      { rule: 'not-expected', key: 'portal:dock-1', from_at: at('14:59:58'), epcs: vials(1, 3) },
    ]);
  });

  test('between two others joins their passes into one', async () => {
    await yard.hears(
      said.portal(DOCK_1),
      said.seen(through(DOCK_1, 'in', at('15:00:00'), [vial(1)])),
      said.seen(through(DOCK_1, 'in', at('15:00:10'), [vial(2)])),
    );
    expect(await findings()).toHaveLength(2);
    await yard.hears(said.seen(through(DOCK_1, 'in', at('15:00:05'), [vial(3)])));
    expect(await yard.rows('SELECT since FROM passes')).toEqual([{ since: at('15:00:00') }]);
    expect(await findings()).toMatchObject([{ from_at: at('15:00:00'), epcs: vials(1, 3) }]);
    expect(await yard.rows('SELECT epc FROM presence ORDER BY epc')).toHaveLength(3);
  });
});

test('an antenna and an EPC of the greatest numbers LLRP has are read as any other', async () => {
  const far = door('far', 'site:lyon', { antennas: [{ reader: 'far-reader', antenna: 65_535, side: null }] });
  const sighting = { reader: 'far-reader', antenna: 65_535, epcHex: 'E2'.repeat(5_000), epcBits: 40_000 };
  const seen = { ...sighting, firstSeen: at('15:00'), lastSeen: at('15:00'), count: 1, rssiDbm: null };
  await yard.hears(said.portal(far), said.seen([seen]));
  expect(await yard.rows('SELECT epc_bits, status FROM pass_reads')).toEqual([{ epc_bits: 40_000, status: 'other' }]);
});

test('a release of the light curtain that is heard late parts two movements, which had been one while it was missing', async () => {
  const curtain = (clock: string, isHigh: boolean) => ({
    report: { gpi: [{ reader: 'dock-1-reader', port: 1, isHigh, at: at(clock) }] },
  });
  await yard.hears(
    said.portal(DOCK_1),
    curtain('15:00:00', true),
    curtain('15:00:30', true),
    curtain('15:00:34', false),
    curtain('15:00:04', false),
  );
  expect(await yard.rows('SELECT since, until, ended_by FROM passes ORDER BY since')).toEqual([
    { since: at('15:00:00'), until: at('15:00:04') + 1, ended_by: 'quiet' },
    { since: at('15:00:30'), until: at('15:00:34') + 1, ended_by: 'quiet' },
  ]);
});

describe('a pallet between two doors', () => {
  test('belongs to the door that reads it better; the other lists strays and raises nothing', async () => {
    await yard.hears(
      said.portal(DOCK_1),
      said.portal(DOCK_2),
      said.seen(through(DOCK_2, 'in', at('15:00:01'), vials(1, 2), { count: 1, rssiDbm: -72 })),
    );
    expect(await findings()).toHaveLength(1);
    await yard.hears(
      said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 4) }])),
      said.seen(through(DOCK_1, 'in', at('15:00'), [PALLET, ...vials(1, 4)])),
    );
    expect(await verdicts()).toMatchObject([
      { portal: 'dock-1', verdict: 'pass', counts: { expected: 4, seen: 4, stray: 0 } },
      { portal: 'dock-2', verdict: 'pass', counts: { expected: 0, seen: 0, stray: 2 } },
    ]);
    expect(await yard.rows(`SELECT DISTINCT reason FROM pass_reads WHERE status = 'stray'`)).toEqual([
      { reason: `${PALLET} was read 50 times at -55 dBm at dock-1, here 4 times at -72 dBm` },
    ]);
    expect(await findings()).toEqual([]);
    expect(await yard.rows('SELECT place, count(*) AS n FROM presence WHERE holds GROUP BY 1')).toEqual([
      { place: 'room:lyon/dock', n: 1 },
    ]);
  });
});

test('a pass says that reads of its time may be missing, also when that is heard later', async () => {
  const gap = (from: number, to: number, reason: string) => ({
    report: { gaps: [{ reader: 'dock-1-reader', from, to, reason }] },
  });
  await yard.hears(
    said.portal(DOCK_1),
    said.seen(through(DOCK_1, 'in', at('15:00'), [vial(1)])),
    gap(at('14:59'), at('15:00:01'), "the reader's report buffer overflowed"),
    gap(at('12:00'), at('13:00'), 'long before'),
  );
  const reasons = await yard.rows(`SELECT verdict->>'reason' AS reason FROM passes`);
  const lost =
    "reads of dock-1-reader may be missing from 14:59:00 to 15:00:01 UTC: the reader's report buffer overflowed";
  expect(reasons).toEqual([{ reason: `1 not expected here; ${lost}` }]);
});

describe('what we hear late', () => {
  test('a notice after the pass retracts the finding, and says so', async () => {
    await yard.hears(said.portal(DOCK_1), said.seen(through(DOCK_1, 'in', at('15:00'), [PALLET, ...vials(1, 3)])));
    expect(await findings()).toHaveLength(1);
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 3) }])));
    expect(await findings()).toEqual([]);
    expect(await yard.rows('SELECT event, reason FROM finding_changes ORDER BY id')).toEqual([
      { event: 'opened', reason: null },
      { event: 'retracted', reason: 'the notice of SHP-1 arrived' },
    ]);
    expect(await verdicts()).toMatchObject([{ verdict: 'pass', counts: { expected: 3, unexpected: 0 } }]);
    expect(await yard.rows('SELECT state FROM shipments')).toEqual([{ state: 'received' }]);
  });

  test('a portal that is registered after its reads were heard forms its passes then', async () => {
    await yard.hears(said.seen(through(DOCK_1, 'in', at('15:00'), [vial(1)])));
    expect(await yard.rows('SELECT * FROM passes')).toEqual([]);
    await yard.hears(said.portal(DOCK_1));
    expect(await verdicts()).toHaveLength(1);
  });

  test('a corrected notice withdraws what it does not say any more', async () => {
    await yard.hears(
      said.asn(notice('SHP-1', [{ sscc: PALLET, devices: ['logger-7'], children: vials(1, 3) }])),
      said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 2) }])),
    );
    expect(await yard.rows('SELECT child FROM containment WHERE holds ORDER BY child')).toEqual([
      { child: vial(1) },
      { child: vial(2) },
    ]);
    expect(await yard.rows('SELECT * FROM attachments')).toEqual([]);
  });

  test('a rule that begins later judges only later passes', async () => {
    const strict = new Yard(database, []);
    const rule = { id: 'three-unexpected', kind: 'unexpected', severity: 'warning', atLeast: 3 } as const;
    await strict.hears(
      said.portal(DOCK_1),
      said.seen(through(DOCK_1, 'in', at('15:00'), vials(1, 3))),
      said.seen(through(DOCK_1, 'in', at('16:00'), vials(4, 5))),
      said.seen(through(DOCK_1, 'in', at('17:00'), vials(6, 8))),
      said.rule({ rule, version: 1, effectiveFrom: at('15:30') }),
    );
    expect(await findings()).toMatchObject([{ rule: 'three-unexpected', from_at: at('17:00') }]);
  });
});

describe('a pallet with "+" tags', () => {
  /** The same things, tagged by TDS 2.3. */
  function plusTagged(serials: readonly number[]): Sighting[] {
    const hexes = serials.map((serial) => {
      const elements = [
        { ai: '01', value: '80614141123458' },
        { ai: '21', value: String(serial) },
      ];
      return writePlus('sgtin+', 1, elements);
    });
    hexes.push(writePlus('sscc+', 0, [{ ai: '00', value: '106141410000000019' }]));
    return hexes.flatMap(({ hex, bits }) =>
      through(DOCK_1, 'in', at('15:00'), [vial(1)], {
        epcHex: hex.padEnd(hex.length + (hex.length % 2), '0'),
        epcBits: bits,
      }),
    );
  }

  const reads = () => yard.rows('SELECT epc, status FROM pass_reads ORDER BY epc');
  const known = [
    { epc: vial(1), status: 'expected' },
    { epc: vial(2), status: 'expected' },
    { epc: PALLET, status: 'expected' },
  ].sort((a, b) => (a.epc < b.epc ? -1 : 1));

  test('is the same pallet', async () => {
    await yard.hears(
      said.portal(DOCK_1),
      said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 2) }])),
      said.seen(plusTagged([1, 2])),
    );
    expect(await reads()).toEqual(known);
    expect(await verdicts()).toMatchObject([{ verdict: 'pass', counts: { expected: 2, seen: 2 } }]);
  });

  test('is unexpected until its notice names it', async () => {
    await yard.hears(said.portal(DOCK_1), said.seen(plusTagged([1, 2])));
    expect(await findings()).toMatchObject([
      { epcs: [1, 2].map((n) => `https://id.gs1.org/01/80614141123458/21/${n}`) },
    ]);
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 2) }])));
    expect(await reads()).toEqual(known);
    expect(await findings()).toEqual([]);
    expect(await yard.rows('SELECT epc, place FROM presence WHERE holds')).toEqual([
      { epc: PALLET, place: 'room:lyon/dock' },
    ]);
  });
});

test('a notice that changes the air of an open finding has its alert looked at again', async () => {
  await yard.hears(said.attached('logger-7', PALLET, at('07:00')));
  await yard.rows(`INSERT INTO findings (rule, key, device, from_at, rule_version, kind, severity, readings, runs,
    detected_at, detected_late) VALUES ('too-warm', 'logger-7/temperature', 'logger-7', '2026-11-22T10:00:00Z', 1,
    'threshold', 'critical', 3, '[]', now(), false)`);
  await yard.hears(said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 3) }])));
  expect(await yard.rows('SELECT key, is_exposure, reason FROM alert_work')).toEqual([
    { key: 'logger-7/temperature', is_exposure: true, reason: 'the notice of SHP-1 arrived' },
  ]);
});

test('shipments are told of by id, passes too, once their transaction commits; a tick alone tells nothing', async () => {
  const heard: string[] = [];
  const last = Promise.withResolvers<void>();
  const hear = (payload: string) => {
    heard.push(payload);
    if (payload === 'SHP-2') last.resolve();
  };
  const listening = [await database.listen('isotherm_shipment', hear), await database.listen('isotherm_pass', hear)];
  await yard.hearsAtOnce([said.portal(DOCK_1), said.asn(notice('SHP-1', [{ sscc: PALLET }]))], at('07:45'));
  await yard.hearsAtOnce([{ now: at('07:45:10') }], at('07:45:10'));
  await yard.hearsAtOnce([{ now: at('08:00') }], at('08:00'));
  await yard.hears(said.seen(through(DOCK_1, 'in', at('15:00'), [PALLET])), said.asn(notice('SHP-2', [])));
  await last.promise;
  for (const { stop } of listening) await stop();
  // Noticed, under way by the clock, arrived.
  expect(heard.filter((payload) => payload === 'SHP-1')).toHaveLength(3);
  expect(heard.filter((payload) => payload.startsWith('pass-'))).toHaveLength(1);
});

// A notice and a capture with a NUL in them were acknowledged and then buried whole.
describe('a fact in the log with text that no row can hold', () => {
  test('costs that text and nothing else of its notice', async () => {
    const products = [{ gtin: '80614141123458', name: 'Exam\0plumab', lot: 'A17', expiry: '2027-06-30' }];
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 3) }], { products })));
    expect(await yard.rows('SELECT name FROM shipment_products')).toEqual([{ name: 'Exam\uFFFDplumab' }]);
    expect(await yard.rows('SELECT count(*) AS n FROM shipment_lines')).toEqual([{ n: 3 }]);
  });

  test('costs nothing of the other events of its capture', async () => {
    const time = { eventTime: new Date(at('10:00')).toISOString(), eventTimeZoneOffset: '+00:00' };
    const event = { type: 'ObjectEvent', ...time, action: 'OBSERVE', disposition: 'recalled' };
    const events = [
      { ...event, epcList: [vial(1)], 'ext:note': 'z\0\ud800' },
      { ...event, epcList: [vial(2)] },
    ];
    const head = { id: 'capture-1', at: at('12:00'), errorBehaviour: 'rollback' as const, context: [], refused: [] };
    await yard.hears({ fact: { type: 'epcis', capture: { ...head, events }, by: 'partner' } });
    expect(await yard.rows('SELECT epc, status FROM serials ORDER BY epc')).toEqual([
      { epc: vial(1), status: 'recalled' },
      { epc: vial(2), status: 'recalled' },
    ]);
  });

  test('costs the reads under that name and no others of its batch', async () => {
    const dock = door('dock-1');
    const odd = through(dock, 'in', at('15:00'), [vial(2)], { reader: 'dock\0' });
    await yard.hears(said.portal(dock), said.seen([...through(dock, 'in', at('15:00'), [vial(1)]), ...odd]));
    expect(await yard.rows('SELECT DISTINCT epc FROM pass_reads')).toEqual([{ epc: vial(1) }]);
  });
});
