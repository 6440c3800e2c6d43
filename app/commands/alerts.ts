import { alertRecord, type Notice, type RouteMatch, routingFound, Silences } from '../../alerts/index.ts';
import {
  DURATION_FORM,
  InputError,
  parseDuration,
  parseTimestamp,
  SEVERITIES,
  type Severity,
  systemTime,
} from '../../domain/index.ts';
import { PostgresAuditTrail, PostgresFacts } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { alertRouting, routingFile } from '../alert-routing.ts';
import { commandOrigination } from '../command-actor.ts';
import type { Config } from '../config/index.ts';
import { configFor, readOptions, usageError } from './options.ts';

const ROUTE =
  'alerts route ALERT|--severity SEVERITY [--kind KIND] [--site ID,...] [--profile ID,...] [--product GTIN,...] [--label NAME=VALUE,...] [--rule ID] [--shipment ID,...] [--gateway ID,...] [--at TIME] [--config FILE]';
const SILENCE =
  'alerts silence list|add --reason TEXT --for DURATION|--until TIME [--site ID,...] [--device ID,...] [--rule ID,...] [--shipment ID,...] [--gateway ID,...] [--kind KIND,...] [--severity SEVERITY,...] [--label NAME=VALUE,...]|end ID [--config FILE]';

/** `isotherm alerts ...`: who is told of an alert, and of which alerts nobody is told for a while. */
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
    device: { type: 'string' },
    gateway: { type: 'string' },
    at: { type: 'string' },
    reason: { type: 'string' },
    for: { type: 'string' },
    until: { type: 'string' },
  });
  const [action, ...words] = positionals;
  const config = configFor(values.config);
  if (action === 'route') return route(config, values, words);
  if (action === 'silence') return silence(config, values, words);
  throw usageError(`${ROUTE}\n       isotherm ${SILENCE}`);
}

type Values = Readonly<Partial<Record<string, string>>>;

/**
 * Who is told of an alert, real or invented, by which channel, when and why, while nobody acknowledges it: one JSON line a
 * step.
 * @returns 1 where nobody is told
 */
async function route(config: Config, values: Values, words: readonly string[]): Promise<number> {
  const [id, ...more] = words;
  const { severity, kind, site, profile, product, label, rule, shipment, gateway, at } = values;
  const isInvented = [severity, kind, site, profile, product, label, rule, shipment, gateway].some(
    (value) => value !== undefined,
  );
  if (more.length > 0 || (id !== undefined) === isInvented) throw usageError(ROUTE);
  const openedAt = at === undefined ? null : timeOf('--at', at);
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
  if (notices.length === 0) process.stderr.write('nobody is told: alerts.route and the routing lead nowhere for it\n');
  return notices.length === 0 ? 1 : 0;
}

/** Silences, one JSON line each: those there are, the one that was made, or the one that was ended. */
async function silence(config: Config, values: Values, words: readonly string[]): Promise<number> {
  const [verb, id, ...more] = words;
  const isOne = verb === 'end' ? /^\d{1,15}$/.test(id ?? '') && more.length === 0 : id === undefined;
  if (!isOne) throw usageError(SILENCE);
  const shown = await withDatabase(config, async (database) => {
    const silences = new Silences({ audit: new PostgresAuditTrail({ database }), database, time: systemTime });
    if (verb === 'list') return silences.list();
    if (verb === 'end') return [await silences.end(Number(id), commandOrigination())];
    if (verb !== 'add') throw usageError(SILENCE);
    const { reason = '', for: lasting, until } = values;
    const match = silenceMatch(values);
    if (reason.trim() === '' || (lasting === undefined) === (until === undefined) || Object.keys(match).length === 0) {
      throw usageError(SILENCE);
    }
    const end = until === undefined ? systemTime.now() + durationOf(lasting ?? '') : timeOf('--until', until);
    return [await silences.add({ match, reason: reason.trim(), until: end }, commandOrigination())];
  });
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  for (const { from, until, endedAt, ...one } of shown) {
    const line = { ...one, from: iso(from), until: iso(until), endedAt: iso(endedAt) };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  return 0;
}

function silenceMatch({ severity, label, ...values }: Values): RouteMatch {
  const names = ['kind', 'rule', 'site', 'profile', 'product', 'shipment', 'device', 'gateway'] as const;
  const given = names.flatMap((name) => (values[name] === undefined ? [] : [[name, listOf(values[name])] as const]));
  return {
    ...Object.fromEntries(given),
    ...(severity !== undefined && { severity: listOf(severity).map(severityOf) }),
    ...(label !== undefined && { labels: labelsOf(label) }),
  };
}

function lineOf({ at, person, channel, step, route, why, group }: Notice): Readonly<Record<string, unknown>> {
  const when = new Date(at).toISOString();
  return { who: person, channel, when, why, step, route, ...(group !== null && { group: group.by }) };
}

/** @throws {InputError} TIME_BAD */
function timeOf(option: string, text: string): number {
  const at = parseTimestamp(text);
  if (at !== null) return at;
  throw new InputError(
    'TIME_BAD',
    `${option}: given "${text}", allowed: RFC 3339 with a zone, 2026-11-29T03:00:00+01:00`,
  );
}

/** @throws {InputError} DURATION_BAD */
function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  throw new InputError('DURATION_BAD', `--for: given "${text}", allowed: ${DURATION_FORM}`);
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
