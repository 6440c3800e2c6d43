import { expect, test } from 'vitest';
import { lowerLimit, metricByName, PROFILES, ReadingBuilder, type Rule, upperLimit } from '../domain/index.ts';
import { compileAppliesTo } from './applies-to.ts';
import { BUILTIN_RULES } from './builtin.ts';
import { isKeyKind, type KeyRule } from './engine/program.ts';
import { parseRules } from './file/rule-file.ts';
import { at, engineWith, minutes, temperatures } from './testing/arrange.ts';

const { rules, warnings } = parseRules(BUILTIN_RULES, 'built-in rules');

test('the built-in rules pass their own parser without a warning and judge all event times', () => {
  expect(warnings).toEqual([]);
  expect(rules.map(({ effectiveFrom }) => effectiveFrom)).toEqual(rules.map(() => null));
});

test.each(PROFILES)('profile $id is watched beyond each of its limits, and for silence', ({ id, min, max }) => {
  const own = rules.filter(
    ({ rule }) => rule.appliesTo !== undefined && compileAppliesTo(rule.appliesTo)({ profile: id }),
  );
  const thresholds = own.flatMap(({ rule }) =>
    rule.kind === 'cumulative' || (rule.kind === 'threshold' && rule.metric === 'temperature') ? rule : [],
  );
  // Warmer limits of a profile may stand beside.
  const least = (limits: readonly number[]) => limits.toSorted((a, b) => a - b)[0];
  const above = least(thresholds.flatMap((rule) => upperLimit(rule) ?? []));
  const below = least(
    thresholds.flatMap((rule) => -(lowerLimit(rule) ?? Number.NEGATIVE_INFINITY)).filter(Number.isFinite),
  );
  expect(above === undefined ? null : Math.round(above * 10) / 10).toBe(max);
  expect(below === undefined ? null : Math.round(-below * 10) / 10).toBe(min);
  expect(own.map(({ rule }) => rule.kind)).toContain('silence');
});

test('a WHO type I shipment alarms at 45 °C and at -0.5 °C after an hour in one piece, at 30 °C after ten in all', () => {
  const engine = engineWith(
    rules.flatMap(({ rule }) => (rule.kind === 'threshold' && rule.appliesTo?.includes('"WHO-type-I"') ? rule : [])),
    { intervalMs: minutes(30) },
  );
  const clock = (minute: number) => new Date(at('00:00') + minutes(minute)).toISOString().slice(11, 19);
  const hold = (from: number, celsius: number, times: number) =>
    Array.from({ length: times }, (_, i) => [clock(from + 30 * i), celsius] as const);
  const journey = [hold(0, -0.5, 3), hold(90, 5, 2), hold(150, 30, 21), hold(780, 45, 3), hold(870, 5, 1)];
  engine.apply(temperatures(...journey.flat()));
  engine.flush(0);
  expect(engine.present().map(({ rule, from }) => [rule, (from - at('00:00')) / minutes(1)])).toEqual([
    ['who-type-1-freezing', 0],
    ['who-type-1-hot', 780],
  ]);
  expect(rules.map(({ rule }) => rule)).toContainEqual(
    expect.objectContaining({ id: 'who-type-1-warm', kind: 'cumulative', atOrAbove: 30, forMs: minutes(600) }),
  );
});

type Told = readonly (readonly [clock: string, value: number])[];

test.each<[what: string, id: string, readings: Told, found: readonly [from: string, to: string, extreme: number]]>([
  [
    'humidity above 60 %RH for an hour',
    'too-humid',
    [
      ['10:00', 61],
      ['10:30', 64],
      ['11:00', 59],
      ['11:30', 57],
    ],
    ['10:00', '11:30', 64],
  ],
  [
    'a door that is open for five minutes',
    'door-open',
    [
      ['10:00', 1],
      ['10:06', 0],
    ],
    ['10:00', '10:06', 1],
  ],
  [
    'light in a carton',
    'light',
    [
      ['10:00', 0],
      ['10:05', 300],
      ['10:10', 0],
    ],
    ['10:05', '10:10', 300],
  ],
  [
    'a battery below 20 %',
    'low-battery',
    [
      ['10:00', 21],
      ['11:00', 19],
      ['12:00', 90],
    ],
    ['11:00', '12:00', 19],
  ],
])('%s is found', (_, id, readings, [from, to, extreme]) => {
  const own = rules.flatMap(({ rule }) => (rule.id === id && isKey(rule) ? rule : []));
  const metric = metricByName(own[0]?.metric ?? '')?.code ?? 0;
  const engine = engineWith(own);
  for (const [clock, value] of readings) {
    const builder = new ReadingBuilder();
    builder.add('logger-7', metric, at(clock), value);
    engine.apply(builder.view());
  }
  engine.flush(0);
  expect(engine.present().map((finding) => [finding.from, finding.to, finding.extreme, finding.key])).toEqual([
    [at(from), at(to), extreme, `logger-7/${own[0]?.metric}`],
  ]);
});

function isKey(rule: Rule): rule is KeyRule {
  return isKeyKind(rule.kind);
}

test('a device without a profile is judged by none of them', () => {
  const applying = rules.filter(({ rule }) => rule.appliesTo !== undefined && compileAppliesTo(rule.appliesTo)({}));
  expect(applying).toEqual([]);
});
