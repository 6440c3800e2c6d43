import { z } from 'zod';
import { DURATION_FORM, InputError, PROFILES, parseDuration, YamlFile } from '../../domain/index.ts';
import { type DispositionInput, type Proposal, propose } from './proposal.ts';

const MINUTE_MS = 60_000;

/** In minutes. */
const duration = z.string({ error: DURATION_FORM }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== null) return ms / MINUTE_MS;
  context.addIssue({ code: 'custom', message: DURATION_FORM });
  return z.NEVER;
});
const celsius = z.number({ error: 'a number, °C' });
const PROFILE_FORM = `one of ${PROFILES.map(({ id }) => id).join(', ')}`;
const words = z.string({ error: 'text' });

const product = z.strictObject({
  profile: z.enum(
    PROFILES.map(({ id }) => id),
    { error: PROFILE_FORM },
  ),
  limits: z.strictObject({ min: celsius.nullable(), max: celsius.nullable() }).optional(),
  budget: duration.optional(),
  carriedIn: duration.optional(),
  unknown: z.enum(['counted', 'asked'], { error: 'counted or asked' }).optional(),
});

/** One stretch of what goods went through. */
const exposure = z
  .strictObject({
    min: celsius.optional(),
    max: celsius.optional(),
    above: duration.optional(),
    below: duration.optional(),
    unknown: duration.optional(),
    suspect: duration.optional(),
    excused: duration.optional(),
  })
  .refine(
    ({ min, max }) => (min === undefined) === (max === undefined),
    'min and max, or neither: nothing was measured',
  )
  .refine(({ min = 0, max = 0 }) => min <= max, 'min not above max')
  .refine(
    ({ above = 0, below = 0, excused = 0 }) => excused <= above + below,
    'excused not longer than above and below together',
  );

const schema = z.object({
  dispositions: z
    .array(
      z.strictObject({
        name: words,
        product,
        exposures: z.array(exposure, { error: 'a list of exposures' }).min(1, 'at least one exposure'),
        mkt: celsius.optional(),
        proposal: z.enum(['release', 'quarantine', 'reject'], { error: 'release, quarantine or reject' }),
        certain: z.boolean({ error: 'true or false' }).optional(),
        reasons: z.array(words, { error: 'a list of sentences' }).optional(),
      }),
      { error: 'a list of tests' },
    )
    .default([]),
});
type DispositionTest = z.output<typeof schema>['dispositions'][number];

/** What running tests came to, as `isotherm rules test` prints it. */
export interface DispositionTestOutcome {
  /** A line a test, and under a failed one how it differs. */
  readonly lines: readonly string[];
  readonly tests: number;
  readonly failed: number;
}

/**
 * Runs the section `dispositions` of a file of rule tests (docs/rules.md, "Tests of dispositions"): a product and what it
 * went through, and what has to be proposed.
 * @throws {InputError} RULE_TEST_FILE_BAD with `file:line: key: given, allowed`
 */
export function runDispositionTests(text: string, file: string): DispositionTestOutcome {
  const yaml = new YamlFile(text, file, 'RULE_TEST_FILE_BAD');
  const parsed = schema.safeParse(yaml.value);
  if (!parsed.success) {
    yaml.reportIssues(parsed.error.issues, [], 'the keys in docs/rules.md, "Tests of dispositions"');
    yaml.throwIfBad();
    throw new InputError('RULE_TEST_FILE_BAD', `${file}:1: not understood`, { file });
  }
  const tests = parsed.data.dispositions;
  const outcomes = tests.map((test) => ({ test, differences: differencesOf(test, propose(inputOf(test))) }));
  return {
    lines: outcomes.flatMap(({ test, differences }) => [
      `${differences.length === 0 ? 'ok' : 'FAILED'} ${test.name}`,
      ...differences.map((line) => `  ${line}`),
    ]),
    tests: tests.length,
    failed: outcomes.filter(({ differences }) => differences.length > 0).length,
  };
}

/** Stretches one after the other, in whatever order: times add up, of temperatures the furthest counts. */
function inputOf({ product: given, exposures, mkt }: DispositionTest): DispositionInput {
  const profile = PROFILES.find(({ id }) => id === given.profile);
  const limits = given.limits ?? { min: profile?.min ?? null, max: profile?.max ?? null };
  const total = (of: 'above' | 'below' | 'unknown' | 'suspect' | 'excused') =>
    exposures.reduce((sum, one) => sum + (one[of] ?? 0), 0);
  const minima = exposures.flatMap(({ min }) => min ?? []);
  const maxima = exposures.flatMap(({ max }) => max ?? []);
  const outside = total('above') + total('below');
  const { budget, carriedIn = 0 } = given;
  return {
    limits,
    exposure: {
      ...{
        min: minima.length === 0 ? null : Math.min(...minima),
        max: maxima.length === 0 ? null : Math.max(...maxima),
      },
      ...{ mkt: mkt ?? null, minutesAbove: total('above'), minutesBelow: total('below'), minutesOutOfRange: outside },
      ...{ minutesUnknown: total('unknown'), minutesSuspect: total('suspect') },
    },
    budget:
      budget === undefined ? null : { limit: budget, carriedIn, used: carriedIn + outside, excused: total('excused') },
    minutesExcused: total('excused'),
    unknown: given.unknown ?? profile?.unknown ?? 'asked',
  };
}

function differencesOf(test: DispositionTest, { disposition, isCertain, reasons }: Proposal): string[] {
  const differences: string[] = [];
  if (disposition !== test.proposal) differences.push(`~ proposal is ${disposition}, expected ${test.proposal}`);
  if (test.certain !== undefined && isCertain !== test.certain) {
    differences.push(`~ certain is ${isCertain}, expected ${test.certain}`);
  }
  for (const reason of test.reasons ?? []) {
    if (!reasons.includes(reason)) differences.push(`- expected, not said: ${reason}`);
  }
  // What is said is shown where anything differs; where sentences are given, they are all of them.
  const isOther = test.reasons !== undefined && reasons.some((reason) => !test.reasons?.includes(reason));
  if (differences.length === 0 && !isOther) return [];
  const expected = new Set(test.reasons ?? reasons);
  return [...differences, ...reasons.map((reason) => `${expected.has(reason) ? ' ' : '+'} said: ${reason}`)];
}
