import { OpenIdProvider } from '../../access/index.ts';
import {
  AcknowledgeLinks,
  AcknowledgePins,
  type AlertRouting,
  AlertService,
  MentionNotices,
  VerdictEnds,
} from '../../alerts/index.ts';
import type { Broker } from '../../broker/index.ts';
import {
  ensurePage,
  type PracticeMode,
  type PracticeSource,
  type Services,
  WebServer,
  webServices,
} from '../../dashboards/index.ts';
import { BY_PLATFORM, type Consumer } from '../../domain/index.ts';
import { adoptedRecords, explainAny, type LoggerFileIntake } from '../../ingest/index.ts';
import manifest from '../../package.json' with { type: 'json' };
import { LoggerFileStore, PostgresHistoryScan, QuarantineStore, Readings, RefusalStore } from '../../storage/index.ts';
import { SerialExposures, TraceQueries } from '../../trace/index.ts';
import { isLoopback } from '../addresses.ts';
import { caseTargetsOf, openIdSettingsOf, webhookSecretsOf } from '../config/index.ts';
import type { DoorCertificate } from '../door-certificate.ts';
import { ledgerKeys } from '../ledger-key.ts';
import type { Metering } from '../metering.ts';
import { Originals } from '../originals.ts';
import { readiness } from '../readiness.ts';
import { passedWithin } from './consumers.ts';
import { credentialRulesOf } from './credential-rules.ts';
import { diskOf } from './disk.ts';
import type { Intaking } from './intaking.ts';
import { witnessOf } from './ledger-witnesses.ts';
import type { MqttUrls } from './mqtt-door.ts';
import { PartnerDrop } from './partner-drop.ts';
import type { Keeping } from './retention.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';
import { SystemDrop } from './system-drop.ts';

export interface WebDoorOptions {
  readonly storage: Storage;
  readonly intaking: Intaking;
  readonly routing: AlertRouting;
  readonly keeping: Keeping;
  readonly tracer: Consumer;
  readonly loggerFiles: LoggerFileIntake;
  readonly metering: Metering;
  readonly isDemo: boolean;
  /** This is a practice site. */
  readonly practiceMode?: PracticeMode;
  /** One can be started beside this installation. */
  readonly practice: PracticeSource | null;
  /** For HTTPS. */
  readonly tls: DoorCertificate | null;
  /** For MQTT over WebSocket; null where the broker is in another process. */
  readonly broker: Broker | null;
  /** Where MQTT is reached, once it is open. */
  readonly mqttUrls: () => MqttUrls | null;
  /** Of all doors of this process that have one. */
  readonly certificates: readonly DoorCertificate[];
}

