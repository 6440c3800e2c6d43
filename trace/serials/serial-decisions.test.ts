import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DecisionFact, RuleVersion } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { goodsState } from '../goods/index.ts';
import {
  ANY_UNEXPECTED,
  type Arrival,
  at,
  door,
  notice,
  pallet,
  said,
  through,
  vial,
  vials,
  Yard,
} from '../testing/yard.ts';

const database = await testDatabase();
const BLOCKED: RuleVersion = {
  ...ANY_UNEXPECTED,
  rule: { id: 'stopped', kind: 'blocked', severity: 'critical', atLeast: 1 },
};
const yard = new Yard(database, [BLOCKED]);
const DOCK = door('dock-1');

beforeEach(async () => {
  await yard.clear();
  await yard.hears(said.portal(DOCK), said.asn(notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 4) }])));
});

function decision(number: number, clock: string, change: Partial<DecisionFact> = {}): DecisionFact {
  return {
    ...{ case: 'C-000001', number, at: at(clock), disposition: 'quarantine', epcs: vials(1, 2), alerts: ['a-1'] },
    ...{ reason: 'too warm', recordHash: '0'.repeat(64) },
    ...change,
  };
}

async function stopped(epc: string, clock = '23:00'): Promise<readonly string[]> {
  const state = await goodsState(database.pool, [epc], at(clock));
  return (state.get(epc) ?? []).filter(({ stops }) => stops).map(({ finding }) => finding);
}

function heard(status: string, epcs: readonly string[], clock: string): Arrival {
  const event = {
    ...{ type: 'ObjectEvent', eventTime: new Date(at(clock)).toISOString(), eventTimeZoneOffset: '+00:00' },
    ...{ epcList: epcs, action: 'OBSERVE', bizStep: 'inspecting', disposition: status },
  } as const;
  const capture = { id: `c-${clock}`, at: at(clock), errorBehaviour: 'rollback', context: [], refused: [] } as const;
  return {
    fact: {
      type: 'epcis',
      by: 'partner',
      capture: { ...capture, events: [{ ...event, eventID: `urn:uuid:${clock}` }] },
    },
  };
}

/** An alert that touched vials, as the alert worker leaves it. */
async function excursion(id: string, epcs: readonly string[]): Promise<void> {
  await database.query(
    `WITH a AS (INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, metric, shipments, summary, from_at,
       detected_at, detected_late, evidence, evidence_complete, affected_count)
     VALUES ($1, 'too-warm', $1, 1, 'threshold', 'critical', 'open', 'temperature', '{}', 'too warm', now(), now(), false,
       '[]', true, 1) RETURNING number)
     INSERT INTO alert_serials (alert, part, epc) SELECT number, 0, epc FROM a, unnest($2::text[]) AS epc`,
    [id, epcs],
  );
}

describe('a decision', () => {
  test('stops what it quarantines: the light is red at the next portal, and it is raised as blocked', async () => {
    await yard.hears(
      said.decided(decision(1, '12:00')),
      said.seen(through(DOCK, 'in', at('15:00'), [vial(1), vial(3)])),
    );
    expect(yard.verdicts.at(-1)).toMatchObject({
      verdict: 'check',
      clearance: { mayMoveOn: false, findings: [{ finding: 'quarantined', epcs: vials(1, 2), stops: true }] },
    });
    expect(await yard.rows(`SELECT rule FROM findings WHERE rule = 'stopped'`)).toHaveLength(1);
    expect(await stopped(vial(3))).toEqual([]);
  });

  test('says nothing of a pass before it', async () => {
    await yard.hears(said.decided(decision(1, '12:00')), said.seen(through(DOCK, 'in', at('11:00'), [vial(1)])));
    expect(yard.verdicts.at(-1)?.blocked ?? []).toEqual([]);
  });

  test('is taken back by a later one alone, never by what a partner says', async () => {
    await yard.hears(said.decided(decision(1, '12:00', { disposition: 'reject' })));
    await yard.hears(heard('conformant', [vial(1)], '13:00'), heard('active', [vial(1)], '13:30'));
    expect(await stopped(vial(1))).toEqual(['rejected']);
    await yard.hears(said.decided(decision(2, '14:00', { disposition: 'release', epcs: [vial(1)] })));
    expect([await stopped(vial(1)), await stopped(vial(2))]).toEqual([[], ['rejected']]);
  });

  test('to release lets go what a partner set apart, and not what is recalled', async () => {
    await yard.hears(heard('non_sellable_other', [vial(1)], '10:00'), heard('recalled', [vial(2)], '10:30'));
    await yard.hears(said.decided(decision(1, '12:00', { disposition: 'release' })));
    expect([await stopped(vial(1)), await stopped(vial(2))]).toEqual([[], ['recalled']]);
  });

  test('to release clears the excursions that were decided upon, and no other', async () => {
    await excursion('a-1', vials(1, 4));
    expect(await stopped(vial(1))).toEqual(['excursion']);
    await yard.hears(said.decided(decision(1, '12:00', { disposition: 'release' })));
    expect([await stopped(vial(1)), await stopped(vial(3))]).toEqual([[], ['excursion']]);
    await excursion('a-2', [vial(1)]);
    expect(await stopped(vial(1))).toEqual(['excursion']);
  });

  test('keeps what is to go back or to be destroyed from moving on as if it were good', async () => {
    await yard.hears(said.decided(decision(1, '12:00', { disposition: 'return', epcs: [vial(1)] })));
    await yard.hears(said.decided(decision(2, '12:00', { disposition: 'destroy', epcs: [vial(2)] })));
    expect([await stopped(vial(1)), await stopped(vial(2))]).toEqual([['quarantined'], ['rejected']]);
  });

  test('leaves as an EPCIS event with its disposition, and leaves one entry in the audit trail', async () => {
    await yard.hears(said.decided(decision(1, '12:00')), said.decided(decision(1, '12:00')));
    const events = await yard.rows("SELECT event FROM epcis_events WHERE biz_step LIKE '%holding'");
    expect(events).toMatchObject([
      { event: { type: 'ObjectEvent', action: 'OBSERVE', epcList: vials(1, 2), disposition: 'non_sellable_other' } },
    ]);
  });
});

test('what becomes of serials is a function of the decisions, whatever their order, however often, over restarts', async () => {
  const some = fc.record({
    number: fc.integer({ min: 1, max: 6 }),
    disposition: fc.constantFrom('release' as const, 'quarantine' as const, 'reject' as const, 'return' as const),
    epcs: fc.subarray(vials(1, 4), { minLength: 1 }),
  });
  const decisions = fc
    .uniqueArray(some, { selector: ({ number }) => number, minLength: 1, maxLength: 6 })
    .map((all) => all.map(({ number, ...rest }) => decision(number, `1${number}:00`, rest)));
  const orders = decisions.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
  );
  await fc.assert(
    fc.asyncProperty(orders, async ([inOrder, shuffled]) => {
      const outcome = async (told: readonly DecisionFact[]) => {
        await yard.clear();
        await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), children: vials(1, 4) }])));
        for (const one of told) {
          await yard.hears(said.decided(one));
          await yard.restarts();
        }
        return yard.rows('SELECT epc, status, status_since FROM serials ORDER BY epc');
      };
      expect(await outcome(shuffled)).toEqual(await outcome(inOrder.toSorted((a, b) => a.at - b.at)));
    }),
    { numRuns: 5 },
  );
});
