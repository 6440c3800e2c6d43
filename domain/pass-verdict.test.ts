import { describe, expect, test } from 'vitest';
import type { Direction } from './pass.ts';
import { decide, type Evidence, type EvidencePass, type EvidenceRead, sayVerdict } from './pass-verdict.ts';
import { doorText, MESSAGE_LANGUAGES } from './texts/index.ts';

const PALLET = 'urn:epc:id:sscc:0614141.1000000001';
const VIALS = [1, 2, 3, 4].map((number) => `urn:epc:id:sgtin:0614141.812345.${number}`);

function reads(rssiDbm: number | null, direction: Direction = 'in', epcs = VIALS): EvidenceRead[] {
  return epcs.map((epc) => ({ epc, count: 10, rssiDbm, direction }));
}

function pass(change: Partial<EvidencePass> = {}): EvidencePass {
  const common = { id: 1, portal: 'dock-1', from: 100_000, to: 104_000 };
  return { ...common, direction: 'in', directionReason: 'said', reads: reads(-47), ...change };
}

/** The pallet with its vials arrives at this site. */
function decided(here: EvidencePass, ...neighbours: EvidencePass[]) {
  const evidence: Evidence = {
    pass: here,
    neighbours,
    ancestors: (epc) => (VIALS.includes(epc) ? [PALLET] : []),
    serialsIn: (unit) => (unit === PALLET ? VIALS : []),
    expectations: (epc) => (epc === PALLET ? [{ shipment: 'SHP-1', role: 'destination', isInTime: true }] : []),
    blocked: new Map(),
    kindOf: (epc) => (epc === PALLET ? 'unit' : 'serial'),
    isComplete: true,
    gaps: [],
  };
  return decide(evidence);
}

describe('why a tag is not counted', () => {
  test('a pallet that came in and then stands near the door does not come in again', () => {
    const standing = pass({ id: 2, from: 130_000, to: 150_000, reads: reads(-66) });
    const { reads: found, moved, verdict } = decided(standing, pass());
    expect(moved).toEqual([]);
    expect(verdict.verdict).toBe('pass');
    expect(found[0]).toEqual({
      epc: VIALS[0],
      status: 'stray',
      reason: `${PALLET} went through dock-1 at 00:01:40 UTC, read 40 times at -47 dBm; here 40 times at -66 dBm`,
    });
  });

  test('a pallet that comes back through the same door is counted again', () => {
    const back = pass({ id: 2, from: 130_000, to: 134_000, reads: reads(-49, 'out') });
    expect(decided(back, pass()).moved).toEqual([{ epc: PALLET, direction: 'out' }]);
  });

  test('a pallet that only stands near the door has not passed', () => {
    const { reads: found, moved } = decided(pass({ reads: reads(-67, 'unknown') }));
    expect(moved).toEqual([]);
    expect(found[0]?.reason).toBe(`${PALLET} stands near the door: read 40 times at -67 dBm without a direction`);
  });

  test('a weakly read pallet whose tags show a direction has passed', () => {
    expect(decided(pass({ reads: reads(-67) })).moved).toEqual([{ epc: PALLET, direction: 'in' }]);
  });

  test('of two doors at once the one that reads much more strongly has it, whatever the direction says', () => {
    const cross = pass({ id: 2, portal: 'dock-2', reads: reads(-65, 'in') });
    expect(decided(cross, pass({ reads: reads(-46, 'unknown') })).verdict.counts.stray).toBe(4);
  });

  test('of two doors that read it alike the one that the manifest agrees with has it', () => {
    const out = pass({ id: 2, portal: 'dock-2', reads: reads(-50, 'out') });
    expect(decided(out, pass({ reads: reads(-52, 'in') })).verdict.counts.stray).toBe(4);
    expect(decided(pass({ reads: reads(-52, 'in') }), out).verdict.counts.stray).toBe(0);
  });

  test('a reader that gives no signal strength leaves nothing out as weak', () => {
    expect(decided(pass({ reads: reads(null, 'unknown') })).verdict.counts).toMatchObject({ seen: 4, stray: 0 });
  });
});

