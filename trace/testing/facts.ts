import fc from 'fast-check';
import type { NaiveReading, Said } from './naive.ts';

/** A serial, units from inner to outer, and places for the naive model. */
export const UNITS = ['U1', 'U2', 'U3', 'U4'];
export const DEVICES = ['d1', 'd2', 'd3'];
/** Everything happens at moments in [0, MOMENTS). */
export const MOMENTS = 60;

const someTime = fc.integer({ min: 0, max: MOMENTS });

/** Only from lower to higher: no rings. Each moment of a subject is spoken of once: order in the log never decides. */
export const someSaid: fc.Arbitrary<Said[]> = fc.uniqueArray(
  fc.oneof(
    fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }), someTime).map(([a, b, from]): Said => {
      const chain = ['S', ...UNITS];
      return { what: 'containment', subject: chain[a] ?? 'S', value: b > a ? (chain[b] ?? null) : null, from };
    }),
    fc
      .tuple(fc.constantFrom(...DEVICES), fc.constantFrom('S', ...UNITS, 'P1', 'P2', null), someTime)
      .map(([subject, value, from]): Said => ({ what: 'attachment', subject, value, from })),
    fc
      .tuple(fc.constantFrom('S', ...UNITS), fc.constantFrom('P1', 'P2', null), someTime)
      .map(([subject, value, from]): Said => ({ what: 'presence', subject, value, from })),
  ),
  { maxLength: 24, selector: ({ what, subject, from }) => `${what}|${subject}|${from}` },
);

/** At most one a device and moment; on the limits and beyond them; close together and with gaps. */
export function someReadings(devices: readonly string[], moments: number): fc.Arbitrary<NaiveReading[]> {
  return fc.uniqueArray(
    fc.record({
      // Most of the first: gaps are learnt from up to twenty steps.
      device: fc.oneof({ weight: 3, arbitrary: fc.constant(devices[0] ?? '') }, fc.constantFrom(...devices)),
      at: fc.integer({ min: 0, max: moments }),
      value: fc.constantFrom(-1, 1.9, 2, 5, 8, 8.1, 12),
    }),
    { maxLength: 80, size: 'max', selector: ({ device, at }) => `${device}|${at}` },
  );
}
