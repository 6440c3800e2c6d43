import { z } from 'zod';
import {
  type DeviceContext,
  DURATION_FORM,
  InputError,
  METRIC_NAMES,
  parseDuration,
  parseKey,
  YamlFile,
} from '../../domain/index.ts';
import { formatInstant, INSTANT_FORM, parseInstant } from '../file/instant.ts';
import type { RuleFileEntry } from '../file/rule-file.ts';
import { BacktestRun, lineOf } from './backtest.ts';
import { devicesSchema, goodsSchema } from './context-file.ts';
import type { GoodsInFile } from './goods-in-file.ts';
import type { ReadingRow } from './readings-csv.ts';

const instant = z.union([z.string(), z.number()], { error: INSTANT_FORM }).transform((given, context) => {
  const at = parseInstant(String(given));
  if (at !== null) return at;
  context.addIssue({ code: 'custom', message: INSTANT_FORM });
  return z.NEVER;
});
const duration = z.string({ error: DURATION_FORM }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  context.addIssue({ code: 'custom', message: DURATION_FORM });
  return z.NEVER;
});
const VALUES_FORM = 'values and gaps, such as "5 9.1x3 _ 6"';
const words = z.string({ error: 'text' });

const series = z.strictObject({
  key: z
    .string({ error: 'device/metric' })
    .refine((key) => parseKey(key) !== null, `device/metric, metric one of ${METRIC_NAMES.join(', ')}`),
  from: instant,
  every: duration.refine((ms) => ms > 0, 'longer than zero'),
  values: z.union([z.string(), z.number()], { error: VALUES_FORM }).transform((given, context) => {
    const values = expandValues(String(given));
    if (values !== null) return values;
    context.addIssue({ code: 'custom', message: VALUES_FORM });
    return z.NEVER;
  }),
  late: duration.optional(),
  arrives: instant.optional(),
});

const finding = z.strictObject({
  rule: words,
  key: words,
  from: instant,
  to: instant.nullable().optional(),
  endedBy: z.enum(['recovery', 'silence', 'rule'], { error: 'recovery, silence, rule or null' }).nullable().optional(),
  extreme: z.number({ error: 'a number or null' }).nullable().optional(),
  readings: z.int({ error: 'a whole number' }).optional(),
  minutesOutOfRange: z.number({ error: 'a number' }).optional(),
  detectedLate: z.boolean({ error: 'true or false' }).optional(),
});

const RULES_FORM = 'the path of a rule file, from here';
const schema = z
  .strictObject({
    rules: z.string({ error: RULES_FORM }).optional(),
    // Tests of dispositions: quality has their form.
    dispositions: z.unknown().optional(),
    // Tests of passes: the tracer runs them.
    passes: z.unknown().optional(),
    tests: z
      .array(
        z.strictObject({
          name: words,
          devices: devicesSchema.optional(),
          goods: goodsSchema.optional(),
          readings: z.array(series, { error: 'a list of series' }),
          now: instant.optional(),
          findings: z.array(finding, { error: 'a list of findings' }),
        }),
        { error: 'a list of tests' },
      )
      .optional(),
  })
  .refine(({ rules, tests, passes }) => rules !== undefined || (tests === undefined && passes === undefined), {
    path: ['rules'],
    message: RULES_FORM,
  })
  .refine(({ tests, dispositions, passes }) => [tests, dispositions, passes].some((given) => given !== undefined), {
    path: ['tests'],
    message: 'a list of tests',
  });

export interface RuleTestFile {
  /** Path of the rule file as the test file gives it: from its own place. null: there is no test of rules. */
  readonly rules: string | null;
  readonly tests: readonly RuleTest[];
}

export interface RuleTest {
  readonly name: string;
  readonly devices: ReadonlyMap<string, DeviceContext>;
  readonly goods: readonly GoodsInFile[];
  /** In order of arrival. */
  readonly rows: readonly ReadingRow[];
  readonly now: number | null;
  readonly findings: readonly ExpectedFinding[];
}

