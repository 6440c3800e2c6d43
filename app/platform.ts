import { Accounts } from '../access/index.ts';
import { AlertBook, AlertDesk, Notifier, ruleTexts } from '../alerts/index.ts';
import { Broker } from '../broker/index.ts';
import { ensurePage, WebServer } from '../dashboards/index.ts';
import { type ConsumerOptions, KnownRules, type Logger, systemTime, UnavailableError } from '../domain/index.ts';
import { Intake, Ticker, Writer } from '../ingest/index.ts';
import manifest from '../package.json' with { type: 'json' };
import { Evaluator, Explainer } from '../rules/index.ts';
import {
  ARCHIVE_CONSUMER,
  ARCHIVE_PACE,
  Archive,
  Archiver,
  Deletions,
  Holds,
  InfluxMirror,
  migrate,
  openDatabase,
  PartitionManager,
  PostgresFacts,
  PostgresFindings,
  PostgresHistory,
  PostgresHistoryScan,
  PostgresLog,
  PostgresNotes,
  QuarantineStore,
  ReadingStore,
  Readings,
  ReadingsUpkeep,
  Retention,
  Rollups,
  Sweeper,
} from '../storage/index.ts';
import { EpcisExcursions, SerialExposures, TraceExposure, TraceQueries, Tracer } from '../trace/index.ts';
import { type Config, durationMs, influxOf } from './config/index.ts';
import { databaseAccess } from './database.ts';
import { readingsUrl, requireAccount, urlHost, webUrl } from './hosts.ts';
import { ageOf, keptNow, recordPeriod } from './kept.ts';
import { createMetering } from './metering.ts';
import { Originals } from './originals.ts';
import { ALL_PARTS, MANDATORY_CONSUMERS, type Part } from './parts.ts';
import { requireFreePort } from './ports.ts';
import { readiness } from './readiness.ts';
import { configuredRules, publishRules } from './rule-versions.ts';
import { stackLight } from './stack-light.ts';
import { mqttTls } from './tls.ts';

export interface Platform {
  readonly httpUrl: string;
  /** Null where the broker is in another process. */
  readonly mqttUrl: string | null;
  readonly accounts: Accounts;
  /** Stops taking in, lets what is under way finish, and closes the database last. */
  stop(): Promise<void>;
}

export interface PlatformOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Demo mode: simulated devices, demo sign-ins on the sign-in page, loopback only. */
  readonly isDemo: boolean;
  /** What runs in this process; the rest runs, or will, in others on the same database. Default everything. */
  readonly parts?: ReadonlySet<Part>;
  /** One short line a step, for a person who waits. */
  readonly onProgress: (text: string) => void;
}

