import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Epc, minutesOf, ReadingBuilder } from '../../domain/index.ts';
import { effectsOf, PostgresHistory, ReadingStore } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { TraceExposure } from '../exposure/exposure.ts';
import { SerialExposures } from '../exposure/serial-exposure.ts';
import { someReadings } from '../testing/facts.ts';
import { type NaiveReading, naiveEnvironment, naiveExposure, naiveParent, type Said } from '../testing/naive.ts';
import { type Arrival, at, door, MINUTE, notice, pallet, said, through, vial, Yard } from '../testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database);
const history = new PostgresHistory({ database });
const exposure = new TraceExposure({ database, history });
const exposures = new SerialExposures({ database, history });
const store = new ReadingStore({ database });

const DOOR = door('dock-1');
const PALLETS = [pallet(1), pallet(2), pallet(3)];
const VIALS = [vial(1), vial(2), vial(3), vial(4)];
const DEVICES = ['logger-1', 'logger-2'];
const LIMITS = { min: 2, max: 8 };

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

const MOMENT_MS = 10 * MINUTE;

function timeOf(index: number): number {
  return at('08:00') + index * MOMENT_MS;
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

/** Device names are a run's own: readings are never taken back. */
let runs = 0;

/** As devices send them: in any order, some twice. */
async function measured(run: number, readings: readonly NaiveReading[]): Promise<void> {
  const builder = new ReadingBuilder();
  for (const { device, at, value } of [...readings, ...readings.slice(0, 3)]) {
    builder.add(`${device}-${run}`, 1, timeOf(at), value);
  }
  if (readings.length > 0) await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
}

/** A notice that lists it, or what it was ever in, says between which limits its air had to be. */
function limitsOf(epc: Epc, happenings: readonly Happening[], model: readonly Said[]) {
  const around = new Set([epc]);
  for (const unit of around) {
    for (const { what, subject, value } of model) {
      if (what === 'containment' && subject === unit && value !== null) around.add(value);
    }
  }
  const isListed = happenings.some(
    (one) => one.what === 'packed' && [one.unit, ...one.children].some((listed) => around.has(listed)),
  );
  return isListed ? LIMITS : { min: null, max: null };
}

/** What the naive model says of the whole journey, in the words of the platform; null where there is none. */
function naiveFigures(epc: Epc, happenings: readonly Happening[], readings: readonly NaiveReading[]) {
  const model = modelOf(happenings);
  const limits = limitsOf(epc, happenings, model);
  const naive = naiveExposure(model, readings, epc, { now: happenings.length + 2, limits, hour: 6 });
  if (naive === null) return null;
  return {
    from: timeOf(naive.from),
    to: timeOf(happenings.length + 2),
    min: naive.min,
    max: naive.max,
    minutesAbove: minutesOf(naive.above * MOMENT_MS),
    minutesBelow: minutesOf(naive.below * MOMENT_MS),
    minutesOutOfRange: minutesOf(naive.outside * MOMENT_MS),
    minutesUnknown: minutesOf(naive.unknown * MOMENT_MS),
  };
}

test('in any order of arrival, facts lead to the same intervals, verdicts and exposures, those of the naive model', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someHappening, { minLength: 2, maxLength: 10 }),
      someReadings(DEVICES, 12),
      fc.infiniteStream(fc.nat()),
      fc.integer({ min: 1, max: 4 }),
      async (told, readings, dice, atOnce) => {
        const run = ++runs;
        const happenings = told.map((one) =>
          one.what === 'attached' ? { ...one, device: `${one.device}-${run}` } : one,
        );
        await measured(run, readings);
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
        const ofRun = readings.map((reading) => ({ ...reading, device: `${reading.device}-${run}` }));
        for (const epc of [...VIALS, ...PALLETS]) {
          const found = await exposures.of(epc, timeOf(happenings.length + 2));
          const naive = naiveFigures(epc, happenings, ofRun);
          if (naive === null) expect(found).toBeNull();
          else expect(found?.journey).toMatchObject(naive);
        }
        for (const device of DEVICES.map((name) => `${name}-${run}`)) {
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
}, 240_000);
