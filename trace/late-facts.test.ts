import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Epc } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { TraceExposure } from './exposure.ts';
import { FewReadings } from './testing/history.ts';
import { naiveEnvironment, naiveParent, type Said } from './testing/naive.ts';
import { type Arrival, at, door, MINUTE, notice, pallet, said, through, vial, Yard } from './testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database);
const exposure = new TraceExposure({ database, history: new FewReadings('', []) });

const DOOR = door('dock-1');
const PALLETS = [pallet(1), pallet(2), pallet(3)];
const VIALS = [vial(1), vial(2), vial(3), vial(4)];
const DEVICES = ['logger-1', 'logger-2'];

/** What happens, in event time: once at each of the minutes, so that the order in the log never decides. */
type Happening =
  | { readonly what: 'repacked'; readonly unit: Epc; readonly children: readonly Epc[]; readonly isUnpacked: boolean }
  | { readonly what: 'packed'; readonly unit: Epc; readonly children: readonly Epc[] }
  | { readonly what: 'attached'; readonly device: string; readonly subject: string | null }
  | { readonly what: 'moved'; readonly unit: Epc; readonly direction: 'in' | 'out' };

const someHappening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    what: fc.constant('repacked' as const),
    unit: fc.constantFrom(...PALLETS),
    children: fc.uniqueArray(fc.constantFrom(...VIALS), { minLength: 1 }),
    isUnpacked: fc.boolean(),
  }),
  fc
    .record({
      what: fc.constant('packed' as const),
      unit: fc.constantFrom(...PALLETS),
      // Smaller units go into larger ones too, never the other way round.
      children: fc.uniqueArray(fc.constantFrom(...VIALS, ...PALLETS), { minLength: 1 }),
    })
    .map((packed) => ({ ...packed, children: packed.children.filter((child) => isSmaller(child, packed.unit)) })),
  fc.record({
    what: fc.constant('attached' as const),
    device: fc.constantFrom(...DEVICES),
    subject: fc.constantFrom(...PALLETS, DOOR.inside, DOOR.outside, null),
  }),
  fc.record({
    what: fc.constant('moved' as const),
    unit: fc.constantFrom(...PALLETS),
    direction: fc.constantFrom('in' as const, 'out' as const),
  }),
);

/** Vials, then the pallets with the greater numbers. */
function isSmaller(child: Epc, unit: Epc): boolean {
  return !PALLETS.includes(child) || child > unit;
}

function timeOf(index: number): number {
  return at('08:00') + index * 10 * MINUTE;
}

/** As it is reported. */
function arrivalOf(happening: Happening, index: number): Arrival {
  const when = timeOf(index);
  if (happening.what === 'attached') return said.attached(happening.device, happening.subject, when);
  if (happening.what === 'moved') return said.seen(through(DOOR, happening.direction, when, [happening.unit]));
  const { unit, children } = happening;
  if (happening.what === 'repacked') return (happening.isUnpacked ? said.unpacked : said.packed)(unit, children, when);
  return said.asn(notice(`SHP-${index}`, [{ sscc: unit, children, from: when }]));
}

/** As the naive model takes them, times as indexes: it lives through every one of them. */
function modelOf(happenings: readonly Happening[]): Said[] {
  const said = happenings.flatMap(saidOf);
  // A unit read by itself while it stands in another one raises a doubt and is not moved.
  return said.filter(({ what, subject, from }) => what !== 'presence' || naiveParent(said, subject, from) === null);
}

function saidOf(happening: Happening, from: number): Said[] {
  if (happening.what === 'attached') {
    return [{ what: 'attachment', subject: happening.device, value: happening.subject, from }];
  }
  if (happening.what === 'moved') {
    const value = happening.direction === 'in' ? DOOR.inside : DOOR.outside;
    return [{ what: 'presence', subject: happening.unit, value, from }];
  }
  const value = happening.what === 'repacked' && happening.isUnpacked ? null : happening.unit;
  return happening.children.map((child) => ({ what: 'containment', subject: child, value, from }));
}

async function intervals(): Promise<unknown> {
  return {
    containment: await yard.rows(
      'SELECT child, parent, since, until FROM containment WHERE holds ORDER BY child, since, parent',
    ),
    attachments: await yard.rows(
      'SELECT device, subject, since, until FROM attachments WHERE holds ORDER BY device, since, subject',
    ),
    presence: await yard.rows('SELECT epc, place, since, until FROM presence WHERE holds ORDER BY epc, since, place'),
    shipments: await yard.rows('SELECT id, state, left_at, received_at FROM shipments ORDER BY id'),
    verdicts: await yard.rows('SELECT portal, since, until, verdict FROM passes ORDER BY portal, since'),
    findings: await yard.rows(
      'SELECT rule, key, from_at, to_at, portal->$$epcs$$ AS epcs FROM findings ORDER BY 1, 2, 3',
    ),
  };
}

/** Per vial, the indexes of the steps during which it was in the device's air. */
async function exposedSteps(device: string, steps: number): Promise<Map<Epc, number[]>> {
  const query = { device, metric: 1, from: timeOf(0), to: timeOf(steps), runs: [] };
  const exposed = new Map<Epc, number[]>();
  for (const { from, to, serials } of await exposure.affected(query)) {
    for (let step = 0; step < steps; step++) {
      if (timeOf(step) < from || (to !== null && timeOf(step) >= to)) continue;
      for (const epc of serials) exposed.set(epc, [...(exposed.get(epc) ?? []), step]);
    }
  }
  return exposed;
}

test('in any order of arrival, facts lead to the same intervals, verdicts and exposures, those of the naive model', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someHappening, { minLength: 2, maxLength: 10 }),
      fc.infiniteStream(fc.nat()),
      fc.integer({ min: 1, max: 4 }),
      async (happenings, dice, atOnce) => {
        const arrivals = [said.portal(DOOR), ...happenings.map(arrivalOf)];
        await yard.clear();
        await yard.hears(...arrivals);
        const expected = await intervals();
        const shuffled = arrivals
          .map((arrival) => ({ arrival, at: Number(dice.next().value) }))
          .sort((a, b) => a.at - b.at)
          .map(({ arrival }) => arrival);
        await yard.clear();
        for (let i = 0; i < shuffled.length; i += atOnce) await yard.hearsAtOnce(shuffled.slice(i, i + atOnce));
        expect(await intervals()).toEqual(expected);
        // Heard twice changes nothing.
        await yard.hears(...shuffled.filter((arrival) => 'report' in arrival));
        expect(await intervals()).toEqual(expected);
        const model = modelOf(happenings);
        for (const device of DEVICES) {
          const exposed = await exposedSteps(device, happenings.length);
          for (const epc of VIALS) {
            const steps = happenings.map((_, step) => step);
            const naive = steps.filter((step) => naiveEnvironment(model, epc, step).includes(device));
            expect(exposed.get(epc) ?? []).toEqual(naive);
          }
        }
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);
