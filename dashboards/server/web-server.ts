import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type Express } from 'express';
import { type Logger, type Meter, type Sites, type TimeSource, UnavailableError } from '../../domain/index.ts';
import { formatTime, openApiDocument } from '../api/index.ts';
import { acknowledgePage } from './acknowledge-page.ts';
import { AssistantDesk } from './assistant/assistant-desk.ts';
import { McpDoor } from './assistant/mcp-door.ts';
import { BodyBudget } from './body.ts';
import { Connections } from './connections.ts';
import { placesOf } from './directory.ts';
import { EpcisSockets } from './epcis-sockets.ts';
import { helpDoor } from './help/help-door.ts';
import { insideOf } from './inside.ts';
import { type DashboardsMetrics, dashboardsMetrics } from './metrics.ts';
import { Monitoring } from './monitoring.ts';
import { routerOf } from './mount.ts';
import { loadPage, pageHandler, securityHeaders } from './page.ts';
import { PRACTICE_MARK } from './practice.ts';
import { notFound, problemHandler, Refusal } from './problems.ts';
import type { Readiness } from './readiness.ts';
import { apiRoutes } from './routes/all.ts';
import { assistantRoutes, mcpRoutes } from './routes/assistants.ts';
import { epcisRoutes } from './routes/epcis.ts';
import { epcisOptions, epcisProblemType, epcisProtocol } from './routes/epcis-protocol.ts';
import { xmlQueryRoutes } from './routes/epcis-xml-queries.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { writeRoutes } from './routes/reception.ts';
import type { Services } from './services.ts';
import { readableAddress } from './text-door.ts';
import { unreadBody } from './unread-body.ts';
import { verificationDoor } from './verification-door.ts';

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
  /** Assistants are answered (docs/assistants.md). */
  readonly areAssistantsOpen?: boolean;
  /** The built page (`ensurePage`); null serves the API alone. */
  readonly pageDir: string | null;
  /** For the OpenAPI document. */
  readonly version?: string;
  /** In tests: every answer is held to its schema. */
  readonly isAnswerChecked?: boolean;
  /** Certificate and key, PEM: the port then speaks HTTPS, and nothing else. */
  readonly tls?: WebTls | null;
  readonly maxConnections?: number;
  readonly maxConnectionsPerAddress?: number;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
}

export interface WebTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Hands on what comes in their place while the server runs. */
  readonly onChange?: (take: (pair: { readonly cert: Buffer; readonly key: Buffer }) => void) => void;
}

/** Bytes of all bodies at once: some documents of the greatest size, and whatever else comes meanwhile. */
const BODIES_MOST = 128 * 1024 * 1024;
/** A request's head comes at once; a document over a slow line may take minutes. */
const TIMEOUTS = { headersTimeout: 20_000, requestTimeout: 300_000, connectionsCheckingInterval: 5_000 };
const CLOSE_WITHIN_MS = 3_000;

