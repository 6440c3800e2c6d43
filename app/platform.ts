import { lookup } from 'node:dns';
import type { Accounts } from '../access/index.ts';
import type { PracticeMode } from '../dashboards/index.ts';
import { type Logger, Outgoing, systemTime, Troubles, UnavailableError } from '../domain/index.ts';
import { ownUrl, webUrl } from './addresses.ts';
import { alertRouting } from './alert-routing.ts';
import type { Config } from './config/index.ts';
import { CERTIFICATE_ENDS, httpCertificate, mqttCertificate } from './door-certificate.ts';
import { configuredMappings } from './mappings.ts';
import { createMetering, LOST_LINES } from './metering.ts';
import type { Output } from './output.ts';
import { startAlerting } from './platform/alerting.ts';
import { watchCases } from './platform/case-watch.ts';
import { startConsumers } from './platform/consumers.ts';
import { tellDecommissioned } from './platform/decommission-telling.ts';
import { doorManifests } from './platform/door-manifests.ts';
import { tellSubscribers } from './platform/epcis-subscriptions.ts';
import { tellPartners } from './platform/exception-telling.ts';
import { openMqtt } from './platform/first-hour.ts';
import { startHealthWatch } from './platform/health.ts';
import { startHeartbeat } from './platform/heartbeat.ts';
import { startIntake } from './platform/intaking.ts';
import { judgeGoods } from './platform/judge-goods.ts';
import { watchLedger } from './platform/ledger-check.ts';
import { askWitnesses } from './platform/ledger-witnesses.ts';
import { Lifetime } from './platform/lifetime.ts';
import { loggerFileIntake, watchFolder } from './platform/logger-files.ts';
import { mqttDoor } from './platform/mqtt-door.ts';
import { practiceBeside } from './platform/practice.ts';
import { watchRecord } from './platform/record-check.ts';
import { startRetention } from './platform/retention.ts';
import { openStorage } from './platform/storage.ts';
import { watchStuckSensors } from './platform/stuck-sensors.ts';
import type { Surroundings } from './platform/surroundings.ts';
import { tellSystems } from './platform/system-messages.ts';
import { openWebDoor } from './platform/web-door.ts';
import { requireFreePort } from './ports.ts';
import { ALL_PARTS, type Part } from './processes.ts';
import { START } from './readiness.ts';
import { configuredRules } from './rule-versions.ts';
import { LIGHT_CHANNEL, stackLight } from './stack-light.ts';

export interface Platform {
  readonly httpUrl: string;
  /** Null where the broker is in another process, or closed until there is a user. */
  readonly mqttUrl: string | null;
  /** What makes the first admin, on the page; null where there is a user. */
  readonly setUpCode: string | null;
  /** MQTT over TLS; null without a certificate. */
  readonly mqttsUrl: string | null;
  readonly accounts: Accounts;
  /** Stops taking in, lets what is under way finish, and closes the database last. */
  stop(): Promise<void>;
}

export interface PlatformOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Where the logger's lines go; what is lost there is counted. */
  readonly output: Output;
  /** Demo mode: simulated devices, demo sign-ins on the sign-in page, loopback only. */
  readonly isDemo: boolean;
  /** This is the practice site beside a real one. */
  readonly practice?: PracticeMode;
  /** What runs in this process; the rest runs, or will, in others on the same database. Default everything. */
  readonly parts?: ReadonlySet<Part>;
  /** One short line a step, for a person who waits. */
  readonly onProgress: (text: string) => void;
  /** Makes the people and credentials of a new installation, before any door opens. */
  readonly prepare?: (accounts: Accounts) => Promise<void>;
}

