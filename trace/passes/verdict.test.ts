import { describe, expect, test } from 'vitest';
import type { Direction } from '../../domain/index.ts';
import { decide, type Evidence, type EvidencePass, type EvidenceRead } from './verdict.ts';

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
