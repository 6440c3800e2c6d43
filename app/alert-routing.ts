import { readFile } from 'node:fs/promises';
import { AlertRouting, type AlertsConfig, parseRouting, type RoutingPlan, simplePlan } from '../alerts/index.ts';
import { type Facts, InputError, KnownRules } from '../domain/index.ts';

/**
 * Who is told of alerts, as it is configured. Read before anything is started: with a bad file nothing starts.
 *
 * @param made ids of channels that people made on the page
 * @throws {InputError} ROUTING_FILE_BAD
 */
export async function configuredPlan(
  alerts: AlertsConfig & { readonly routing: string | null },
  made: readonly string[],
): Promise<RoutingPlan | null> {
  const file = alerts.routing;
  if (file === null) return simplePlan(alerts);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new InputError('ROUTING_FILE_BAD', `alerts.routing: ${file} cannot be read (${cause.code})`, { file }, cause);
  });
  return parseRouting(text, file, [...alerts.channels.map(({ id }) => id), ...made]);
}

export function alertRouting(plan: RoutingPlan | null, { channels }: AlertsConfig, facts: Facts): AlertRouting {
  const rules = new KnownRules(facts);
  const labels = async (rule: string, version: number) => (await rules.version(rule, version))?.labels ?? {};
  return new AlertRouting({ plan: () => plan, configured: channels.map(({ id }) => id), labels });
}