/** The API, the live sockets and the page on one port. */
export class WebServer {
  readonly #options: WebServerOptions;
  readonly #metrics: DashboardsMetrics;
  #connections: Connections | null = null;
  #epcisSockets: EpcisSockets | null = null;
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #httpServer: HttpServer | HttpsServer | null = null;

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.#metrics = dashboardsMetrics(options.meter);
  }

  /** @throws {UnavailableError} PORT_TAKEN, LISTEN_FAILED */
  async start(): Promise<{ readonly port: number }> {
    const { host, port, logger, onMqttUpgrade } = this.#options;
    const { tls = null } = this.#options;
    const httpServer = tls === null ? createServer(TIMEOUTS) : secureServer(tls);
    const { services } = this.#options;
    const { live, neighbours } = services;
    const { accounts, epcisNamedQueries: named, epcisQueries: queries } = services;
    const epcisSockets = new EpcisSockets({ accounts, named, queries, time: this.#options.time, logger });
    this.#epcisSockets = epcisSockets;
    const app = await this.#application();
    const connections = this.#limited(app);
    httpServer.on('request', app);
    // The body is asked for once it is known who sends it.
    httpServer.on('checkContinue', app);
    this.#connections = connections;
    httpServer.on('connection', (socket: NetSocket) => connections.admit(socket));
    httpServer.on('upgrade', (request, socket, head) => {
      const path = (request.url ?? '').split('?')[0];
      if (path === '/mqtt' && onMqttUpgrade !== undefined) {
        services.setUpGate.isClosed().then(
          (isClosed) => (isClosed ? socket.destroy() : onMqttUpgrade(request, socket, head)),
          () => socket.destroy(),
        );
      } else if (epcisSockets.takes(request)) epcisSockets.upgrade(request, socket, head);
      else if (path !== '/socket.io/') socket.destroy();
    });
    try {
      await neighbours.start();
      await live.start(httpServer);
      await listen(httpServer, host, port);
    } catch (error) {
      await live.stop();
      await neighbours.stop();
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
    await services.neighbours.stop();
    await this.#epcisSockets?.stop();
    httpServer?.closeIdleConnections();
    const patience = time.after('web server close', CLOSE_WITHIN_MS, () => {
      this.#connections?.destroyAll();
    });
    await closed;
    patience.cancel();
  }

  #limited(app: Express): Connections {
    const { maxConnections = 2_000, maxConnectionsPerAddress = 500 } = this.#options;
    // What Express makes of `trust proxy`: addresses, networks and names.
    const isTrusted = app.get('trust proxy fn') as (address: string, hop: number) => boolean;
    return new Connections({
      ...{ most: maxConnections, mostPerAddress: maxConnectionsPerAddress },
      isTrusted: (address) => isTrusted(address, 0),
    });
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
      areAssistantsOpen = false,
    } = this.#options;
    const page = pageDir === null ? null : await loadPage(pageDir);
    const mark = services.mode.practice === undefined ? null : PRACTICE_MARK;
    const document = JSON.stringify(openApiDocument(version));
    const serving = {
      accounts: services.accounts,
      answered: services.answered,
      doorOf: async (pass: string) => (await services.portalViews.passOrNull(pass))?.portal ?? null,
      budget: new BodyBudget(BODIES_MOST, BODIES_MOST / 2),
      isAnswerChecked,
      partnerTurn: (partner: string) => services.partnerQuotas.enter(partner),
      placesOf: async (sites: Sites) => placesOf(await services.directory.registered(), sites),
      onChanged: () => services.shipmentList.forget(),
    };
    const routes = apiRoutes(services);
    const assistants = {
      desk: new AssistantDesk({ ...services, isOpen: areAssistantsOpen }),
      insideFor: insideOf(serving, routes),
    };
    const monitoring = new Monitoring(services.accounts, monitorToken);
    const app = express();
    app.disable('x-powered-by');
    app.set('query parser', 'simple');
    app.set('trust proxy', [...trustProxy]);
    app.use(securityHeaders);
    app.use((request, response, next) => {
      if (request.secure) response.set('Strict-Transport-Security', 'max-age=31536000');
      next();
    });
    app.use(unreadBody(time));
    app.use(readableAddress);
    // What a customer was sent is no page of the public: its address is a secret.
    app.use(['/shared', '/api/v1/shared'], (_request, response, next) => {
      response.set('X-Robots-Tag', 'noindex, nofollow, noarchive');
      next();
    });

    app.get('/healthz', (_request, response) => {
      response.json({ ok: true });
    });
    app.get('/readyz', async (request, response) => {
      const state = await readiness();
      const troubles = state.troubles.map(({ since, ...trouble }) => ({ ...trouble, since: formatTime(since) }));
      const details = (await monitoring.mayAsk(request)) ? { ...state, troubles } : {};
      response.status(state.ready ? 200 : 503).json({ ready: state.ready, ...details });
    });
    app.use(services.setUpGate.guard(pageHandler(page, mark)));
    app.use(acknowledgePage(services));
    app.use('/help', helpDoor());
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
    api.use(routerOf([...routes, ...assistantRoutes(assistants)], serving));
    api.use((request) => {
      throw notFound('RESOURCE_UNKNOWN', `there is no ${request.method} ${request.path}`);
    });
    app.use('/api/v1', api);
    app.use('/api/v2', routerOf(writeRoutes(services), serving));
    const epcis = epcisRoutes(services);
    const options = epcisOptions(epcis, { accounts: services.accounts, version });
    app.use('/epcis/v1', routerOf(xmlQueryRoutes(services, version), serving));
    app.use('/epcis/v2', epcisProtocol, options, routerOf(epcis, serving));
    app.use('/ledger', ledgerRoutes(services));
    app.use(verificationDoor(services));
    const door = new McpDoor({ desk: assistants.desk, logger, version });
    app.use(routerOf(mcpRoutes({ ...assistants, door }), serving));
    // Without sessions there is nothing to listen to or to end (streamable HTTP, "Listening for messages").
    app.all('/mcp', (request, response) => {
      response.set('Allow', 'POST');
      throw new Refusal(405, 'METHOD_NOT_ALLOWED', `${request.method} is not taken here`);
    });
    // Places of machines: none of them is answered with the page.
    app.use(['/api', '/epcis', '/ledger', '/.well-known'], (request) => {
      throw notFound('RESOURCE_UNKNOWN', `there is no ${request.method} ${request.originalUrl}`);
    });
    app.use(pageHandler(page, mark));
    app.use((request) => {
      throw new Refusal(405, 'METHOD_NOT_ALLOWED', `${request.method} is not taken here`);
    });
    const countDefect = () => this.#metrics.defects.add(1);
    app.use('/epcis', problemHandler(logger, countDefect, epcisProblemType));
    app.use(problemHandler(logger, countDefect));
    return app;
  }
}

/** What a handshake is shown may change; connections that stand keep what they were shown. */
function secureServer({ cert, key, onChange }: WebTls): HttpsServer {
  const server = createSecureServer({ ...TIMEOUTS, cert, key });
  onChange?.(({ cert, key }) => server.setSecureContext({ cert, key }));
  return server;
}

async function listen(server: HttpServer | HttpsServer, host: string, port: number): Promise<void> {
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