/**
 * Wires the rooms together: the whole platform on one machine, in the order data flows. Whatever was started is
 * stopped again, last first, when a later part fails to start.
 *
 * @throws {UnavailableError} PORT_TAKEN, DATABASE_UNAVAILABLE and the like
 * @throws {ConflictError} DATA_DIR_IN_USE
 * @throws {InputError} HOST_WITHOUT_ACCOUNT, RULE_*
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { config, logger, isDemo, parts = ALL_PARTS, onProgress } = options;
  const time = systemTime;
  const stops: (() => Promise<void>)[] = [];
  const closing = new AbortController();
  const stop = async () => {
    // Work that is given up now is nobody's fault, and is done after the next start.
    closing.abort(new UnavailableError('PLATFORM_STOPPING', 'Isotherm is stopping'));
    for (const step of stops.splice(0).reverse()) await step();
  };
  try {
    await requireFreePort(config.http.host, config.http.port, 'http.port');
    if (parts.has('broker')) await requireFreePort(config.mqtt.host, config.mqtt.port, 'mqtt.port');
    const { rules, warnings } = await configuredRules(config.rules.file);
    for (const warning of warnings) logger.warn({ warning }, 'a rule says what is probably not meant');
    const tls = await mqttTls(config);
    const { meter, text: metricsText, contentType: metricsType } = createMetering();

    // Storage: the database, the log in it, and the tables behind the ports.
    const access = await databaseAccess(config, { logger: logger.child({ room: 'storage' }), onProgress });
    stops.push(() => access.release());
    const database = await openDatabase({ url: access.url, logger, time, maxConnections: 16 });
    stops.push(() => database.close());
    onProgress('bringing the database schema up to date');
    await migrate(database, logger);
    const accounts = new Accounts({ database, time });
    await requireAccount(config, accounts);
    const log = new PostgresLog({
      ...{ database, time, meter, logger: logger.child({ room: 'log' }) },
      expects: MANDATORY_CONSUMERS,
      limits: { capMs: durationMs(config.retention.log) },
    });
    await log.start();
    stops.push(() => log.stop());
    const facts = new PostgresFacts({ database });
    const findings = new PostgresFindings({ database });
    const history = new PostgresHistory({ database });
    const scan = new PostgresHistoryScan({ database });

    const partitions = new PartitionManager({ database });
    const upkeep = new ReadingsUpkeep({
      ...{ partitions, rollups: new Rollups({ database }), time, meter, logger: logger.child({ room: 'storage' }) },
    });
    if (parts.has('storage')) {
      await upkeep.start();
      stops.push(() => upkeep.stop());
    }

    // Consumers: each takes the log at its own pace.
    const consume = (options: ConsumerOptions) => {
      const consumer = log.consumer(options);
      stops.push(() => consumer.stop());
      return consumer;
    };
    const writer = consume({
      name: 'writer',
      families: ['readings'],
      isMandatory: true,
      // Nobody waits for a row as one waits for an alert, and COPY wants many rows at once.
      lingerMs: 20,
      handler: new Writer({
        readings: new ReadingStore({ database, partitions }),
        quarantine: new QuarantineStore({ database }),
        meter,
      }),
    });
    const light = stackLight({ meter, logger });
    const tracer = consume({
      name: 'tracer',
      families: ['trace'],
      isMandatory: true,
      handler: new Tracer({
        database,
        facts,
        findings,
        onVerdict: light.show,
        logger: logger.child({ room: 'trace' }),
        meter,
      }),
    });
    const evaluator = consume({
      name: 'evaluator',
      families: ['readings', 'trace'],
      isMandatory: true,
      handler: new Evaluator({
        ...{ findings, history, scan, facts, time, meter, logger: logger.child({ room: 'rules' }) },
        // A writer that is stuck must not keep an evaluator that waits for it from stopping.
        ready: async (positions) => {
          await Promise.all([writer, tracer].map((consumer) => consumer.passed(positions, closing.signal)));
        },
        storedUpTo: () => log.checkpoints('writer'),
        notes: new PostgresNotes({ database }),
      }),
    });
    const archive = new Archive({ database });
    const archiver = consume({
      ...{ name: ARCHIVE_CONSUMER, families: ['originals'], isMandatory: true, ...ARCHIVE_PACE },
      handler: new Archiver({ meter }),
    });
    await Promise.all([
      parts.has('ingest') && writer.start(),
      parts.has('trace') && tracer.start(),
      parts.has('rules') && evaluator.start(),
      parts.has('storage') && archiver.start(),
    ]);
    const influx = influxOf(config);
    if (influx !== null && parts.has('storage')) {
      const mirror = consume({
        name: 'influx',
        families: ['readings'],
        isMandatory: false,
        // Some ten requests a batch, and one a second where little comes.
        batchBytes: 1024 * 1024,
        lingerMs: 1_000,
        handler: new InfluxMirror({
          ...{ database, influx, time, meter, logger: logger.child({ room: 'storage' }) },
          stored: (positions) => writer.passed(positions, closing.signal),
          storedUpTo: () => log.checkpoints('writer'),
          stopping: closing.signal,
        }),
      });
      await mirror.start();
    }
    // It waits for the tracer to have taken them in.
    if (parts.has('trace')) await publishRules({ rules, facts, log, tracer, time });

    // Alerts: findings find their serials and their people, and partners hear of excursions.
    let publicUrl = webUrl(config, config.http.port);
    const exposure = new TraceExposure({ database, history });
    const alertsLogger = logger.child({ room: 'alerts' });
    const knownRules = new KnownRules(facts);
    const desk = new AlertDesk({
      database,
      exposure,
      history,
      time,
      meter,
      logger: alertsLogger,
      config: config.alerts,
      summaryTemplate: ruleTexts(knownRules),
      explainer: new Explainer({ history, rules: knownRules }),
      excursions: new EpcisExcursions({
        readingsUrl: (device, metric, from, to) => readingsUrl(publicUrl, device, metric, from, to),
      }),
    });
    if (parts.has('alerts')) {
      await desk.start();
      stops.push(() => desk.stop());
    }
    const notifier = new Notifier({
      ...{ database, time, meter, logger: alertsLogger },
      databaseUrl: access.url,
      redisUrl: config.redis.url,
      channels: config.alerts.channels,
    });
    if (parts.has('alerts')) {
      await notifier.start();
      stops.push(() => notifier.stop());
    }

    // What is past its retention goes, but for what has to be kept.
    const holds = new Holds({ database, time });
    const deletions = new Deletions({ database });
    const storageLogger = logger.child({ room: 'storage' });
    const retention = new Retention({
      ...{ deletions, archive, time, logger: storageLogger },
      sweeper: new Sweeper({ database, partitions, deletions, time, logger: storageLogger }),
      readings: ageOf(config.retention.readings),
      originals: ageOf(config.retention.originals),
      kept: () => keptNow({ database, holds, period: recordPeriod(config), now: time.now() }),
    });
    if (parts.has('storage')) {
      retention.start();
      stops.push(() => retention.stop());
    }

    // The front doors: MQTT, then the page. Nothing comes in before everything behind is ready.
    const intake = new Intake({
      ...{ log, time, meter, logger: logger.child({ room: 'ingest' }) },
      onGatewayStatus: (gateway, status) => light.heard(gateway, status.state),
    });
    stops.push(() => intake.stop());
    const broker = new Broker({
      host: config.mqtt.host,
      port: config.mqtt.port,
      ...tls,
      authenticate: async (_clientId, username, password) => {
        return (await accounts.verifyCredential(username, password)) ? { kind: 'device', id: username } : null;
      },
      accept: intake.accept,
      ...{ time, meter, logger: logger.child({ room: 'broker' }) },
    });
    onProgress('preparing the page');
    const pageDir = await ensurePage({ logger });
    const web = new WebServer({
      ...{ host: config.http.host, port: config.http.port, pageDir, mode: { isDemo } },
      ...{ database, log, accounts, facts, time, meter, logger: logger.child({ room: 'dashboards' }) },
      readings: new Readings({ database }),
      originals: new Originals({ archive }),
      ...{ holds, deletions },
      alertBook: new AlertBook({ database, time, config: config.alerts }),
      traceQueries: new TraceQueries({ database }),
      serialExposures: new SerialExposures({ database, history }),
      tracerPassed: (position, timeoutMs) => {
        const late = new AbortController();
        const timer = time.after('tracer passed', timeoutMs, () => late.abort());
        // Too late, or stopping: it is in the log, but not worked in yet.
        const passed = tracer.passed({ 'trace/0': position }, late.signal).then(
          () => true,
          () => false,
        );
        return passed.finally(() => timer.cancel());
      },
      readiness: () => readiness({ isUp: () => access.isUp(), database, log, time }),
      version: manifest.version,
      metrics: { text: metricsText, contentType: metricsType },
      ...(parts.has('broker') && {
        onMqttUpgrade: (request, socket, head) => broker.handleUpgrade(request, socket, head),
      }),
    });
    const { port: httpPort } = await web.start();
    stops.push(() => web.stop());
    publicUrl = webUrl(config, httpPort);
    let mqttUrl: string | null = null;
    if (parts.has('broker')) {
      const ports = await broker.start();
      stops.push(() => broker.stop());
      mqttUrl = `mqtt://${urlHost(config.mqtt.host)}:${ports.mqtt}`;
      light.connect(broker);
      const ticker = new Ticker({ log, time, meter, logger });
      ticker.start();
      stops.push(() => ticker.stop());
    }

    return {
      httpUrl: `http://${urlHost(config.http.host)}:${httpPort}`,
      mqttUrl,
      accounts,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
