import { readFile } from 'node:fs/promises';
import { AlertRouting, type AlertsConfig, type RoutingInForceOptions, type RoutingPlan } from '../alerts/index.ts';
import { type Facts, InputError, KnownRules } from '../domain/index.ts';

/**
 * The routing file that the configuration names, and what stands in it; null where it names none.
 * @throws {InputError} ROUTING_FILE_BAD
 */
export async function routingFile(name: string | null): Promise<RoutingInForceOptions['file']> {
  if (name === null) return null;
  const text = await readFile(name, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(
      'ROUTING_FILE_BAD',
      `alerts.routing: ${name} cannot be read (${cause.code})`,
      { file: name },
      cause,
    );
  });
  return { name, text };
}

export function alertRouting(plan: () => RoutingPlan | null, { channels }: AlertsConfig, facts: Facts): AlertRouting {
  const rules = new KnownRules(facts);
  const labels = async (rule: string, version: number) => (await rules.version(rule, version))?.labels ?? {};
  return new AlertRouting({ plan, configured: channels.map(({ id }) => id), labels });
}
