import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { UnavailableError } from '../domain/index.ts';

/** Dead peers are found by TCP where a client asks for no MQTT keep-alive. */
const TCP_KEEPALIVE_MS = 60_000;
const HANDSHAKE_MS = 10_000;

export interface TlsOptions {
  readonly port: number;
  /** PEM. */
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  /** PEM: authorities whose certificates clients may show, and what they have taken back. */
  readonly clientCa?: string | Buffer;
  readonly clientCrl?: string | Buffer;
  /** Hands on what comes in their place while the door is open. */
  readonly onChange?: (take: (files: Omit<TlsOptions, 'port' | 'onChange'>) => void) => void;
}

export interface Listener {
  readonly port: number;
  /** Takes no more connections; resolves when those it has are closed. */
  close(): Promise<void>;
  /** Cuts off every connection, those still in their TLS handshake among them. */
  destroyConnections(): void;
}

export interface Doorbell {
  onSocket(socket: Socket): void;
  /** A connection that could not be taken: no file descriptor left, a TLS handshake that failed. */
  onError(error: Error): void;
}

export function listenPlain(host: string, port: number, bell: Doorbell): Promise<Listener> {
  const server = net.createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_MS },
    (socket) => bell.onSocket(socket),
  );
  return listen(server, { host, port, setting: 'mqtt.port' }, bell);
}

export function listenTls(host: string, { port, onChange, ...files }: TlsOptions, bell: Doorbell): Promise<Listener> {
  const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_MS };
  // A client without a certificate, or with one that does not hold, may still have a password.
  const asks = { requestCert: files.clientCa !== undefined, rejectUnauthorized: false };
  const server = tls.createServer({ ...contextOf(files), ...asks, handshakeTimeout: HANDSHAKE_MS, ...tcp }, (socket) =>
    bell.onSocket(socket),
  );
  onChange?.((changed) => server.setSecureContext(contextOf(changed)));
  server.on('tlsClientError', (error) => bell.onError(error));
  return listen(server, { host, port, setting: 'mqtt.tls.port' }, bell);
}

/** What a handshake shows and believes; connections that stand keep what they were shown. */
function contextOf({
  key,
  cert,
  clientCa,
  clientCrl,
}: Omit<TlsOptions, 'port' | 'onChange'>): tls.SecureContextOptions {
  return {
    ...{ key, cert, minVersion: 'TLSv1.2' },
    ...(clientCa === undefined ? {} : { ca: clientCa }),
    ...(clientCrl === undefined ? {} : { crl: clientCrl }),
  };
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly setting: string;
}

/** @throws {UnavailableError} PORT_TAKEN, LISTEN_FAILED, naming the port and the setting that changes it */
function listen(server: net.Server, address: Address, bell: Doorbell): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    const onError = (error: NodeJS.ErrnoException) => reject(refused(error, address));
    server.once('error', onError);
    server.listen({ host: address.host, port: address.port }, () => {
      server.off('error', onError);
      // Without a listener an accept that fails would end the process.
      server.on('error', (error) => bell.onError(error));
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () => new Promise((closed) => server.close(() => closed())),
        destroyConnections: () => {
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}

function refused(error: NodeJS.ErrnoException, { host, port, setting }: Address): UnavailableError {
  const details = { host, port, setting };
  return error.code === 'EADDRINUSE'
    ? new UnavailableError('PORT_TAKEN', `port ${port} on ${host} is taken; change it with ${setting}`, details, error)
    : new UnavailableError(
        'LISTEN_FAILED',
        `cannot listen on ${host} port ${port} (${setting}): ${error.code ?? error.message}`,
        details,
        error,
      );
}
