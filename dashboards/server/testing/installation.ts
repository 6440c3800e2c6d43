// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { lookup } from 'node:dns';
import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { Accounts, DEMO_PASSWORD_RULES, OpenIdProvider, type OpenIdSettings } from '../../../access/index.ts';
import {
  AcknowledgeLinks,
  AcknowledgePins,
  AlertRouting,
  AlertService,
  AlertWorker,
  BrowserPush,
  Channels,
  MentionNotices,
  PersonalSettingsBook,
  PushSubscriptions,
  RecipientBook,
  RoutingInForce,
  type RoutingPlan,
  VerdictEnds,
} from '../../../alerts/index.ts';
import { TEST_CERT, TEST_KEY } from '../../../broker/testing/certificate.ts';
import {
  encodeReadings,
  type Fact,
  type Finding,
  type FindingEvent,
  type Metric,
  metricByName,
  Outgoing,
  READINGS_VERSION,
  ReadingBuilder,
  ROLES,
  type Role,
  type RuleVersion,
  silentLogger,
  silentMeter,
  systemTime,
  Troubles,
  tracePosition,
} from '../../../domain/index.ts';
import { adoptedRecords, explainAny, Intake, LoggerFileIntake, Mapper, Writer } from '../../../ingest/index.ts';
import type { CredentialRules } from '../../../partners/index.ts';
import { type EvidenceWatch, ExcursionCases } from '../../../quality/index.ts';
import { compileAppliesTo } from '../../../rules/index.ts';
import {
  type Database,
  Deletions,
  effectsOf,
  Holds,
  InstallationKey,
  LedgerSequencer,
  LoggerFileStore,
  PostgresAuditTrail,
  PostgresDeviceFacts,
  PostgresFacts,
  PostgresFindings,
  PostgresHistory,
  PostgresHistoryScan,
  PostgresLog,
  QuarantineStore,
  ReadingStore,
  Readings,
  RefusalStore,
  SigningKey,
} from '../../../storage/index.ts';
import { testDatabase } from '../../../storage/testing/database.ts';
import { SerialExposures, TraceExposure, TraceQueries, Tracer } from '../../../trace/index.ts';
import { OPERATIONS } from '../../api/index.ts';
import { caseKeeping } from '../case-keeping.ts';
import type { DecisionActs } from '../decision-acts.ts';
import { Directory } from '../directory.ts';
import { FactCommands } from '../fact-commands.ts';
import type { GatewayHeard } from '../health-source.ts';
import type { PracticeSource } from '../practice.ts';
import { webServices } from '../services.ts';
import { WebServer, type WebServerOptions } from '../web-server.ts';

export const TOO_WARM: RuleVersion = {
  rule: {
    id: 'too-warm',
    kind: 'threshold',
    metric: 'temperature',
    above: 8,
    clearAbove: 7.5,
    forMs: 600_000,
    gap: 'unknown',
    keepFiringForMs: 0,
    severity: 'critical',
  },
  version: 1,
  effectiveFrom: null,
};

/** What went wrong behind an answer belongs into the test's output. */
const loud = { ...silentLogger, error: (fields: object, message: string) => console.error(message, fields) };

/** A whole installation behind a real web server on a free port: what a browser and a partner system talk to. */
export class Installation {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly log: PostgresLog;
  readonly url: string;
  /** What signs its ledger, once somebody asks for a report. */
  readonly ledgerKey: SigningKey;
  /** Compares decided cases with what is known now, as the clock does. */
  readonly evidenceWatch: EvidenceWatch;
  /** Tells the log of what was signed, as the clock does beside who has signed. */
  readonly decisionActs: DecisionActs;
  readonly #stops: (() => Promise<void>)[];
  readonly #findings: PostgresFindings;
  readonly #facts: FactCommands;
  readonly #tokens = new Map<Role, string>();
  #sockets: Socket[] = [];

  private constructor(parts: {
    database: Database;
    accounts: Accounts;
    log: PostgresLog;
    findings: PostgresFindings;
    facts: FactCommands;
    url: string;
    ledgerKey: SigningKey;
    evidenceWatch: EvidenceWatch;
    decisionActs: DecisionActs;
    stops: (() => Promise<void>)[];
  }) {
    this.database = parts.database;
    this.accounts = parts.accounts;
    this.log = parts.log;
    this.url = parts.url;
    this.ledgerKey = parts.ledgerKey;
    this.evidenceWatch = parts.evidenceWatch;
    this.decisionActs = parts.decisionActs;
    this.#findings = parts.findings;
    this.#facts = parts.facts;
    this.#stops = parts.stops;
  }

