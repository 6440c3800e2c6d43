import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BY_PLATFORM, IsothermError, ManualTime } from '../../domain/index.ts';
import { PostgresAuditTrail } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { Markets } from '../markets/index.ts';
import { DecommissioningLedger } from './ledger.ts';

const DAY = 86_400_000;
const PLACES = ['site:corner', 'site:station'] as const;
const CAPACITIES = ['pharmacy', 'wholesaler', 'manufacturer'] as const;
/** Written down a second time, by hand, from the Regulation: what may be done by whom, and what may be reverted. */
const LAW = {
  supplied: { by: ['pharmacy', 'wholesaler'], back: true },
  opened: { by: ['pharmacy'], back: true },
  exported: { by: ['wholesaler', 'manufacturer'], back: true },
  'not returnable': { by: ['pharmacy', 'wholesaler'], back: false },
  destroyed: { by: ['pharmacy', 'wholesaler', 'manufacturer'], back: false },
  sample: { by: ['pharmacy', 'wholesaler', 'manufacturer'], back: true },
  stolen: { by: ['pharmacy', 'wholesaler', 'manufacturer'], back: false },
  'free sample': { by: ['manufacturer'], back: true },
} as const;
type Reason = keyof typeof LAW;
const REASONS = Object.keys(LAW) as Reason[];

/** Two packs: one that expires on the twelfth day, one that says nothing of it. */
const PACKS = [
  { gtin: '08061414112345', serial: 'A1', lot: 'L1', expiry: '2026-11-12', expiryCoded: '261112' },
  { gtin: '08061414112345', serial: 'a1', lot: null, expiry: null, expiryCoded: null },
] as const;

const step = fc.record({
  does: fc.constantFrom('decommission', 'decommission', 'revert', 'revert', 'wait'),
  pack: fc.nat(1),
  place: fc.constantFrom(...PLACES),
  capacity: fc.constantFrom(...CAPACITIES),
  reason: fc.constantFrom(...REASONS),
  isDeclared: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  // Often to the moment of ten days, and a moment beyond.
  waits: fc.constantFrom(1, 3_600_000, DAY, 5 * DAY, 10 * DAY, 10 * DAY + 1),
  /** How long ago it was done, where it is entered later. */
  ago: fc.constantFrom(0, 0, 0, 3_600_000, 6 * DAY, -1),
  /** Which of the entries so far is to be reverted. */
  which: fc.nat(30),
  isStopped: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

interface Kept {
  readonly act: 'decommission' | 'revert';
  readonly of: number | null;
  readonly pack: number;
  readonly place: string;
  readonly capacity: string;
  readonly reason: Reason;
  readonly at: number;
}

/** The slow, obvious reference: what is kept, read from its beginning for each question. */
class Reference {
  readonly kept: Kept[] = [];

  #ofPack(pack: number) {
    return this.kept.flatMap((entry, index) => (entry.pack === pack ? [{ entry, index }] : []));
  }

  #isActive(pack: number): boolean {
    let isActive = true;
    for (const { entry } of this.#ofPack(pack)) isActive = entry.act === 'revert';
    return isActive;
  }

  #isTimeWrong(pack: number, at: number, now: number): boolean {
    return at > now || this.#ofPack(pack).some(({ entry }) => entry.at > at);
  }

  mayDecommission(wish: Kept, now: number, isStopped: boolean): boolean {
    if (!LAW[wish.reason].by.some((one) => one === wish.capacity)) return false;
    return !this.#isTimeWrong(wish.pack, wish.at, now) && this.#isActive(wish.pack) && !isStopped;
  }

  mayRevert(index: number, wish: Omit<Kept, 'reason' | 'pack'>, now: number, isDeclared: boolean, isStopped: boolean) {
    const entry = this.kept[index];
    if (entry === undefined || entry.act === 'revert') return false;
    if (this.kept.some(({ of }) => of === index)) return false;
    const isSame = entry.place === wish.place && entry.capacity === wish.capacity;
    const isInTime = now - entry.at <= 10 * DAY;
    const { expiry } = PACKS[entry.pack] ?? PACKS[1];
    const isGood = expiry === null || now < Date.parse(expiry) + DAY;
    return (
      isSame &&
      isInTime &&
      isGood &&
      isDeclared &&
      !isStopped &&
      LAW[entry.reason].back &&
      !this.#isTimeWrong(entry.pack, wish.at, now)
    );
  }
}

const database = await testDatabase();

