import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type Express } from 'express';
import type { Accounts } from '../../access/index.ts';
import type { AlertBook } from '../../alerts/index.ts';
import {
  type ConsumerLag,
  type Facts,
  type Log,
  type Logger,
  type Meter,
  type RuleVersion,
  type TimeSource,
  type Trouble,
  UnavailableError,
} from '../../domain/index.ts';
import {
  type Database,
  type Deletions,
  type Holds,
  PostgresHistory,
  PostgresHistoryScan,
  QuarantineStore,
  type Readings,
} from '../../storage/index.ts';
import type { SerialExposures, TraceQueries } from '../../trace/index.ts';
import { openApiDocument } from '../api/index.ts';
import { AlertViews } from './alert-views.ts';
import { BacktestDesk } from './backtest-desk.ts';
import { DeviceViews } from './device-views.ts';
import { Directory } from './directory.ts';
import { FactDesk } from './fact-desk.ts';
import { sameOrigin } from './identity.ts';
import { Live } from './live.ts';
import { type DashboardsMetrics, dashboardsMetrics } from './metrics.ts';
import { loadPage, pageHandler, securityHeaders } from './page.ts';
import { PortalViews } from './portal-views.ts';
import { notFound, problemHandler, Refusal } from './problems.ts';
import { keepBody } from './received.ts';
import { ReconciliationDesk } from './reconciliation-desk.ts';
import { apiRoutes } from './routes/all.ts';
import { epcisRoutes } from './routes/epcis.ts';
import { RuleDesk } from './rule-desk.ts';
import { SerialViews } from './serial-views.ts';
import type { Mode, OriginalSource, Services } from './services.ts';
import { ShipmentViews } from './shipment-views.ts';
import { SignInThrottle } from './throttle.ts';

/** Whether the process can do its work. */
export interface Readiness {
  readonly database: boolean;
  readonly lag: readonly ConsumerLag[];
  /** Records that a consumer could not take and that wait in `log_dead` for a person; null where nobody can say. */
  readonly dead: number | null;
  /** What fails and is tried again just now: a consumer, or `append`. */
  readonly troubles: readonly Trouble[];
}

export interface WebServerOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly database: Database;
  readonly log: Log;
  readonly facts: Facts;
  /** Rules that hold until the installation has a version of its own. */
  readonly rules?: readonly RuleVersion[];
  readonly accounts: Accounts;
  readonly alertBook: AlertBook;
  readonly traceQueries: TraceQueries;
  readonly serialExposures: SerialExposures;
  readonly readings: Readings;
  readonly originals: OriginalSource;
  readonly holds: Holds;
  readonly deletions: Deletions;
  readonly tracerPassed: (position: number, timeoutMs: number) => Promise<boolean>;
  readonly readiness: () => Promise<Readiness>;
  /** OpenMetrics. */
  readonly metrics: { readonly text: () => Promise<string>; readonly contentType: string };
  /** The broker's WebSocket, for upgrades on /mqtt. */
  readonly onMqttUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly mode: Mode;
  /** The built page (`ensurePage`); null serves the API alone. */
  readonly pageDir: string | null;
  /** For the OpenAPI document. */
  readonly version?: string;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** A shipment with tens of thousands of serials is some megabytes of ASN. */
const BODY_LIMIT = '16mb';
const HEADERS_TIMEOUT_MS = 20_000;
const CLOSE_WITHIN_MS = 3_000;

