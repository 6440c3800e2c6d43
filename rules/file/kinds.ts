import { z } from 'zod';
import {
  DURATION_FORM,
  EXCUSES_AT_MOST_MS,
  JUDGED_METRICS,
  type Limits,
  lowerLimit,
  parseDuration,
  RAISED_BY,
  type Rule,
  SEVERITIES,
  type Severity,
  type SeverityStep,
  type ThermalMass,
  upperLimit,
} from '../../domain/index.ts';
import { compileAppliesTo } from '../applies-to.ts';
import { INSTANT_FORM, parseInstant } from './instant.ts';

/**
 * How each kind of rule is written. A kind's schema checks the entry as it stands in the file and turns it into the
 * rule of domain/; every message says what is allowed, the file adds where and what was given. A new kind is one entry
 * in {@link KINDS}.
 */
export interface WrittenRule {
  readonly rule: Rule;
  /** Event time from which the rule judges; null where the file does not say. */
  readonly effectiveFrom: number | null;
}

const HOUR_MS = 3_600_000;

const number = z.number({ error: 'a finite number' });
export const anyDuration = z
  .string({ error: DURATION_FORM })
  // What a form asks for with its unit (rule-fields.ts).
  .meta({ format: 'duration' })
  .transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== null) return ms;
    context.addIssue({ code: 'custom', message: DURATION_FORM });
    return z.NEVER;
  });
export const duration = anyDuration.refine((ms) => ms > 0, 'longer than zero');
const wholeHours = duration.refine((ms) => ms % HOUR_MS === 0, 'whole hours: 24h, 720h, 30d');
const metric = z.enum(JUDGED_METRICS, { error: `one of ${JUDGED_METRICS.join(', ')}` });

function bounds<T extends z.ZodType>(value: T) {
  return { atLeast: value.optional(), atMost: value.optional() };
}

export const common = {
  id: z.string({ error: 'text matching [a-z0-9-]{1,64}' }).regex(/^[a-z0-9-]{1,64}$/, '[a-z0-9-]{1,64}'),
  severity: z.enum(SEVERITIES, { error: `one of ${SEVERITIES.join(', ')}` }).default('warning'),
  severityBy: z
    .array(
      z.discriminatedUnion(
        'by',
        [
          z.strictObject({ by: z.literal('serials'), ...bounds(z.int().min(0)), severity: z.enum(SEVERITIES) }),
          z.strictObject({
            by: z.literal('valueClass'),
            ...bounds(z.int().min(1).max(5)),
            severity: z.enum(SEVERITIES),
          }),
          z.strictObject({ by: z.literal('budgetLeft'), ...bounds(anyDuration), severity: z.enum(SEVERITIES) }),
        ],
        { error: `by: one of ${RAISED_BY.join(', ')}` },
      ),
      { error: 'a list of { by, atLeast or atMost, severity }' },
    )
    .min(1)
    .max(20)
    .superRefine((steps, context) => {
      for (const [i, { atLeast, atMost }] of steps.entries()) {
        const isBounded = atLeast !== undefined || atMost !== undefined;
        if (isBounded && (atLeast ?? 0) <= (atMost ?? Number.POSITIVE_INFINITY)) continue;
        context.addIssue({ code: 'custom', path: [i], message: 'atLeast or atMost, the first not above the second' });
      }
    })
    .optional(),
  appliesTo: z
    .string({ error: 'a CEL expression over profile, product, lane, site and labels' })
    .superRefine((expression, context) => {
      try {
        compileAppliesTo(expression);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        context.addIssue({
          code: 'custom',
          message: `CEL over profile, product, lane, site and labels that gives true or false (${reason})`,
        });
      }
    })
    .optional(),
  summary: z.string({ error: 'text' }).optional(),
  labels: z.record(z.string(), z.string({ error: 'text' }), { error: 'names with texts' }).optional(),
  effectiveFrom: z
    .union([z.string(), z.number()], { error: INSTANT_FORM })
    .transform((given, context) => {
      const at = parseInstant(String(given));
      if (at !== null) return at;
      context.addIssue({ code: 'custom', message: INSTANT_FORM });
      return z.NEVER;
    })
    .optional(),
};

/** A limit may itself be in range or out of it, as standards write both. */
const limits = {
  above: number.optional(),
  atOrAbove: number.optional(),
  below: number.optional(),
  atOrBelow: number.optional(),
};

