import { z } from 'zod';
import { type DeviceContext, DURATION_FORM, METRIC_NAMES, parseDuration, YamlFile } from '../../domain/index.ts';
import { INSTANT_FORM, parseInstant } from '../file/instant.ts';
import type { GoodsInFile, GroupInFile } from './goods-in-file.ts';

const duration = z.string({ error: DURATION_FORM }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: `${DURATION_FORM}, longer than zero` });
  return z.NEVER;
});
const number = z.number({ error: 'a finite number' });
const words = z.string({ error: 'text' });

/** Devices by id, each with what gaps and `appliesTo` ask about it. */
export const devicesSchema = z.record(
  words,
  z
    .strictObject({
      interval: duration.optional(),
      reportsEvery: duration.optional(),
      reportsOnChange: z.boolean({ error: 'true or false' }).optional(),
      heartbeat: duration.optional(),
      kind: words.optional(),
      correction: z
        .union(
          [number.transform((offset) => ({ temperature: offset })), z.partialRecord(z.enum(METRIC_NAMES), number)],
          {
            error: 'a number that is added to the temperature, or numbers by metric',
          },
        )
        .optional(),
      stepPerMinute: number.refine((most) => most > 0, 'more than zero').optional(),
      profile: words.optional(),
      product: words.optional(),
      lane: words.optional(),
      site: words.optional(),
      labels: z.record(words, words, { error: 'names with texts' }).optional(),
    })
    .transform(contextOf),
  { error: 'devices by id' },
);
const instant = z.union([z.string(), z.number()], { error: INSTANT_FORM }).transform((given, context) => {
  const at = parseInstant(String(given));
  if (at !== null) return at;
  context.addIssue({ code: 'custom', message: INSTANT_FORM });
  return z.NEVER;
});
const leg = z.strictObject({
  from: instant,
  to: instant.optional(),
  devices: z.array(words, { error: 'a list of device ids; none = unknown' }),
});
const group = z.strictObject({
  serials: z.array(words, { error: 'a list of EPCs' }).min(1, 'at least one serial'),
  product: words.optional(),
  profile: words.optional(),
  budget: duration.optional(),
  budgetUsed: duration.optional(),
  thermalMass: duration.optional(),
  received: instant.optional(),
  legs: z
    .array(leg, { error: 'a list of legs' })
    .min(1, 'at least one leg')
    .superRefine((legs, context) => {
      for (const [index, { from, to }] of legs.entries()) {
        const next = legs[index + 1];
        const message = 'each leg from before to, and to no later than the next one begins';
        if (to !== undefined ? to > from && to <= (next?.from ?? to) : next === undefined) continue;
        context.addIssue({ code: 'custom', path: [index, 'to'], message });
      }
    }),
});

/** Shipments by id, each with its groups of serials and the devices that told their air. */
export const goodsSchema = z
  .record(
    words,
    z.strictObject({
      lane: words.optional(),
      from: instant,
      to: instant.optional(),
      arrives: instant.optional(),
      left: instant.optional(),
      opened: z
        .array(
          z.strictObject({
            ...{ at: instant, unit: words, received: instant.optional() },
            serials: z.array(words, { error: 'a list of serials' }),
          }),
        )
        .optional(),
      groups: z.array(group, { error: 'a list of groups' }).min(1, 'at least one group'),
    }),
    { error: 'shipments by id' },
  )
  .transform((shipments) =>
    Object.entries(shipments).map(
      ([
        shipment,
        { lane = null, from, to = null, arrives = null, left = from, opened = [], groups },
      ]): GoodsInFile => ({
        ...{ shipment, lane, from, to, arrives, sealed: left },
        openings: opened.map(({ at, unit, serials, received = null }) => ({
          at,
          unit,
          epcs: new Set(serials),
          received,
        })),
        groups: groups.map(
          ({
            serials,
            product = null,
            profile = null,
            budget = null,
            budgetUsed,
            thermalMass = null,
            received = null,
            legs,
          }) => ({
            ...{
              serials,
              product,
              profile,
              budgetMs: budget,
              thermalMassMs: thermalMass,
              received,
              legs: withoutHoles(legs),
            },
            carried: budgetUsed === undefined ? null : { ms: budgetUsed, since: from },
          }),
        ),
      }),
    ),
  );

/** Between legs nothing is known. */
function withoutHoles(legs: readonly z.output<typeof leg>[]): GroupInFile['legs'] {
  return legs.flatMap(({ from, to = null, devices }, index) => {
    const next = legs[index + 1];
    const own = { from, to, devices };
    return next === undefined || to === null || to === next.from
      ? [own]
      : [own, { from: to, to: next.from, devices: [] }];
  });
}

/** What rules over passes judge: the tracer has its form. */
const PASS_WORDS = ['doors', 'shipments', 'packed', 'unpacked', 'seen', 'complete', 'now'] as const;
const schema = z.strictObject(
  {
    devices: devicesSchema.optional(),
    goods: goodsSchema.optional(),
    ...Object.fromEntries(PASS_WORDS.map((word) => [word, z.unknown().optional()])),
  },
  { error: `a map with the keys devices, goods, ${PASS_WORDS.join(', ')}` },
);

/** What a backtest's file says of devices and of goods. */
export interface BacktestContext {
  readonly devices: ReadonlyMap<string, DeviceContext>;
  readonly goods: readonly GoodsInFile[];
}

/**
 * The `--context` file of a backtest: what `appliesTo` and gaps ask about each device, and the goods that rules on goods judge.
 *
 * @throws {InputError} CONTEXT_FILE_BAD with `file:line: key: given, allowed`
 */
export function parseContext(text: string, file: string): BacktestContext {
  const yaml = new YamlFile(text, file, 'CONTEXT_FILE_BAD');
  const parsed = schema.safeParse(yaml.value);
  if (!parsed.success) {
    yaml.reportIssues(
      parsed.error.issues,
      [],
      'interval, reportsEvery, reportsOnChange, heartbeat, kind, correction, stepPerMinute, profile, product, lane, site, labels; of goods lane, from, to, arrives, left, opened with at, unit, serials, received, groups with serials, product, profile, budget, budgetUsed, thermalMass, received, legs; beside devices and goods doors, shipments, packed, unpacked, seen, complete, now',
    );
    yaml.throwIfBad();
  }
  return { devices: new Map(Object.entries(parsed.data?.devices ?? {})), goods: parsed.data?.goods ?? [] };
}

function contextOf({ interval, reportsEvery, heartbeat, kind, correction, ...rest }: WrittenDevice): DeviceContext {
  const habits = { intervalMs: interval, reportsEveryMs: reportsEvery, heartbeatMs: heartbeat };
  // Absent is absent: JSON leaves out the keys that are undefined.
  const context: DeviceContext = JSON.parse(
    JSON.stringify({ ...rest, ...habits, sensor: kind, corrections: correction }),
  );
  return context;
}

interface WrittenDevice {
  readonly interval?: number | undefined;
  readonly reportsEvery?: number | undefined;
  readonly heartbeat?: number | undefined;
  readonly kind?: string | undefined;
  readonly correction?: DeviceContext['corrections'] | undefined;
  readonly [other: string]: unknown;
}