  static async start(
    options: {
      port?: number;
      isDemo?: boolean;
      pageDir?: string | null;
      isTracing?: boolean;
      maxConnectionsPerAddress?: number;
      isSecure?: boolean;
      routing?: RoutingPlan;
      openId?: OpenIdSettings;
      /** Without a user yet; other machines reach it. */
      isFresh?: boolean;
      /** What links of messages are sealed with; default: a random one. */
      key?: InstallationKey;
      /** By dialect. */
      webhookSecrets?: ReadonlyMap<string, string>;
      isReachable?: boolean;
      isPharmacy?: boolean;
      /** A practice site beside it. */
      practice?: PracticeSource;
      /** What gateways said of themselves. */
      gateways?: readonly GatewayHeard[];
      /** A GS1 Digital Link resolver. */
      verificationResolver?: string;
      /** What is asked of who asks to verify. */
      credentials?: CredentialRules;
      /** How long a test of a reader watches it, ms. */
      readerWatchMs?: number;
    } & Pick<WebServerOptions, 'areAssistantsOpen' | 'trustProxy' | 'monitorToken'> = {},
  ): Promise<Installation> {
    const database = await testDatabase({ maxConnections: 12 });
    const common = { time: systemTime, logger: loud, meter: silentMeter };
    const stops: (() => Promise<void>)[] = [];
    const accounts = new Accounts({
      ...{ database, time: systemTime, ...(options.isFresh !== true && { passwordRules: DEMO_PASSWORD_RULES }) },
      key: InstallationKey.random(),
      passwordCost: { memoryKib: 8, passes: 1, lanes: 1 },
    });
    await accounts.start();
    stops.push(() => accounts.stop());
    for (const role of options.isFresh === true ? [] : ROLES)
      await accounts.users.create({ name: role, role, password: 'demo' });
    const log = new PostgresLog({ database, ...common });
    await log.start();
    stops.push(() => log.stop());
    const facts = new PostgresFacts({ database });
    const findings = new PostgresFindings({ database });
    const history = new PostgresHistory({ database });
    const writer = log.consumer({
      name: 'writer',
      families: ['readings'],
      isMandatory: true,
      handler: new Writer({
        readings: new ReadingStore({ database }),
        quarantine: new QuarantineStore({ database }),
        refusals: new RefusalStore({ database }),
        meter: silentMeter,
      }),
    });
    const tracer = log.consumer({
      name: 'tracer',
      families: ['trace'],
      isMandatory: true,
      handler: new Tracer({
        database,
        facts,
        findings,
        logger: silentLogger,
        meter: silentMeter,
        compileApplies: compileAppliesTo,
      }),
    });
    await writer.start();
    stops.push(() => writer.stop());
    if (options.isTracing !== false) {
      await tracer.start();
      stops.push(() => tracer.stop());
    }
    const exposure = new TraceExposure({ database, history });
    const routingInForce = new RoutingInForce({
      ...{ database, time: systemTime, logger: silentLogger, troubles: new Troubles() },
      ...{ alerts: { channels: [], route: null }, file: null },
    });
    await routingInForce.start();
    stops.push(() => routingInForce.stop());
    const routing = new AlertRouting({ plan: () => options.routing ?? routingInForce.plan });
    const audit = new PostgresAuditTrail({ database });
    const key = options.key ?? InstallationKey.random();
    // What the tests listen on is this machine.
    const outgoing = new Outgoing({ allow: ['127.0.0.1'], lookup });
    const pushSubscriptions = new PushSubscriptions({ audit, database, key, outgoing, time: systemTime });
    const alertWorker = new AlertWorker({
      ...{ audit, database, exposure, history, routing, ...common },
      cases: new ExcursionCases({ targetMs: 86_400_000 }, new VerdictEnds({ audit, routing })),
    });
    await alertWorker.start();
    stops.push(() => alertWorker.stop());
    const tracerPassed = async (position: number, timeoutMs: number) => {
      if (options.isTracing === false) return false;
      return tracer.passed(tracePosition(position), AbortSignal.timeout(timeoutMs)).then(
        () => true,
        () => false,
      );
    };
    const mapper = new Mapper({ mappings: [], time: systemTime });
    stops.push(() => mapper.stop());
    const intake = new Intake({ log, speaksFor: accounts.spokenFor, ...common });
    stops.push(() => intake.stop());
    const ledgerKey = SigningKey.random((id) => `isotherm-${id.slice(0, 16)}/ledger`);
    const sequencer = new LedgerSequencer({ database, ...common, key: async () => ledgerKey });
    const recipients = new RecipientBook({
      ...{ database, plan: () => options.routing ?? routingInForce.plan, zone: async () => 'UTC' },
    });
    const channels = new Channels({
      ...{ audit, database, key, outgoing, time: systemTime, configured: { channels: [], route: null } },
      push: new BrowserPush({ subscriptions: pushSubscriptions, outgoing, time: systemTime }),
      recipients: recipients.of,
    });
    const services = webServices({
      placeLeaves: () => sequencer.placeAll(),
      signingKey: async () => ledgerKey,
      ...{ accounts, database, facts, history, key, log, outgoing, tracerPassed, ...common },
      ...{ alertRouting: routing, routingInForce },
      alertEnds: new VerdictEnds({ audit, routing }),
      alertService: new AlertService({ audit, database, time: systemTime, routing }),
      acknowledging: new AcknowledgeLinks(key),
      acknowledgePins: new AcknowledgePins({ database, key, time: systemTime }),
      audit,
      caseMentions: new MentionNotices({ routing }),
      channels,
      personalSettings: new PersonalSettingsBook({
        ...{ audit, database, key, time: systemTime },
        sendCode: (code) => channels.sendCode(code),
      }),
      deletions: new Deletions({ database }),
      exposures: new SerialExposures({ database, history }),
      holds: new Holds({ audit, database, time: systemTime }),
      retention: {
        view: async () => ({
          ...{ readings: '400d', originals: null, files: null, log: '7d', records: '1827d', afterExpiry: '366d' },
          ofMarket: null,
          kept: {
            onHold: { shipments: 1, devices: 0 },
            underAlert: { shipments: 1, devices: 1 },
            inRecordPeriod: 2,
          },
        }),
      },
      loggerFiles: new LoggerFileIntake({
        ...{ audit, database, log, time: systemTime },
        devices: new PostgresDeviceFacts({ client: database.pool }),
        files: new LoggerFileStore({ database }),
        known: async (position) => {
          await tracerPassed(position, 10_000);
        },
        written: async (positions) => writer.passed(positions, AbortSignal.timeout(10_000)),
      }),
      loggerFileStore: new LoggerFileStore({ database }),
      health: {
        readiness: async () => ({
          ready: true,
          database: true,
          lag: await log.lag(),
          dead: 0,
          troubles: log.troubles(),
        }),
        disk: async () => ({ free: 1e9, total: 4e9 }),
        certificates: () => [],
        gateways: () => options.gateways ?? [],
      },
      openId:
        options.openId === undefined
          ? null
          : new OpenIdProvider({ ...common, settings: options.openId, key: InstallationKey.random() }),
      mode: {
        isDemo: options.isDemo ?? false,
        isReachable: options.isReachable ?? false,
        isPharmacy: options.isPharmacy ?? false,
      },
      pushSubscriptions,
      practice: options.practice ?? null,
      originals: { of: async function* () {}, ofReading: async function* () {} },
      adopt: adoptedRecords,
      takeIn: intake.taken,
      mappings: [],
      explain: (asked) => explainAny(asked, { mapper, time: systemTime }),
      webhookSecrets: options.webhookSecrets ?? new Map(),
      quarantine: new QuarantineStore({ database }),
      refusals: new RefusalStore({ database }),
      readings: new Readings({ database }),
      shipmentsFreshMs: 0,
      verificationResolver: options.verificationResolver ?? null,
      ...(options.credentials !== undefined && { credentials: options.credentials }),
      ...(options.readerWatchMs !== undefined && { readerWatchMs: options.readerWatchMs }),
      scan: new PostgresHistoryScan({ database }),
      trace: new TraceQueries({ database }),
    });
    const web = new WebServer({
      host: '127.0.0.1',
      port: options.port ?? 0,
      services,
      isAnswerChecked: true,
      tls: options.isSecure === true ? { cert: Buffer.from(TEST_CERT), key: Buffer.from(TEST_KEY) } : null,
      maxConnectionsPerAddress: options.maxConnectionsPerAddress ?? 500,
      readiness: async () => ({ ready: true, database: true, lag: await log.lag(), dead: 0, troubles: log.troubles() }),
      metrics: { text: async () => '# EOF\n', contentType: 'application/openmetrics-text' },
      pageDir: options.pageDir ?? null,
      areAssistantsOpen: options.areAssistantsOpen ?? false,
      trustProxy: options.trustProxy ?? [],
      monitorToken: options.monitorToken ?? null,
      ...common,
    });
    const { port } = await web.start().catch(async (error: unknown) => {
      for (const stop of stops.reverse()) await stop();
      throw error;
    });
    stops.push(() => web.stop());
    const directory = new Directory({ facts, time: systemTime });
    const factCommands = new FactCommands({ database, log, directory, tracerPassed, time: systemTime });
    const keeping = { ...common, audit, database, facts, history, log, tracerPassed };
    const { evidenceWatch, decisionActs } = caseKeeping(keeping);
    return new Installation({
      ledgerKey,
      database,
      accounts,
      log,
      findings,
      facts: factCommands,
      ...{ evidenceWatch, decisionActs },
      stops,
      url: `${options.isSecure === true ? 'https' : 'http'}://127.0.0.1:${port}`,
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  async token(role: Role): Promise<string> {
    const known = this.#tokens.get(role);
    if (known !== undefined) return known;
    const token = await this.accounts.tokens.create({ name: `test-${role}`, role });
    this.#tokens.set(role, token);
    return token;
  }

  /** A request under /api/v1 as somebody of a role. */
  async ask(
    role: Role | null,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; body: unknown; headers: Headers }> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...headers,
        ...(role === null ? {} : { authorization: `Bearer ${await this.token(role)}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    checkAnswer(method, path, response.status, text);
    return {
      status: response.status,
      body: text === '' ? null : (JSON.parse(text) as unknown),
      headers: response.headers,
    };
  }

  /** Events (EPCIS 2.0) as a partner's repository posts them. @returns the status of the answer */
  async capture(...eventList: readonly object[]): Promise<number> {
    const head = {
      '@context': ['https://ref.gs1.org/standards/epcis/epcis-context.jsonld'],
      ...{ type: 'EPCISDocument', schemaVersion: '2.0', creationDate: new Date(systemTime.now()).toISOString() },
    };
    const { status } = await fetch(`${this.url}/epcis/v2/capture`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await this.token('logistics')}`, 'content-type': 'application/ld+json' },
      body: JSON.stringify({ ...head, epcisBody: { eventList } }),
    });
    return status;
  }

  /** A browser's socket, connected, watching these rooms. */
  async watch(role: Role, ...rooms: string[]): Promise<Socket> {
    return this.watchWith(await this.token(role), ...rooms);
  }

  /** The same with a token of one's own. */
  async watchWith(token: string, ...rooms: string[]): Promise<Socket> {
    const socket = io(`${this.url}/live`, {
      auth: { token },
      transports: ['websocket'],
      forceNew: true,
    });
    this.#sockets = [...this.#sockets, socket];
    await once(socket as unknown as NodeJS.EventEmitter, 'connect');
    for (const room of rooms) await socket.emitWithAck('subscribe', { room });
    return socket;
  }

  async tell(...facts: Fact[]): Promise<void> {
    await this.#facts.record(facts, null);
  }

  /** Readings of a device, `[epoch ms, value]`, temperatures unless said otherwise, through the log into the tables. */
  async measure(
    device: string,
    readings: readonly (readonly [number, number])[],
    metric: Metric = 'temperature',
  ): Promise<void> {
    const builder = new ReadingBuilder();
    const code = metricByName(metric)?.code ?? 0;
    for (const [time, value] of readings) builder.add(device, code, time, value);
    await this.log.append([
      {
        family: 'readings',
        kind: 'readings',
        version: READINGS_VERSION,
        source: 'test',
        sequence: null,
        arrival: systemTime.now(),
        payload: encodeReadings(builder.view()),
      },
    ]);
    await this.written();
  }

  async find(finding: Finding, event: FindingEvent = 'opened', reason?: string): Promise<void> {
    await this.database.transaction(async (client) => {
      await this.#findings.apply(effectsOf(client), [{ event, finding, ...(reason !== undefined && { reason }) }]);
    });
  }

  /** The first finding of a key. */
  async findingOf(key: string): Promise<Finding> {
    const found = (await this.#findings.present(['threshold'])).find((one) => one.key === key);
    if (found === undefined) throw new Error(`there is no finding of ${key}`);
    return found;
  }

  /** Waits until what is in the log is in the tables. */
  async written(): Promise<void> {
    const heads = await this.log.heads();
    const isWritten = async () => {
      const checkpoints = await this.log.checkpoints('writer');
      return Object.entries(heads).every(
        ([key, head]) => !key.startsWith('readings') || (checkpoints[key] ?? 0) >= head,
      );
    };
    while (!(await isWritten())) await systemTime.sleep('writer', 10);
  }
}

/** Holds every answer of every test to the contract it was promised under. */
function checkAnswer(method: string, path: string, status: number, text: string): void {
  const [plain = ''] = path.split('?');
  const operation = OPERATIONS.find(
    (one) => one.method === method.toLowerCase() && new RegExp(`^${one.path.replace(/:\w+/g, '[^/]+')}$`).test(plain),
  );
  if (operation === undefined || status >= 300) return;
  const schema = operation.answers[status];
  if (schema === undefined) throw new Error(`${method} ${path} answers ${status}, which the contract does not know`);
  if (schema !== null) schema.parse(JSON.parse(text));
}
