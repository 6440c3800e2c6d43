import { z } from 'zod';
import { type DeviceContext, DURATION_FORM, METRIC_NAMES, parseDuration, YamlFile } from '../../domain/index.ts';

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
const schema = z.strictObject({ devices: devicesSchema }, { error: 'a map with the key devices' });

/**
 * The `--context` file of a backtest: what `appliesTo` and gaps ask about each device.
 *
 * @throws {InputError} CONTEXT_FILE_BAD with `file:line: key: given, allowed`
 */
export function parseContext(text: string, file: string): ReadonlyMap<string, DeviceContext> {
  const yaml = new YamlFile(text, file, 'CONTEXT_FILE_BAD');
  const parsed = schema.safeParse(yaml.value);
  if (!parsed.success) {
    yaml.reportIssues(
      parsed.error.issues,
      [],
      'interval, reportsEvery, reportsOnChange, heartbeat, kind, correction, stepPerMinute, profile, product, lane, site, labels',
    );
    yaml.throwIfBad();
  }
  return new Map(Object.entries(parsed.data?.devices ?? {}));
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
