import { z } from 'zod';
import { CLONE_SIGNS, DATA_CHECKS, NEEDED_DATA, PLACE_ID, PORTAL_ID, SITE_ID } from '../../domain/index.ts';
import { anyDuration, type Common, common, duration, shared, type WrittenRule, written } from './kinds.ts';

/** As far back as the tracer looks: days, passes of the present, passes before them. */
const USUAL_DAYS = 28;
const MOST_RECENT = 20;
const MOST_USUAL = 100;

/** How the kinds over passes are written. @see docs/rules.md, "Rules over passes" */

const id = (form: RegExp, what: string) => z.string({ error: what }).regex(form, what);
const doors = z
  .array(id(PORTAL_ID, 'the id of a portal'), { error: 'a list of portals' })
  .min(1, 'at least one portal');
const places = z.array(id(PLACE_ID, 'the id of a place'), { error: 'a list of places' }).min(1, 'at least one place');
const sites = z.array(id(SITE_ID, 'the id of a site'), { error: 'a list of sites' }).min(1, 'at least one site');
const way = z.enum(['in', 'out'], { error: 'in or out' });

const overPasses = {
  ...common,
  atLeast: z.int({ error: 'a whole number' }).min(1, 'at least 1').default(1),
  portals: doors.optional(),
};

interface OverPasses extends Common {
  readonly atLeast: number;
  readonly portals?: readonly string[] | undefined;
}

function sharedOverPasses(entry: OverPasses) {
  return { ...shared(entry), atLeast: entry.atLeast, portals: entry.portals };
}

const unexpected = z
  .strictObject({ ...overPasses, kind: z.literal('unexpected') })
  .transform((entry) => written(entry, { ...sharedOverPasses(entry), kind: 'unexpected' }));

const blocked = z
  .strictObject({ ...overPasses, kind: z.literal('blocked') })
  .transform((entry) => written(entry, { ...sharedOverPasses(entry), kind: 'blocked' }));

const shortage = z
  .strictObject({
    ...overPasses,
    kind: z.literal('shortage'),
    when: z.enum(['departure', 'receipt', 'both'], { error: 'departure, receipt or both' }).default('both'),
    wait: duration.default(3_600_000),
  })
  .transform((entry) =>
    written(entry, { ...sharedOverPasses(entry), kind: 'shortage', when: entry.when, waitMs: entry.wait }),
  );

const wrongDirection = z
  .strictObject({ ...overPasses, kind: z.literal('wrongDirection'), way: way.optional() })
  .refine((entry) => entry.way === undefined || entry.portals !== undefined, {
    path: ['portals'],
    message: 'the portals that have this way',
  })
  .transform((entry) => written(entry, { ...sharedOverPasses(entry), kind: 'wrongDirection', way: entry.way }));

const wrongPortal = z
  .strictObject({ ...overPasses, kind: z.literal('wrongPortal'), through: doors.optional() })
  .transform((entry) => written(entry, { ...sharedOverPasses(entry), kind: 'wrongPortal', through: entry.through }));

const noData = z
  .strictObject({
    ...overPasses,
    kind: z.literal('noData'),
    needs: z
      .array(z.enum(NEEDED_DATA, { error: `one of ${NEEDED_DATA.join(', ')}` }), { error: 'a list' })
      .min(1, 'at least one')
      .default(['notice']),
  })
  .transform((entry) => written(entry, { ...sharedOverPasses(entry), kind: 'noData', needs: entry.needs }));

const expired = z
  .strictObject({
    ...overPasses,
    kind: z.literal('expired'),
    remaining: anyDuration.default(0),
    way: way.optional(),
  })
  .transform((entry) =>
    written(entry, {
      ...{ ...sharedOverPasses(entry), kind: 'expired', remainingMs: entry.remaining },
      way: entry.way,
    }),
  );

const sitePair = z.string().refine((pair) => pair.split('>').length === 2 && pair.split('>').every(isSite), {
  error: 'two sites, site:a>site:b',
});
function isSite(text: string): boolean {
  return SITE_ID.test(text);
}

const clone = z
  .strictObject({
    ...overPasses,
    kind: z.literal('clone'),
    signs: z
      .array(z.enum(CLONE_SIGNS, { error: `one of ${CLONE_SIGNS.join(', ')}` }), { error: 'a list' })
      .min(1, 'at least one')
      .default([...CLONE_SIGNS]),
    travel: duration.default(900_000),
    between: z.record(sitePair, duration, { error: 'durations by pair of sites, site:a>site:b' }).optional(),
  })
  .transform((entry) =>
    written(entry, {
      ...{ ...sharedOverPasses(entry), kind: 'clone', travelMs: entry.travel, signs: entry.signs },
      betweenMs: entry.between,
    }),
  );

const dwell = z
  .strictObject({
    ...overPasses,
    kind: z.literal('dwell'),
    longerThan: duration,
    places: places.optional(),
  })
  .transform((entry) =>
    written(entry, {
      ...{ ...sharedOverPasses(entry), kind: 'dwell', longerThanMs: entry.longerThan },
      places: entry.places,
    }),
  );

const crossRead = z
  .strictObject({ ...overPasses, kind: z.literal('crossRead') })
  .transform((entry) => written(entry, { ...sharedOverPasses(entry), kind: 'crossRead' }));

const diversion = z
  .strictObject({ ...overPasses, kind: z.literal('diversion'), sites: sites.optional() })
  .transform((entry) => written(entry, { ...sharedOverPasses(entry), kind: 'diversion', sites: entry.sites }));

const badData = z
  .strictObject({
    ...overPasses,
    kind: z.literal('badData'),
    checks: z
      .array(z.enum(DATA_CHECKS, { error: `one of ${DATA_CHECKS.join(', ')}` }), { error: 'a list' })
      .min(1, 'at least one')
      .default([...DATA_CHECKS]),
  })
  .transform((entry) => written(entry, { ...sharedOverPasses(entry), kind: 'badData', checks: entry.checks }));

const surge = z
  .strictObject({
    ...overPasses,
    kind: z.literal('surge'),
    times: z.number({ error: 'a number' }).gt(1, 'more than 1').default(2),
    learnt: z.int({ error: 'a whole number' }).min(3, 'from 3 to 28').max(USUAL_DAYS, 'from 3 to 28').default(7),
  })
  .transform((entry) =>
    written(entry, {
      ...{ ...sharedOverPasses(entry), kind: 'surge', times: entry.times },
      learnt: entry.learnt,
    }),
  );

const weakReads = z
  .strictObject({
    ...overPasses,
    kind: z.literal('weakReads'),
    below: z
      .number({ error: 'a number' })
      .min(1, 'from 1 to 99, per cent')
      .max(99, 'from 1 to 99, per cent')
      .default(70),
    passes: z.int({ error: 'a whole number' }).min(1, 'from 1 to 20').max(MOST_RECENT, 'from 1 to 20').default(5),
    learnt: z.int({ error: 'a whole number' }).min(3, 'from 3 to 100').max(MOST_USUAL, 'from 3 to 100').default(20),
  })
  .transform((entry) =>
    written(entry, {
      ...{ ...sharedOverPasses(entry), kind: 'weakReads', below: entry.below },
      ...{ passes: entry.passes, learnt: entry.learnt },
    }),
  );

/** Every kind over passes that a rule file may name. */
export const KINDS_OVER_PASSES: Readonly<Record<string, z.ZodType<WrittenRule>>> = {
  ...{ unexpected, blocked, shortage, noData, wrongDirection, wrongPortal },
  ...{ expired, clone, dwell, crossRead, diversion },
  ...{ badData, surge, weakReads },
};