/** What a finding must say, as the backtest's lines say it; what is not given is not compared. */
type ExpectedFinding = Readonly<Record<string, unknown>>;

/**
 * Reads a file of rule tests (docs/rules.md, "Rule tests").
 * @throws {InputError} RULE_TEST_FILE_BAD with `file:line: key: given, allowed`
 */
export function parseRuleTests(text: string, file: string): RuleTestFile {
  const yaml = new YamlFile(text, file, 'RULE_TEST_FILE_BAD');
  const parsed = schema.safeParse(yaml.value);
  if (parsed.success) return { rules: parsed.data.rules ?? null, tests: (parsed.data.tests ?? []).map(testOf) };
  yaml.reportIssues(parsed.error.issues, [], 'the keys in docs/rules.md, "Rule tests"');
  yaml.throwIfBad();
  throw new InputError('RULE_TEST_FILE_BAD', `${file}:1: not understood`, { file });
}

/** How what was found differs from what the test says; empty where it does not. Lines for people. */
export function runRuleTest(test: RuleTest, rules: readonly RuleFileEntry[]): string[] {
  const run = new BacktestRun({ rules, context: test.devices, goods: test.goods });
  const last = test.rows.at(-1)?.arrival ?? 0;
  for (const row of test.rows) {
    for (const _ of run.receive(row.arrival));
    run.tick(row.arrival);
    run.take(row);
  }
  for (const _ of run.receive(test.now ?? last));
  if (test.now !== null) run.tick(test.now);
  const found = run.present().map(lineOf);
  const differences: string[] = [];
  for (const expected of test.findings) {
    const same = found.find((line) => nameOf(line) === nameOf(expected));
    if (same === undefined) differences.push(`- expected, not found: ${nameOf(expected)}`);
    else differences.push(...differencesOf(expected, same));
  }
  for (const line of found) {
    if (!test.findings.some((expected) => nameOf(expected) === nameOf(line))) {
      differences.push(`+ found, not expected: ${JSON.stringify(line)}`);
    }
  }
  return differences;
}

type Written = NonNullable<z.output<typeof schema>['tests']>[number];

function testOf({ name, devices, goods, readings, now, findings }: Written): RuleTest {
  const rows = readings.flatMap(rowsOf).sort((a, b) => a.arrival - b.arrival);
  return {
    name,
    devices: new Map(Object.entries(devices ?? {})),
    goods: goods ?? [],
    rows,
    now: now ?? null,
    findings: findings.map(({ from, to, ...rest }) => ({
      ...rest,
      from: formatInstant(from),
      ...(to === undefined ? {} : { to: to === null ? null : formatInstant(to) }),
    })),
  };
}

function rowsOf({ key, from, every, values, late, arrives }: z.output<typeof series>): ReadingRow[] {
  const parsed = parseKey(key);
  if (parsed === null) return [];
  const { device, metric } = { device: parsed.device, metric: parsed.metric.code };
  return values.flatMap((value, i) => {
    const time = from + i * every;
    return value === null ? [] : { arrival: arrives ?? time + (late ?? 0), device, metric, time, value };
  });
}

/** `5 9.1x3 _ 6`: values one step apart, `x` for so many of the same, `_` for none. Null where it is something else. */
function expandValues(text: string): (number | null)[] | null {
  const values: (number | null)[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const match = /^(_|[+-]?\d+(?:\.\d+)?)(?:x(\d{1,5}))?$/.exec(word);
    if (match === null) return null;
    const value = match[1] === '_' ? null : Number(match[1]);
    for (let n = Number(match[2] ?? 1); n > 0; n--) values.push(value);
  }
  return values;
}

function nameOf({ rule, key, from }: ExpectedFinding): string {
  return `${rule} ${key} from ${from}`;
}

function differencesOf(expected: ExpectedFinding, found: ExpectedFinding): string[] {
  return Object.entries(expected)
    .filter(([field, value]) => value !== undefined && found[field] !== value)
    .map(
      ([field, value]) =>
        `~ ${nameOf(expected)}: ${field} is ${JSON.stringify(found[field])}, expected ${JSON.stringify(value)}`,
    );
}
