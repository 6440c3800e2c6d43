import { z } from 'zod';
import type { DeviceContext } from '../../domain/index.ts';
import { DURATION_FORM, parseDuration } from '../file/duration.ts';
import { YamlFile } from '../file/yaml-file.ts';

const duration = z.string({ error: DURATION_FORM }).transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: `${DURATION_FORM}, longer than zero` });
  return z.NEVER;
});
const words = z.string({ error: 'text' });
const schema = z.strictObject({
  devices: z.record(
    words,
    z.strictObject({
      interval: duration.optional(),
      reportsEvery: duration.optional(),
      profile: words.optional(),
      product: words.optional(),
      lane: words.optional(),
      site: words.optional(),
      labels: z.record(words, words, { error: 'names with texts' }).optional(),
    }),
    { error: 'devices by id' },
  ),
});

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
  const devices = Object.entries(parsed.data?.devices ?? {});
  return new Map(devices.map(([id, device]) => [id, contextOf(device)]));
}

type Written = z.output<typeof schema>['devices'][string];

function contextOf({ interval, reportsEvery, ...rest }: Written): DeviceContext {
  const context: DeviceContext = JSON.parse(
    JSON.stringify({ ...rest, intervalMs: interval, reportsEveryMs: reportsEvery }),
  );
  return context;
}