/** The page, the API and the live sockets. @returns the port they listen on */
export async function openWebDoor(surroundings: Surroundings, options: WebDoorOptions): Promise<number> {
  const { config, lifetime, time, onProgress } = surroundings;
  const { storage, routing, intaking, keeping, tracer, loggerFiles, metering, isDemo, broker, tls } = options;
  const { access, accounts, archive, audit, channels, database, facts, history, key, log, reads } = storage;
  const given = tools(surroundings, 'dashboards');
  onProgress('preparing the page');
  const pageDir = await ensurePage({ logger: surroundings.logger });
  const { troubles } = surroundings;
  const ready = () => readiness({ isUp: () => access.isUp(), database, log, time, troubles });
  const services = webServices({
    ...given,
    ...keeping,
    ...{ accounts, audit, channels, database, facts, history, key, log, reads },
    // A backtest reads years of readings.
    scan: new PostgresHistoryScan({ database: reads }),
    outgoing: surroundings.outgoing,
    verificationResolver: config.verification.resolver,
    credentials: credentialRulesOf(config),
    mode: {
      isPharmacy: config.setup.for === 'pharmacy',
      ...{ isDemo, isReachable: !isLoopback(config.http.host), publicUrl: config.http.url },
      ...(options.practiceMode !== undefined && { practice: options.practiceMode }),
      mqttPorts: () => {
        const urls = options.mqttUrls();
        // In another process it is where the configuration says.
        const { port, tls } = config.mqtt;
        if (urls === null) return { mqtt: port, tls: tls.cert === null ? null : tls.port };
        return { mqtt: portOf(urls.plain), tls: urls.tls === null ? null : portOf(urls.tls) };
      },
    },
    health: {
      readiness: ready,
      disk: () => diskOf(config),
      certificates: () => options.certificates.map(({ shown }) => shown),
      gateways: () => intaking.gateways.list(),
    },
    acknowledging: new AcknowledgeLinks(key),
    acknowledgePins: new AcknowledgePins({ database, key, time }),
    alertRouting: routing,
    routingInForce: storage.routing,
    alertEnds: new VerdictEnds({ audit, routing }),
    alertService: new AlertService({ audit, database, time, routing }),
    exposures: new SerialExposures({ database, history }),
    openId: openIdOf(surroundings, storage),
    placeLeaves: storage.placeLeaves,
    personalSettings: storage.personalSettings,
    practice: options.practice,
    pushSubscriptions: storage.pushSubscriptions,
    signingKey: async () => (await ledgerKeys(config)).signing,
    witness: witnessOf(surroundings, storage),
    caseTargets: caseTargetsOf(config),
    caseMentions: new MentionNotices({ routing }),
    loggerFiles,
    loggerFileStore: new LoggerFileStore({ database }),
    originals: new Originals({ archive }),
    adopt: adoptedRecords,
    takeIn: intaking.intake.taken,
    mappings: intaking.mapper.ids,
    explain: (asked) => explainAny(asked, { mapper: intaking.mapper, time }),
    webhookSecrets: webhookSecretsOf(config),
    quarantine: new QuarantineStore({ database }),
    refusals: new RefusalStore({ database }),
    readings: new Readings({ database: reads }),
    trace: new TraceQueries({ database }),
    tracerPassed: passedWithin(time, tracer),
  });
  const web = new WebServer({
    ...given,
    ...{ host: config.http.host, port: config.http.port, pageDir, services, version: manifest.version },
    readiness: ready,
    metrics: metering,
    tls: tls === null ? null : { ...tls.present, onChange: (take) => tls.onChange(take) },
    ...{ trustProxy: config.http.trustProxy, monitorToken: config.http.monitorToken },
    areAssistantsOpen: config.assistants.enabled,
    ...{ maxConnections: config.http.maxConnections },
    maxConnectionsPerAddress: config.http.maxConnectionsPerAddress,
    ...(broker !== null && {
      onMqttUpgrade: (request, socket, head) => broker.handleUpgrade(request, socket, head),
    }),
  });
  const { port } = await web.start();
  await watchPartners(surroundings, services);
  await watchSystems(surroundings, services);
  lifetime.started(() => web.stop());
  return port;
}

/** What partners bring by SFTP: the server of the machine puts it into a folder. */
async function watchPartners(surroundings: Surroundings, { partnerIntake, partners }: Services): Promise<void> {
  const { config, lifetime, time } = surroundings;
  const { folder } = config.partners;
  if (folder === null) return;
  const { logger } = tools(surroundings, 'app');
  const drop = new PartnerDrop({
    ...{ folder, time, logger, owners: () => partners.list() },
    take: (partner, file) => partnerIntake.take(partner, file, BY_PLATFORM),
  });
  await drop.start();
  lifetime.started(() => drop.stop());
}

/** What ERP and WMS put into their folders. */
async function watchSystems(surroundings: Surroundings, { systemIntake, systems }: Services): Promise<void> {
  const { config, lifetime, time } = surroundings;
  const { folder } = config.systems;
  if (folder === null) return;
  const { logger } = tools(surroundings, 'app');
  const drop = new SystemDrop({
    ...{ folder, time, logger, owners: () => systems.list() },
    take: (system, file) => systemIntake.take(system, file, BY_PLATFORM),
  });
  await drop.start();
  lifetime.started(() => drop.stop());
}

/** The provider that vouches for people; null where none is configured. */
function openIdOf(surroundings: Surroundings, { key }: Storage): OpenIdProvider | null {
  const settings = openIdSettingsOf(surroundings.config);
  return settings === null ? null : new OpenIdProvider({ ...tools(surroundings, 'access'), settings, key });
}

/** Of an address without one, that of MQTT. */
function portOf(url: string): number {
  const { port } = new URL(url);
  return port === '' ? 1_883 : Number(port);
}
