import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DispositionInput, type Proposal, propose } from './proposal.ts';

const FRIDGE = { min: 2, max: 8 };

function input({
  exposure = {},
  ...rest
}: Partial<Omit<DispositionInput, 'exposure'>> & {
  exposure?: Partial<DispositionInput['exposure']>;
}): DispositionInput {
  return {
    limits: FRIDGE,
    exposure: {
      ...{ min: 4, max: 5, mkt: 4.6, minutesAbove: 0, minutesBelow: 0 },
      ...{ minutesOutOfRange: 0, minutesUnknown: 0, minutesSuspect: 0 },
      ...exposure,
    },
    ...{ budget: null, minutesExcused: 0, unknown: 'asked' },
    ...rest,
  };
}

function warmFor(minutes: number): Partial<DispositionInput['exposure']> {
  return { max: 12, minutesAbove: minutes, minutesOutOfRange: minutes };
}

function budget(limit: number, used: number, { carriedIn = 0, excused = 0 } = {}) {
  return { limit, carriedIn, used, excused };
}

describe('a proposal', () => {
  test('releases what was never out of range, whether or not its maker says what it stands', () => {
    expect(propose(input({}))).toMatchObject({ disposition: 'release', isCertain: true });
    expect(propose(input({ budget: budget(720, 0) }))).toMatchObject({ disposition: 'release', isCertain: true });
  });

  test('leaves to a person what was out of range where nobody says what it stands', () => {
    const proposal = propose(input({ exposure: warmFor(60) }));
    expect(proposal).toMatchObject({ disposition: 'quarantine', isCertain: false });
    expect(proposal.reasons.at(-1)).toBe('Nobody says how long the product stands that: a person must judge.');
  });

  test('says what of the budget is used and left', () => {
    const proposal = propose(input({ exposure: warmFor(60), budget: budget(720, 150, { carriedIn: 90 }) }));
    expect(proposal).toMatchObject({ disposition: 'release', isCertain: true });
    expect(proposal.reasons).toEqual([
      'It had to stay between 2 and 8 °C.',
      'It was between 4 and 12 °C; its mean kinetic temperature is 4.6 °C.',
      'It was 60 min above and 0 min below the limits.',
      'It brought 90 min out of range along.',
      'Of 720 min that the product stands over its whole life, 150 min are used and 570 min are left.',
    ]);
  });

  test('rejects what has used more than the product stands, the last minute of it being still allowed', () => {
    const used = (minutes: number) => propose(input({ exposure: warmFor(minutes), budget: budget(60, minutes) }));
    expect(used(60).disposition).toBe('release');
    expect(used(60.001).disposition).toBe('reject');
  });

  test('rejects what came with its budget used up, though all went well since', () => {
    expect(propose(input({ budget: budget(60, 61, { carriedIn: 61 }) })).disposition).toBe('reject');
  });

  test('gives excused minutes back', () => {
    const excused = { minutesExcused: 50, budget: budget(60, 100, { excused: 50 }) };
    expect(propose(input({ exposure: warmFor(100), ...excused })).disposition).toBe('release');
    expect(propose(input({ exposure: warmFor(100), minutesExcused: 100 })).disposition).toBe('release');
  });

  test('asks a person about unknown time that would overdraw the budget, or counts it as the profile says', () => {
    const untold = { exposure: { ...warmFor(10), minutesUnknown: 30, minutesSuspect: 30 }, budget: budget(60, 10) };
    expect(propose(input(untold))).toMatchObject({ disposition: 'quarantine', isCertain: false });
    expect(propose(input({ ...untold, unknown: 'counted' }))).toMatchObject({ disposition: 'reject' });
    const wide = { ...untold, budget: budget(600, 10) };
    expect(propose(input(wide))).toMatchObject({ disposition: 'release', isCertain: true });
    expect(propose(input(wide)).reasons).toContain(
      'Had it been out of range all that time, the product would still stand it.',
    );
  });

  test('never lets time pay for freezing', () => {
    const frozen = { min: -1.2, minutesBelow: 5, minutesOutOfRange: 5 };
    expect(propose(input({ exposure: frozen, budget: budget(720, 5) }))).toMatchObject({
      ...{ disposition: 'quarantine', isCertain: false },
    });
    // What is kept frozen is meant to be.
    const cold = { min: -25, max: -18, mkt: -20 };
    expect(propose(input({ limits: { min: null, max: -15 }, exposure: cold })).disposition).toBe('release');
  });

  test('knows nothing of goods around which nothing was measured, or of which nobody says the limits', () => {
    const nothing = { min: null, max: null, mkt: null, minutesUnknown: 100 };
    expect(propose(input({ exposure: nothing, budget: budget(720, 0) }))).toMatchObject({
      ...{ disposition: 'quarantine', isCertain: false },
    });
    expect(propose(input({ limits: { min: null, max: null } }))).toMatchObject({
      ...{ disposition: 'quarantine', isCertain: false },
    });
  });
});

describe('for whatever happened to the goods', () => {
  const minutes = fc.integer({ min: 0, max: 200 });
  const celsius = fc.integer({ min: -10, max: 20 });
  const facts = fc
    .record({
      ...{ outside: minutes, unknown: minutes, suspect: minutes, carried: minutes },
      limit: fc.option(minutes, { nil: null }),
      ...{ low: celsius, high: celsius, counting: fc.constantFrom('counted' as const, 'asked' as const) },
      profile: fc.constantFrom(FRIDGE, { min: 15, max: 25 }, { min: null, max: -15 }, { min: null, max: null }),
    })
    .map((one) => ({ ...one, low: Math.min(one.low, one.high) }));
  type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never;

  function of({ outside, unknown, suspect, carried, limit, low, high, counting, profile }: Facts): Proposal {
    return propose({
      limits: profile,
      exposure: {
        ...{ min: low, max: high, mkt: high, minutesAbove: outside, minutesBelow: 0, minutesOutOfRange: outside },
        ...{ minutesUnknown: unknown, minutesSuspect: suspect },
      },
      budget: limit === null ? null : budget(limit, carried + outside, { carriedIn: carried }),
      ...{ minutesExcused: 0, unknown: counting },
    });
  }

  const HARSH = { release: 0, quarantine: 1, reject: 2 };
  const harshness = (proposal: Proposal) => HARSH[proposal.disposition];

  test('more exposure never makes it milder', () => {
    const more = fc.record({ outside: minutes, unknown: minutes, suspect: minutes, carried: minutes, colder: minutes });
    fc.assert(
      fc.property(facts, more, (before, { colder, ...added }) => {
        const after: Facts = {
          ...before,
          outside: before.outside + added.outside,
          unknown: before.unknown + added.unknown,
          suspect: before.suspect + added.suspect,
          carried: before.carried + added.carried,
          low: before.low - colder,
          limit: before.limit === null ? null : Math.max(0, before.limit - colder),
        };
        expect(harshness(of(after))).toBeGreaterThanOrEqual(harshness(of(before)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('it is never released out of range without stability data, and what is certain says so', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const proposal = of(one);
        if (one.limit === null && one.outside > 0) expect(proposal.disposition).not.toBe('release');
        expect(proposal.isCertain).toBe(proposal.disposition !== 'quarantine');
        expect(proposal.isCertain).toBe(
          !proposal.reasons.some((reason) => reason.includes('a person must judge')) ||
            proposal.disposition === 'reject',
        );
        expect(of(one)).toEqual(proposal);
      }),
      { numRuns: 2_000 },
    );
  });
});