function refuseIn(context: z.RefinementCtx) {
  return (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
}

/** Refuses limits that say nothing, two things at once, or leave no value in range. */
function checkLimits(entry: Limits, refuse: (key: string, message: string) => void): void {
  const { above, atOrAbove, below, atOrBelow } = entry;
  if (above !== undefined && atOrAbove !== undefined) refuse('atOrAbove', 'above or atOrAbove, not both');
  if (below !== undefined && atOrBelow !== undefined) refuse('atOrBelow', 'below or atOrBelow, not both');
  const [upper, lower] = [upperLimit(entry), lowerLimit(entry)];
  if (upper === undefined && lower === undefined) refuse('above', 'above or below or both');
  if (upper === undefined || lower === undefined || lower < upper) return;
  refuse(
    below === undefined ? 'atOrBelow' : 'below',
    `less than ${above === undefined ? 'atOrAbove' : 'above'} (${upper})`,
  );
}

const unless = z
  .strictObject(
    { metric, ...limits, atMost: duration.default(EXCUSES_AT_MOST_MS) },
    { error: 'a metric and its limit, such as { metric: defrost, above: 0, atMost: 45m }' },
  )
  .superRefine((entry, context) => checkLimits(entry, refuseIn(context)))
  .transform(({ atMost, ...entry }) => ({ ...entry, atMostMs: atMost }));

/** A key is of a device, which may tell the air of goods of several products. */
const massOfKey = z
  .string({ error: DURATION_FORM })
  .meta({ format: 'duration' })
  .refine((text) => text !== 'product', `${DURATION_FORM}; of each product its own: kinds on goods, such as cumulative`)
  .pipe(duration);

const threshold = z
  .strictObject({
    ...common,
    kind: z.literal('threshold'),
    metric,
    ...limits,
    clearAbove: number.optional(),
    clearBelow: number.optional(),
    for: anyDuration.default(0),
    maxGap: duration.optional(),
    gap: z.enum(['unknown', 'worst'], { error: 'unknown or worst' }).default('unknown'),
    keepFiringFor: anyDuration.default(0),
    unless: unless.optional(),
    thermalMass: massOfKey.optional(),
  })
  .superRefine((entry, context) => {
    const refuse = refuseIn(context);
    checkLimits(entry, refuse);
    if (entry.unless?.metric === entry.metric) refuse('unless', 'another metric than the rule itself judges');
    if (entry.thermalMass !== undefined && entry.metric !== 'temperature') refuse('thermalMass', 'of temperature only');
    const { clearAbove, clearBelow } = entry;
    const [upper, lower] = [upperLimit(entry), lowerLimit(entry)];
    const [over, under] = [
      entry.above === undefined ? 'atOrAbove' : 'above',
      entry.below === undefined ? 'atOrBelow' : 'below',
    ];
    if (clearAbove !== undefined) {
      if (upper === undefined) refuse('clearAbove', 'nothing where there is no above');
      else if (clearAbove > upper) refuse('clearAbove', `at most ${over} (${upper})`);
    }
    if (clearBelow !== undefined) {
      if (lower === undefined) refuse('clearBelow', 'nothing where there is no below');
      else if (clearBelow < lower) refuse('clearBelow', `at least ${under} (${lower})`);
    }
  })
  .transform((entry) =>
    written(entry, {
      ...shared(entry),
      kind: 'threshold',
      metric: entry.metric,
      above: entry.above,
      atOrAbove: entry.atOrAbove,
      below: entry.below,
      atOrBelow: entry.atOrBelow,
      clearAbove: entry.clearAbove,
      clearBelow: entry.clearBelow,
      forMs: entry.for,
      maxGapMs: entry.maxGap,
      gap: entry.gap,
      keepFiringForMs: entry.keepFiringFor,
      unless: entry.unless,
      thermalMassMs: entry.thermalMass,
    }),
  );

const silence = z
  .strictObject({
    ...common,
    kind: z.literal('silence'),
    metric,
    after: duration,
    onlyGood: z.boolean({ error: 'true or false' }).optional(),
  })
  .transform((entry) =>
    written(entry, {
      ...{ ...shared(entry), kind: 'silence', metric: entry.metric, afterMs: entry.after },
      onlyGood: entry.onlyGood === true ? true : undefined,
    }),
  );

const mkt = z
  .strictObject({
    ...common,
    kind: z.literal('mkt'),
    metric,
    window: wholeHours,
    above: number,
    maxGap: duration.optional(),
  })
  .transform((entry) =>
    written(entry, {
      ...shared(entry),
      kind: 'mkt',
      metric: entry.metric,
      windowMs: entry.window,
      above: entry.above,
      maxGapMs: entry.maxGap,
    }),
  );

const rate = z
  .strictObject({
    ...common,
    kind: z.literal('rate'),
    metric,
    window: duration,
    limit: number.refine((limit) => limit !== 0, 'above zero for a rise, below zero for a fall'),
    maxGap: duration.optional(),
  })
  .transform((entry) =>
    written(entry, {
      ...shared(entry),
      kind: 'rate',
      metric: entry.metric,
      windowMs: entry.window,
      limit: entry.limit,
      maxGapMs: entry.maxGap,
    }),
  );

const shock = z
  .strictObject({
    ...common,
    kind: z.literal('shock'),
    metric: metric.default('shock'),
    limit: number,
    keepFiringFor: anyDuration.default(0),
  })
  .transform((entry) =>
    written(entry, {
      ...shared(entry),
      kind: 'shock',
      metric: entry.metric,
      limit: entry.limit,
      keepFiringForMs: entry.keepFiringFor,
    }),
  );

const interval = z
  .strictObject({ ...common, kind: z.literal('interval'), metric, journey: duration })
  .transform((entry) =>
    written(entry, { ...shared(entry), kind: 'interval', metric: entry.metric, journeyMs: entry.journey }),
  );

const freezeThaw = z
  .strictObject({
    ...common,
    kind: z.literal('freezeThaw'),
    metric: metric.default('temperature'),
    count: z.int({ error: 'a whole number' }).min(1, 'at least 1'),
    window: duration,
    frozenBelow: number.default(0),
    thawedAbove: number.default(0),
  })
  .refine((entry) => entry.thawedAbove >= entry.frozenBelow, { path: ['thawedAbove'], message: 'at least frozenBelow' })
  .transform((entry) =>
    written(entry, {
      ...shared(entry),
      kind: 'freezeThaw',
      metric: entry.metric,
      count: entry.count,
      windowMs: entry.window,
      frozenBelow: entry.frozenBelow,
      thawedAbove: entry.thawedAbove,
    }),
  );

const forecast = z
  .strictObject({
    ...common,
    kind: z.literal('forecast'),
    metric,
    above: number.optional(),
    below: number.optional(),
    window: duration,
    within: duration,
    confidence: z
      .union([z.literal(0.9), z.literal(0.95), z.literal(0.99), z.literal(0.999)], {
        error: '0.9, 0.95, 0.99 or 0.999',
      })
      .default(0.95),
    maxGap: duration.optional(),
  })
  .refine(({ above, below }) => (above === undefined) !== (below === undefined), {
    path: ['above'],
    message: 'either above or below',
  })
  .transform((entry) =>
    written(entry, {
      ...shared(entry),
      kind: 'forecast',
      metric: entry.metric,
      above: entry.above,
      below: entry.below,
      windowMs: entry.window,
      withinMs: entry.within,
      confidence: entry.confidence,
      maxGapMs: entry.maxGap,
    }),
  );

/** One for all goods, or each product's own. */
const timeConstant = z.union([z.literal('product'), duration], { error: `${DURATION_FORM}, or product` });
const goods = z
  .strictObject(
    { timeConstant, otherwise: duration.optional() },
    { error: 'timeConstant, such as { timeConstant: 45m } or { timeConstant: product, otherwise: 45m }' },
  )
  .refine(({ timeConstant, otherwise }) => timeConstant === 'product' || otherwise === undefined, {
    path: ['otherwise'],
    message: 'only beside timeConstant: product',
  })
  .transform(
    ({ timeConstant, otherwise }): ThermalMass =>
      timeConstant === 'product'
        ? { timeConstant, ...(otherwise !== undefined && { otherwiseMs: otherwise }) }
        : { timeConstantMs: timeConstant },
  );
type Masses = { readonly goods?: ThermalMass | undefined; readonly thermalMass?: number | 'product' | undefined };
/** In full, or in the word of thresholds. */
const masses = { goods: goods.optional(), thermalMass: timeConstant.optional() };
function massOf({ goods, thermalMass }: Masses): ThermalMass | undefined {
  if (thermalMass === undefined) return goods;
  return thermalMass === 'product' ? { timeConstant: thermalMass } : { timeConstantMs: thermalMass };
}
function checkMasses({ goods, thermalMass }: Masses, context: z.RefinementCtx): void {
  if (goods !== undefined && thermalMass !== undefined)
    refuseIn(context)('thermalMass', 'thermalMass or goods, not both');
}
const unknown = z.enum(['counted', 'beside'], { error: 'counted or beside' });
const through = { ...masses, unless: unless.optional() };

const budget = z
  .strictObject({
    ...common,
    ...through,
    kind: z.literal('budget'),
    limits: z
      .array(
        z
          .strictObject({ ...limits, budget: duration })
          .superRefine((entry, context) => checkLimits(entry, refuseIn(context)))
          .transform(({ budget, ...limit }) => ({ ...limit, budgetMs: budget })),
        { error: 'a list of limits, each with its budget: { above: 25, budget: 12h }' },
      )
      .min(1, 'at least one limit')
      .optional(),
    share: z
      .number({ error: 'a number' })
      .min(1, 'from 1 to 100, per cent')
      .max(100, 'from 1 to 100, per cent')
      .default(100),
    unknown: unknown.optional(),
  })
  .superRefine(checkMasses)
  .transform((entry) => {
    const { limits, share, unknown, unless } = entry;
    return written(entry, {
      ...{ ...shared(entry), kind: 'budget', limits, share, unknown },
      ...{ goods: massOf(entry), unless },
    });
  });

const cumulative = z
  .strictObject({
    ...{ ...common, ...through, ...limits },
    kind: z.literal('cumulative'),
    for: duration,
    unknown: unknown.optional(),
  })
  .superRefine((entry, context) => checkLimits(entry, refuseIn(context)))
  .superRefine(checkMasses)
  .transform((entry) => {
    const { above, atOrAbove, below, atOrBelow, unknown, unless } = entry;
    const goods = massOf(entry);
    const limit = { above, atOrAbove, below, atOrBelow };
    return written(entry, { ...shared(entry), kind: 'cumulative', ...limit, forMs: entry.for, unknown, goods, unless });
  });

const goodsMkt = z
  .strictObject({ ...common, kind: z.literal('goodsMkt'), window: wholeHours, above: number })
  .transform((entry) =>
    written(entry, { ...shared(entry), kind: 'goodsMkt', windowMs: entry.window, above: entry.above }),
  );

const goodsFreezeThaw = z
  .strictObject({
    ...common,
    kind: z.literal('goodsFreezeThaw'),
    count: z.int({ error: 'a whole number' }).min(1, 'at least 1'),
    frozenBelow: number.default(0),
    thawedAbove: number.default(0),
    ...masses,
  })
  .superRefine(checkMasses)
  .refine((entry) => entry.thawedAbove >= entry.frozenBelow, { path: ['thawedAbove'], message: 'at least frozenBelow' })
  .transform((entry) => {
    const { count, frozenBelow, thawedAbove } = entry;
    const goods = massOf(entry);
    return written(entry, { ...shared(entry), kind: 'goodsFreezeThaw', count, frozenBelow, thawedAbove, goods });
  });

const tamper = z
  .strictObject({
    ...common,
    kind: z.literal('tamper'),
    light: number.gt(0, 'more than 0 lux').default(10),
    shock: number.gt(0, 'more than 0 g').optional(),
    opened: z.boolean({ error: 'true or false' }).default(true),
  })
  .transform((entry) => {
    const { light, shock, opened } = entry;
    return written(entry, { ...shared(entry), kind: 'tamper', light, shock, opened });
  });

const budgetForecast = z
  .strictObject({ ...common, ...through, kind: z.literal('budgetForecast'), window: duration })
  .superRefine(checkMasses)
  .transform((entry) => {
    const { unless } = entry;
    const goods = massOf(entry);
    return written(entry, { ...shared(entry), kind: 'budgetForecast', windowMs: entry.window, goods, unless });
  });

/** Every kind over readings that a rule file may name; those over passes: pass-kinds.ts. */
export const KINDS: Readonly<Record<string, z.ZodType<WrittenRule>>> = {
  threshold,
  silence,
  mkt,
  rate,
  shock,
  interval,
  freezeThaw,
  forecast,
  budget,
  cumulative,
  goodsMkt,
  goodsFreezeThaw,
  tamper,
  budgetForecast,
};

/** A step whose absent bounds may still stand there as undefined. */
type LooseStep = Omit<SeverityStep, 'atLeast' | 'atMost'> & {
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
};

export interface Common {
  readonly id: string;
  readonly severity: Severity;
  readonly severityBy?: readonly LooseStep[] | undefined;
  readonly appliesTo?: string | undefined;
  readonly summary?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly effectiveFrom?: number | undefined;
}

/** A rule whose absent keys may still stand there as undefined. */
type Loose<R> = R extends Rule ? { readonly [K in keyof R]: R[K] | Absent<R, K> } : never;
type Absent<R, K extends keyof R> = Record<never, never> extends Pick<R, K> ? undefined : never;

export function shared({ id, severity, severityBy, appliesTo, summary, labels }: Common) {
  return {
    id,
    severity,
    ...(severityBy !== undefined && { severityBy: severityBy.map(tight) }),
    appliesTo,
    summary,
    labels,
  };
}

function tight({ by, atLeast, atMost, severity }: LooseStep): SeverityStep {
  return { by, ...(atLeast !== undefined && { atLeast }), ...(atMost !== undefined && { atMost }), severity };
}

export function written(entry: Common, loose: Loose<Rule>): WrittenRule {
  // Absent is absent: JSON leaves out the keys that are undefined.
  const rule: Rule = JSON.parse(JSON.stringify(loose));
  return { rule, effectiveFrom: entry.effectiveFrom ?? null };
}
