import { z } from 'zod';
import type { DeviceContext } from '../../domain/index.ts';
import { DURATION_FORM, parseDuration } from '../../domain/index.ts';
import { YamlFile } from '../file/yaml-file.ts';

const duration = z.string({ error: DURATION_FORM }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: `${DURATION_FORM}, longer than zero` });
  return z.NEVER;
});
const words = z.string({ error: 'text' });

/** Devices by id, each with what gaps and `appliesTo` ask about it. */
export const devicesSchema = z.record(
  words,
  z
    .strictObject({
      interval: duration.optional(),
      reportsEvery: duration.optional(),
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
    yaml.reportIssues(parsed.error.issues, [], 'interval, reportsEvery, profile, product, lane, site, labels');
    yaml.throwIfBad();
  }
  return new Map(Object.entries(parsed.data?.devices ?? {}));
}

function contextOf({ interval, reportsEvery, ...rest }: WrittenDevice): DeviceContext {
  const context: DeviceContext = JSON.parse(
    JSON.stringify({ ...rest, intervalMs: interval, reportsEveryMs: reportsEvery }),
  );
  return context;
}

interface WrittenDevice {
  readonly interval?: number | undefined;
  readonly reportsEvery?: number | undefined;
  readonly [other: string]: unknown;
}