/** The API, the live sockets and the page on one port. */
export class WebServer {
  readonly #options: WebServerOptions;
  readonly #metrics: DashboardsMetrics;
  readonly #connections = new Set<NetSocket>();
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #httpServer: HttpServer | null = null;
  #live: Live | null = null;

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.#metrics = dashboardsMetrics(options.meter);
  }

  /** @throws {UnavailableError} PORT_TAKEN, LISTEN_FAILED */
  async start(): Promise<{ readonly port: number }> {
    const { host, port, logger, onMqttUpgrade } = this.#options;
    const httpServer = createServer({ headersTimeout: HEADERS_TIMEOUT_MS });
    const services = this.#assemble(httpServer);
    const app = await this.#application(services);
    httpServer.on('request', app);
    httpServer.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    this.#live = services.live;
    httpServer.on('upgrade', (request, socket, head) => {
      const path = (request.url ?? '').split('?')[0];
      if (path === '/mqtt' && onMqttUpgrade !== undefined) onMqttUpgrade(request, socket, head);
      else if (path !== '/socket.io/') socket.destroy();
    });
    try {
      await services.live.start();
      await listen(httpServer, host, port);
    } catch (error) {
      await services.live.stop();
      throw error;
    }
    this.#httpServer = httpServer;
    this.#state = 'running';
    const bound = (httpServer.address() as AddressInfo).port;
    logger.info({ host, port: bound }, 'web server listens');
    return { port: bound };
  }

  /** Answers what is under way, then closes every connection. */
  async stop(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'stopped';
    const httpServer = this.#httpServer;
    const { time } = this.#options;
    const closed = new Promise<void>((resolve) => {
      if (httpServer === null) resolve();
      else httpServer.close(() => resolve());
    });
    await this.#live?.stop();
    httpServer?.closeIdleConnections();
    const patience = time.after('web server close', CLOSE_WITHIN_MS, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await closed;
    patience.cancel();
  }

  #assemble(httpServer: HttpServer): Services {
    const { database, log, facts, rules = [], accounts, alertBook, readings, tracerPassed } = this.#options;
    const { deletions, holds, originals, traceQueries: trace, serialExposures: exposures } = this.#options;
    const { mode, time, logger, meter } = this.#options;
    const directory = new Directory({ facts, rules, time });
    const alertViews = new AlertViews({ alertBook, directory, trace });
    const shipmentViews = new ShipmentViews({ alertBook, directory, readings, trace, time });
    const portalViews = new PortalViews({ directory, trace, time });
    const live = new Live({
      httpServer,
      accounts,
      database,
      log,
      time,
      logger,
      metrics: this.#metrics,
      sources: {
        alert: async (id) => {
          const [view] = await alertViews.list([await alertBook.get(id)]);
          return view ?? null;
        },
        pass: (id) => portalViews.passOrNull(id),
        devicesOf: (shipment) => shipmentViews.devicesOf(shipment),
      },
    });
    const factDesk = new FactDesk({ log, directory, tracerPassed, time });
    const history = new PostgresHistory({ database });
    return {
      accounts,
      alertBook,
      alertViews,
      backtestDesk: new BacktestDesk({ directory, facts, time, scan: new PostgresHistoryScan({ database }) }),
      database,
      deletions,
      deviceViews: new DeviceViews({ alertBook, directory, readings, trace, time }),
      directory,
      factDesk,
      holds,
      live,
      log,
      logger,
      meter,
      mode,
      originals,
      portalViews,
      quarantine: new QuarantineStore({ database }),
      readings,
      reconciliationDesk: new ReconciliationDesk({ directory, factDesk, time, trace }),
      ruleDesk: new RuleDesk({ directory, factDesk, facts, history, time }),
      serialViews: new SerialViews({ alertBook, alertViews, directory, trace, exposures, time }),
      shipmentViews,
      time,
      trace,
    };
  }

  async #application(services: Services): Promise<Express> {
    const { logger, metrics, pageDir, readiness, time, version = '0.0.0' } = this.#options;
    const page = pageDir === null ? null : await loadPage(pageDir);
    const document = JSON.stringify(openApiDocument(version));
    const throttle = new SignInThrottle({ time });
    const app = express();
    app.disable('x-powered-by');
    app.set('query parser', 'simple');
    app.use(securityHeaders);

    app.get('/healthz', (_request, response) => {
      response.json({ ok: true });
    });
    app.get('/readyz', async (_request, response) => {
      const state = await readiness();
      response.status(state.database ? 200 : 503).json({ ready: state.database, ...state });
    });
    app.get('/metrics', async (_request, response) => {
      response.set('Content-Type', metrics.contentType).send(await metrics.text());
    });
    app.get('/openapi.json', (_request, response) => {
      response.type('json').send(document);
    });

    const api = express.Router();
    api.use((request, response, next) => {
      response.set('Cache-Control', 'no-store');
      const began = time.monotonic();
      response.once('finish', () => {
        const labels = { method: request.method, status: `${Math.floor(response.statusCode / 100)}xx` };
        this.#metrics.requests.observe((time.monotonic() - began) / 1000, labels);
      });
      next();
    });
    api.use(sameOrigin);
    api.use(express.json({ limit: BODY_LIMIT, verify: keepBody }));
    for (const routes of apiRoutes(services, throttle)) api.use(routes);
    api.use((request) => {
      throw notFound('RESOURCE_UNKNOWN', `there is no ${request.method} ${request.path}`);
    });
    app.use('/api/v1', api);
    app.use('/epcis/v2', epcisRoutes(services));
    // Places of machines: none of them is answered with the page.
    app.use(['/api', '/epcis'], (request) => {
      throw notFound('RESOURCE_UNKNOWN', `there is no ${request.method} ${request.originalUrl}`);
    });
    app.use(pageHandler(page));
    app.use((request) => {
      throw new Refusal(405, 'METHOD_NOT_ALLOWED', `${request.method} is not taken here`);
    });
    app.use(problemHandler(logger, () => this.#metrics.defects.add(1)));
    return app;
  }
}

async function listen(server: HttpServer, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new UnavailableError(
        'PORT_TAKEN',
        `port ${port} is taken on ${host}; http.port sets another`,
        { host, port, setting: 'http.port' },
        cause,
      );
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UnavailableError(
      'LISTEN_FAILED',
      `cannot listen on ${host}:${port} (http.host, http.port): ${reason}`,
      { host, port },
      cause,
    );
  }
}
