import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type Express } from 'express';
import {
  type ConsumerLag,
  type Logger,
  type Meter,
  type TimeSource,
  type Trouble,
  UnavailableError,
} from '../../domain/index.ts';
import { formatTime, openApiDocument } from '../api/index.ts';
import { BodyBudget } from './body.ts';
import { type DashboardsMetrics, dashboardsMetrics } from './metrics.ts';
import { Monitoring } from './monitoring.ts';
import { routerOf } from './mount.ts';
import { loadPage, pageHandler, securityHeaders } from './page.ts';
import { notFound, problemHandler, Refusal } from './problems.ts';
import { apiRoutes } from './routes/all.ts';
import { epcisProtocol, epcisRoutes } from './routes/epcis.ts';
import type { Services } from './services.ts';
import { readableAddress } from './text-door.ts';

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
  readonly services: Services;
  readonly readiness: () => Promise<Readiness>;
  /** OpenMetrics. */
  readonly metrics: { readonly text: () => Promise<string>; readonly contentType: string };
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  readonly trustProxy?: readonly string[];
  /** What is for those who run the installation needs it, or a sign-in; null = open. */
  readonly monitorToken?: string | null;
  /** The broker's WebSocket, for upgrades on /mqtt. */
  readonly onMqttUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** The built page (`ensurePage`); null serves the API alone. */
  readonly pageDir: string | null;
  /** For the OpenAPI document. */
  readonly version?: string;
  /** In tests: every answer is held to its schema. */
  readonly isAnswerChecked?: boolean;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Bytes of all bodies at once: some documents of the greatest size, and whatever else comes meanwhile. */
const BODIES_MOST = 128 * 1024 * 1024;
const HEADERS_TIMEOUT_MS = 20_000;
const CLOSE_WITHIN_MS = 3_000;

/** The API, the live sockets and the page on one port. */
export class WebServer {
  readonly #options: WebServerOptions;
  readonly #metrics: DashboardsMetrics;
  readonly #connections = new Set<NetSocket>();
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #httpServer: HttpServer | null = null;

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.#metrics = dashboardsMetrics(options.meter);
  }

  /** @throws {UnavailableError} PORT_TAKEN, LISTEN_FAILED */
  async start(): Promise<{ readonly port: number }> {
    const { host, port, logger, onMqttUpgrade } = this.#options;
    const httpServer = createServer({ headersTimeout: HEADERS_TIMEOUT_MS });
    const { live } = this.#options.services;
    const app = await this.#application();
    httpServer.on('request', app);
    // The body is asked for once it is known who sends it.
    httpServer.on('checkContinue', app);
    httpServer.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
    });
    httpServer.on('upgrade', (request, socket, head) => {
      const path = (request.url ?? '').split('?')[0];
      if (path === '/mqtt' && onMqttUpgrade !== undefined) onMqttUpgrade(request, socket, head);
      else if (path !== '/socket.io/') socket.destroy();
    });
    try {
      await live.start(httpServer);
      await listen(httpServer, host, port);
    } catch (error) {
      await live.stop();
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
    const { services, time } = this.#options;
    const closed = new Promise<void>((resolve) => {
      if (httpServer === null) resolve();
      else httpServer.close(() => resolve());
    });
    await services.live.stop();
    httpServer?.closeIdleConnections();
    const patience = time.after('web server close', CLOSE_WITHIN_MS, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await closed;
    patience.cancel();
  }

  async #application(): Promise<Express> {
    const {
      logger,
      metrics,
      pageDir,
      readiness,
      services,
      time,
      version = '0.0.0',
      trustProxy = [],
      monitorToken = null,
      isAnswerChecked = false,
    } = this.#options;
    const page = pageDir === null ? null : await loadPage(pageDir);
    const document = JSON.stringify(openApiDocument(version));
    const serving = { accounts: services.accounts, budget: new BodyBudget(BODIES_MOST), isAnswerChecked };
    const monitoring = new Monitoring(services.accounts, monitorToken);
    const app = express();
    app.disable('x-powered-by');
    app.set('query parser', 'simple');
    app.set('trust proxy', [...trustProxy]);
    app.use(securityHeaders);
    app.use(readableAddress);

    app.get('/healthz', (_request, response) => {
      response.json({ ok: true });
    });
    app.get('/readyz', async (request, response) => {
      const state = await readiness();
      const troubles = state.troubles.map(({ since, ...trouble }) => ({ ...trouble, since: formatTime(since) }));
      const details = (await monitoring.mayAsk(request)) ? { ...state, troubles } : {};
      response.status(state.database ? 200 : 503).json({ ready: state.database, ...details });
    });
    app.get('/metrics', monitoring.required, async (_request, response) => {
      response.set('Content-Type', metrics.contentType).send(await metrics.text());
    });
    app.get('/openapi.json', monitoring.required, (_request, response) => {
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
    api.use(routerOf(apiRoutes(services), serving));
    api.use((request) => {
      throw notFound('RESOURCE_UNKNOWN', `there is no ${request.method} ${request.path}`);
    });
    app.use('/api/v1', api);
    app.use('/epcis/v2', epcisProtocol, routerOf(epcisRoutes(services), serving));
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