describe('the laws have their edges where docs/trace.md puts them', () => {
  const STRAY = 4;
  const strays = (here: EvidencePass, ...others: EvidencePass[]) => decided(here, ...others).verdict.counts.stray;
  const beside = (from: number, to: number, rssi = -40) =>
    pass({ id: 2, portal: 'dock-2', from, to, reads: reads(rssi, 'in') });

  // The pass is [100 000, 104 000). Nothing but simultaneity decides for the other door where the signal is alike.
  test.each([
    [84_000, 80_001, STRAY],
    [84_000, 80_000, 0],
    [123_999, 130_000, STRAY],
    [124_000, 130_000, 0],
  ])('another door’s pass at %i to %i is simultaneous within 20 s', (from, to, expected) => {
    const [start, end] = from > to ? [to - 1_000, to] : [from, to];
    expect(strays(pass(), beside(start, end, -47 + 9))).toBe(expected);
  });

  test('10 dB more is what tells passing from standing near, 9 dB is not', () => {
    const standing = (rssi: number) => pass({ id: 2, from: 130_000, to: 134_000, reads: reads(rssi, 'out') });
    expect(strays(standing(-57), pass())).toBe(STRAY);
    expect(strays(standing(-56), pass())).toBe(0);
  });

  test('10 dB more at another door outweighs the manifest, 9 dB does not', () => {
    const out = (rssi: number) => pass({ id: 2, portal: 'dock-2', reads: reads(rssi, 'out') });
    expect(strays(pass(), out(-37))).toBe(STRAY);
    expect(strays(pass(), out(-38))).toBe(0);
    expect(strays(out(-37), pass())).toBe(0);
    expect(strays(pass(), out(-57))).toBe(0);
  });

  test('-62 dBm stands near the door, -61 does not', () => {
    expect(strays(pass({ reads: reads(-62, 'unknown') }))).toBe(STRAY);
    expect(strays(pass({ reads: reads(-61, 'unknown') }))).toBe(0);
  });

  test('60 % of the tags in one direction have passed, less have not', () => {
    const weak = (directed: number) => {
      const epcs = Array.from({ length: 5 }, (_, n) => `urn:epc:id:sgtin:0614141.812345.${n + 1}`);
      return pass({
        reads: epcs.map((epc, n) => ({ epc, count: 1, rssiDbm: -67, direction: n < directed ? 'in' : 'unknown' })),
      });
    };
    // The fifth stands by itself and without a direction; the others are the pallet.
    const share = (directed: number) => decided(weak(directed)).reads.filter(({ status }) => status === 'stray').length;
    expect(share(3)).toBe(1);
    expect(share(2)).toBe(5);
  });

  test('of two doors that are alike in all else, more reads decide, then the signal, then the lesser name', () => {
    const more = pass({ id: 2, portal: 'dock-2', reads: reads(-47).map((read) => ({ ...read, count: 11 })) });
    expect(strays(pass(), more)).toBe(STRAY);
    expect(strays(more, pass())).toBe(0);
    const stronger = pass({ id: 2, portal: 'dock-2', reads: reads(-46) });
    expect(strays(pass(), stronger)).toBe(STRAY);
    expect(strays(stronger, pass())).toBe(0);
    const alike = pass({ id: 2, portal: 'dock-2' });
    expect(strays(alike, pass())).toBe(STRAY);
    expect(strays(pass(), alike)).toBe(0);
  });

  test('half of a unit’s serials are the unit, less are not', () => {
    const half = decided(pass({ reads: reads(-47, 'in', VIALS.slice(0, 2)) }));
    expect(half.units).toMatchObject([{ unit: PALLET, inferredFrom: 'its serials', serials: 4, seen: 2 }]);
    expect(half.missing.map(({ epc }) => epc)).toEqual(VIALS.slice(2));
    expect(half.verdict).toMatchObject({ verdict: 'check', counts: { expected: 4, seen: 2, missing: 2 } });
    expect(half.through).toEqual([PALLET, ...VIALS].sort());
    const fewer = decided(pass({ reads: reads(-47, 'in', VIALS.slice(0, 1)) }));
    expect(fewer).toMatchObject({ units: [], missing: [], moved: [], through: VIALS.slice(0, 1) });
    expect(fewer.reads[0]?.reason).toBe(`SHP-1 expects it here, but ${PALLET} that it is in did not pass`);
  });

  test('of a unit of which not one serial was read, none is missing', () => {
    const sealed = decided(pass({ reads: reads(-47, 'in', [PALLET]) }));
    expect(sealed).toMatchObject({ missing: [], verdict: { verdict: 'pass', counts: { missing: 0, seen: 0 } } });
    expect(sealed.units).toMatchObject([{ inferredFrom: 'its own tag', seen: 0 }]);
  });

  test('a unit goes as most of its tags go; where they do not say, as the pass, else as its shipment', () => {
    const mixed = (into: number, out: number) =>
      pass({
        direction: 'unknown',
        reads: [...reads(-47, 'in', VIALS.slice(0, into)), ...reads(-47, 'out', VIALS.slice(4 - out))],
      });
    expect(decided(mixed(3, 1)).moved).toEqual([{ epc: PALLET, direction: 'in' }]);
    expect(decided(mixed(1, 3)).moved).toEqual([{ epc: PALLET, direction: 'out' }]);
    expect(decided(mixed(2, 2)).units[0]).toMatchObject({
      direction: 'in',
      directionReason: 'its shipment goes to this site',
    });
    const said = decided({ ...mixed(2, 2), direction: 'out', directionReason: 'most tags moved out' });
    expect(said.units[0]).toMatchObject({ direction: 'out', directionReason: 'most tags moved out' });
  });
});