describe('the ledger of decommissioning', () => {
  test('keeps what a reading of the law by hand keeps, entry by entry, and refuses the rest with a line', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
        await database.query('TRUNCATE decommissioning_entries, decommissioning_answers');
        const time = new ManualTime(Date.parse('2026-11-01T08:00:00Z'));
        let isStopped = false;
        const ledger = new DecommissioningLedger({
          ...{ audit: new PostgresAuditTrail({ database }), database, markets: new Markets(), time },
          stops: async () => (isStopped ? ['it is on hold'] : []),
        });
        const reference = new Reference();
        const ids: string[] = [];
        for (const { does, pack, place, capacity, reason, isDeclared, waits, ago, which, ...drawn } of steps) {
          if (does === 'wait') {
            time.advance(waits);
            continue;
          }
          isStopped = drawn.isStopped;
          const now = time.now();
          const at = now - ago;
          const note = null;
          let acting: Promise<{ id: string }>;
          let expected: boolean;
          let kept: Kept;
          if (does === 'decommission') {
            kept = { act: 'decommission', of: null, pack, place, capacity, reason, at };
            expected = reference.mayDecommission(kept, now, isStopped);
            const [first, second] = PACKS;
            const whole = pack === 0 ? first : second;
            acting = ledger.decommission('eu-fmd', { pack: whole, reason, capacity, place, at, note }, BY_PLATFORM);
          } else {
            if (ids.length === 0) continue;
            const index = which % ids.length;
            const of = reference.kept[index];
            const entry = ids[index];
            if (of === undefined || entry === undefined) continue;
            kept = { act: 'revert', of: index, pack: of.pack, place, capacity, reason: of.reason, at };
            expected = reference.mayRevert(index, kept, now, isDeclared, isStopped);
            acting = ledger.revert({ entry, capacity, place, at, isDeclared, note }, BY_PLATFORM);
          }
          if (expected) {
            ids.push((await acting).id);
            reference.kept.push(kept);
            seen.add(`${kept.act} kept`);
          } else {
            const error = await acting.then(
              () => null,
              (thrown: unknown) => thrown,
            );
            expect(error).toBeInstanceOf(IsothermError);
            if (!(error instanceof IsothermError)) continue;
            expect(error.message).not.toContain('\n');
            seen.add(error.code);
          }
        }
        const { items } = await ledger.list({ limit: 100 });
        expect(
          items.toReversed().map(({ act, pack, reason, at, place }) => [act, pack.serial, reason, at, place]),
        ).toEqual(
          reference.kept.map(({ act, pack, reason, at, place }) => [act, PACKS[pack]?.serial, reason, at, place]),
        );
      }),
      { numRuns: 40 },
    );
    // What forty draws cannot lack; each other refusal stands by itself below.
    expect([...seen]).toEqual(expect.arrayContaining(['decommission kept', 'DECOMMISSION_REASON_BAD']));
  }, 240_000);

  describe('a revert', () => {
    const at = Date.parse('2026-11-01T08:00:00Z');
    const supplied = { reason: 'supplied', capacity: 'pharmacy', place: PLACES[0], at, note: null } as const;
    const back = { capacity: 'pharmacy', place: PLACES[0], isDeclared: true, note: null } as const;

    test.each([
      ['ten days later to the moment', 10 * DAY, {}, {}, null],
      ['a moment later than that', 10 * DAY + 1, {}, {}, 'REVERT_TOO_LATE'],
      ['dated back into the ten days', 10 * DAY + 1, {}, { at: at + DAY }, 'REVERT_TOO_LATE'],
      ['at another place', 0, {}, { place: PLACES[1] }, 'REVERT_ELSEWHERE'],
      ['by another authorisation at the same place', 0, {}, { capacity: 'wholesaler' }, 'REVERT_ELSEWHERE'],
      ['of what was to be destroyed', 0, { reason: 'destroyed' }, {}, 'REVERT_FORBIDDEN'],
      ['of what was stolen', 0, { reason: 'stolen' }, {}, 'REVERT_FORBIDDEN'],
      ['of a pack that may have been supplied', 0, {}, { isDeclared: false }, 'REVERT_UNDECLARED'],
      ['dated before what it reverts', 0, {}, { at: at - 1 }, 'DECOMMISSION_TIME_BAD'],
    ] as const)('%s', async (name, waits, wished, wish, code) => {
      const time = new ManualTime(at);
      const ledger = new DecommissioningLedger({
        ...{ audit: new PostgresAuditTrail({ database }), database, markets: new Markets(), time },
        stops: async () => [],
      });
      const pack = { ...PACKS[1], serial: name.slice(0, 20) };
      const { id } = await ledger.decommission('eu-fmd', { ...supplied, ...wished, pack }, BY_PLATFORM);
      time.advance(waits);
      const reverted = ledger.revert({ entry: id, ...back, at: time.now(), ...wish }, BY_PLATFORM);
      if (code === null) expect(await reverted).toMatchObject({ act: 'revert', reverts: id, reason: 'supplied' });
      else await expect(reverted).rejects.toMatchObject({ code });
    });
  });

  test('takes one of many that decommission the same pack at once', async () => {
    await database.query('TRUNCATE decommissioning_entries, decommissioning_answers');
    const time = new ManualTime(Date.parse('2026-11-01T08:00:00Z'));
    const ledger = new DecommissioningLedger({
      ...{ audit: new PostgresAuditTrail({ database }), database, markets: new Markets(), time },
      stops: async () => [],
    });
    const wish = { reason: 'supplied', capacity: 'pharmacy', place: PLACES[0], at: time.now(), note: null } as const;
    const all = await Promise.allSettled(
      Array.from({ length: 40 }, () => ledger.decommission('eu-fmd', { ...wish, pack: PACKS[1] }, BY_PLATFORM)),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await ledger.list({ limit: 100 })).items).toHaveLength(1);
  });
});