/**
 * Wires the rooms together: the whole platform on one machine, in the order data flows. Whatever was started is
 * stopped again, last first, when a later part fails to start.
 *
 * @throws {UnavailableError} PORT_TAKEN, DATABASE_UNAVAILABLE and the like
 * @throws {ConflictError} DATA_DIR_IN_USE
 * @throws {InputError} RULE_*
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const lifetime = new Lifetime();
  try {
    return await startIn(lifetime, options);
  } catch (error) {
    await lifetime.end();
    throw error;
  }
}

async function startIn(lifetime: Lifetime, options: PlatformOptions): Promise<Platform> {
  const { config, logger, output, isDemo, parts = ALL_PARTS, onProgress } = options;
  await requireFreePort(config.http.host, config.http.port, 'http.port');
  if (parts.has('broker') && config.mqtt.url === null)
    await requireFreePort(config.mqtt.host, config.mqtt.port, 'mqtt.port');
  const { rules, warnings } = await configuredRules(config.rules.file);
  const mappings = await configuredMappings(config.mappings.file);
  for (const warning of warnings) logger.warn({ warning }, 'a rule says what is probably not meant');
  const [tls, https] = await Promise.all([mqttCertificate(config), httpCertificate(config)]);
  const metering = createMetering();
  output.countInto(metering.meter.counter(LOST_LINES));
  metering.meter.gauge(CERTIFICATE_ENDS);
  const surroundings: Surroundings = {
    ...{ config, parts, lifetime, logger, onProgress },
    ...{ time: systemTime, meter: metering.meter, troubles: new Troubles() },
    outgoing: new Outgoing({ allow: config.outgoing.allow, lookup, isPractice: options.practice !== undefined }),
  };

  for (const certificate of [tls, https]) {
    if (certificate !== null) lifetime.started(certificate.watch(surroundings));
  }
  const { troubles } = surroundings;
  troubles.failed(START, new UnavailableError('STARTING', 'Isotherm is starting'), systemTime.now());
  const storage = await openStorage(surroundings, isDemo);
  await storage.routing.start();
  lifetime.started(() => storage.routing.stop());
  await options.prepare?.(storage.accounts);
  const light = stackLight({ ...surroundings, tell: (command) => storage.database.notify(LIGHT_CHANNEL, command) });
  const consumers = await startConsumers(surroundings, { storage, rules, onVerdict: light.show });
  const routing = alertRouting(() => storage.routing.plan, config.alerts, storage.facts);
  let httpPort = config.http.port;
  await startAlerting(surroundings, { storage, routing, publicUrl: () => webUrl(config, httpPort) });
  watchCases(surroundings, storage, consumers.tracer);
  tellDecommissioned(surroundings, storage, consumers.tracer);
  tellSubscribers(surroundings, storage);
  tellSystems(surroundings, storage);
  tellPartners(surroundings, storage);
  const keeping = startRetention(surroundings, storage);
  watchRecord(surroundings, storage);
  watchStuckSensors(surroundings, storage);
  await judgeGoods(surroundings, storage);
  watchLedger(surroundings, storage);
  askWitnesses(surroundings, storage);

  // The front doors: the page, then MQTT. Nothing comes in before everything behind is ready.
  const manifests = doorManifests(surroundings, storage, consumers.tracer);
  const intaking = startIntake(surroundings, storage, light, manifests, mappings);
  const mqtt = parts.has('broker') ? mqttDoor(surroundings, { storage, intaking, light, manifests, tls }) : null;
  const broker = mqtt?.broker ?? null;
  startHeartbeat(surroundings, storage);
  startHealthWatch(surroundings, storage, () => intaking.intake.unheard);
  const { tracer } = consumers;
  const loggerFiles = loggerFileIntake(surroundings, storage, consumers);
  await watchFolder(surroundings, loggerFiles);
  httpPort = await openWebDoor(surroundings, {
    mqttUrls: () => mqtt?.urls() ?? null,
    certificates: [tls, https].filter((one) => one !== null),
    ...{ storage, routing, intaking, keeping, tracer, loggerFiles, metering, isDemo, broker, tls: https },
    ...(options.practice !== undefined && { practiceMode: options.practice }),
    practice: practiceBeside(surroundings, {
      isOffered: options.practice === undefined && !isDemo,
      tls: https,
      port: () => httpPort,
    }),
  });
  const { accounts } = storage;
  const setUpCode = (await accounts.firstAdmin.isAwaited()) ? accounts.firstAdmin.newCode() : null;
  const urls = mqtt === null ? null : await openMqtt(surroundings, accounts, mqtt);
  troubles.passed(START);
  return {
    httpUrl: ownUrl(config, httpPort),
    mqttUrl: urls?.plain ?? null,
    mqttsUrl: urls?.tls ?? null,
    setUpCode,
    accounts,
    stop: () => lifetime.end(),
  };
}
