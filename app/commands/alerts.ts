import { alertRecord, type Notice, routingFound } from '../../alerts/index.ts';
import { InputError, parseTimestamp, SEVERITIES, type Severity, systemTime } from '../../domain/index.ts';
import { PostgresFacts } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { alertRouting, routingFile } from '../alert-routing.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE =
  'alerts route ALERT|--severity SEVERITY [--kind KIND] [--site ID,...] [--profile ID,...] [--product GTIN,...] [--label NAME=VALUE,...] [--rule ID] [--shipment ID,...] [--gateway ID,...] [--at TIME] [--config FILE]';

/**
 * `isotherm alerts route`: who is told of an alert, real or invented, by which channel, when and why, while nobody
 * acknowledges it: one JSON line a step.
 * @returns 1 where nobody is told
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {
    severity: { type: 'string' },
    kind: { type: 'string' },
    site: { type: 'string' },
    profile: { type: 'string' },
    product: { type: 'string' },
    label: { type: 'string' },
    rule: { type: 'string' },
    shipment: { type: 'string' },
    gateway: { type: 'string' },
    at: { type: 'string' },
  });
  const [action, id, ...more] = positionals;
  const { severity, kind, site, profile, product, label, rule, shipment, gateway, at } = values;
  const isInvented = [severity, kind, site, profile, product, label, rule, shipment, gateway].some(
    (value) => value !== undefined,
  );
  if (action !== 'route' || more.length > 0 || (id !== undefined) === isInvented) throw usageError(USAGE);
  const config = configFor(values.config);
  const openedAt = at === undefined ? null : timeOf(at);
  const notices = await withDatabase(config, async (database) => {
    const file = await routingFile(config.alerts.routing);
    const { plan } = await routingFound({ database, alerts: config.alerts, file });
    const routing = alertRouting(() => plan, config.alerts, new PostgresFacts({ database }));
    if (id === undefined) {
      return routing.channelsFor(database.pool, {
        severity: severityOf(severity),
        kind: kind ?? 'threshold',
        ...{ rule: rule ?? '', about: 'device' as const, device: null },
        ...{ gateways: listOf(gateway), shipments: listOf(shipment) },
        ...{ sites: listOf(site), profiles: listOf(profile), products: listOf(product), labels: labelsOf(label) },
        openedAt: openedAt ?? systemTime.now(),
      });
    }
    const record = await alertRecord(database, id);
    return routing.ofRecord(database.pool, record, openedAt ?? record.alert.detectedAt);
  });
  for (const notice of notices) process.stdout.write(`${JSON.stringify(lineOf(notice))}\n`);
  if (notices.length === 0)
    process.stderr.write('nobody is told: alerts.route and alerts.routing lead nowhere for it\n');
  return notices.length === 0 ? 1 : 0;
}

function lineOf({ at, person, channel, step, route, why, group }: Notice): Readonly<Record<string, unknown>> {
  const when = new Date(at).toISOString();
  return { who: person, channel, when, why, step, route, ...(group !== null && { group: group.by }) };
}

/** @throws {InputError} TIME_BAD */
function timeOf(text: string): number {
  const at = parseTimestamp(text);
  if (at !== null) return at;
  throw new InputError('TIME_BAD', `--at: given "${text}", allowed: RFC 3339 with a zone, 2026-11-29T03:00:00+01:00`);
}

/** @throws {InputError} SEVERITY_BAD */
function severityOf(text: string | undefined): Severity {
  const severity = SEVERITIES.find((one) => one === text);
  if (severity !== undefined) return severity;
  throw new InputError('SEVERITY_BAD', `--severity: given "${text ?? ''}", allowed: ${SEVERITIES.join(', ')}`);
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',').filter((part) => part !== '');
}

/** @throws {InputError} LABEL_BAD */
function labelsOf(text: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    listOf(text).map((part) => {
      const at = part.indexOf('=');
      if (at > 0) return [part.slice(0, at), part.slice(at + 1)];
      throw new InputError('LABEL_BAD', `--label: given "${part}", allowed: NAME=VALUE`);
    }),
  );
}