describe('what is not expected says why', () => {
  const LOOSE = 'urn:epc:id:sgtin:0614141.812345.99';
  const with_ = (change: Partial<Evidence>) =>
    decide({
      ...{ pass: pass({ reads: reads(-47, 'in', [LOOSE]) }), neighbours: [], ancestors: () => [], serialsIn: () => [] },
      ...{ expectations: () => [], blocked: new Map(), kindOf: () => 'serial', isComplete: true, gaps: [], ...change },
    });

  test.each<[string, Partial<Evidence>, string]>([
    ['nobody', {}, 'no shipment expects it here'],
    [
      'a shipment at another time',
      { expectations: () => [{ shipment: 'SHP-2', role: 'origin', isInTime: false }] },
      'SHP-2 does not expect it here at that time',
    ],
    [
      'a shipment elsewhere',
      { expectations: () => [{ shipment: 'SHP-2', role: 'elsewhere', isInTime: true }] },
      'SHP-2 neither leaves from this site nor goes to it',
    ],
  ])('expected by %s', (_, change, reason) => {
    const { reads: found, verdict, unexpectedSerials } = with_(change);
    expect(found).toEqual([{ epc: LOOSE, status: 'unexpected', reason }]);
    expect(verdict).toMatchObject({ verdict: 'check', reason: '1 not expected here', counts: { unexpected: 1 } });
    expect(unexpectedSerials).toEqual([LOOSE]);
  });

  test('a serial by itself moves as its tag says, and as the pass where it does not', () => {
    const loose = (direction: Direction) => pass({ direction: 'out', reads: reads(-47, direction, [LOOSE]) });
    expect(with_({ pass: loose('in') }).moved).toEqual([{ epc: LOOSE, direction: 'in' }]);
    expect(with_({ pass: loose('unknown') }).moved).toEqual([{ epc: LOOSE, direction: 'out' }]);
    expect(with_({ pass: { ...loose('unknown'), direction: 'unknown' } }).moved).toEqual([]);
  });

  test('a tag that is neither serial nor unit is no trouble and goes nowhere', () => {
    expect(with_({ kindOf: () => 'other' })).toMatchObject({
      ...{ moved: [], through: [], unexpectedSerials: [], verdict: { verdict: 'pass', counts: { seen: 0 } } },
      reads: [{ status: 'other' }],
    });
  });

  test('what is blocked is to be checked, expected or not, and a verdict before all reads are in says so', () => {
    const expected = [{ shipment: 'SHP-1', role: 'destination' as const, isInTime: true }];
    const { verdict } = with_({
      expectations: () => expected,
      blocked: new Map([[LOOSE, 'recalled']]),
      isComplete: false,
    });
    expect(verdict).toMatchObject({
      ...{ verdict: 'check', isProvisional: true, blocked: [{ epc: LOOSE, status: 'recalled' }], shipments: ['SHP-1'] },
      reason: '1 may not move on (recalled), all 1 expected serials were read',
    });
    const gap = { reader: 'r', from: 0, to: 1_000, reason: 'the connection broke' };
    expect(with_({ expectations: () => expected, gaps: [gap] }).verdict.reason).toContain('reads of r may be missing');
  });

  test.each(MESSAGE_LANGUAGES)(
    'why reads may be missing is said in %s, and as it came where nobody knows the words',
    (language) => {
      const nothing = { verdict: { counts: { expected: 0, seen: 0, missing: 0, unexpected: 0, stray: 0 } }, units: [] };
      const said = (reason: string) =>
        sayVerdict(nothing, { isComplete: true, gaps: [{ reader: 'r', from: 0, to: 1_000, reason }] }, (key, values) =>
          doorText(language, key, values),
        );
      for (const cause of ['notReading', 'unheld', 'broken', 'overflow', 'killed', 'damaged'] as const) {
        expect(said(doorText('en', `pass.gap.${cause}`))).toContain(doorText(language, `pass.gap.${cause}`));
      }
      expect(said('the aerial fell off')).toContain('the aerial fell off');
      expect(doorText(language, 'pass.gap.overflow') === "the reader's report buffer overflowed").toBe(
        language === 'en',
      );
    },
  );
});
