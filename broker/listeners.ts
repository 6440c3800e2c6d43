import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { UnavailableError } from '../domain/index.ts';

/** Dead peers are found by TCP where a client asks for no MQTT keep-alive. */
const TCP_KEEPALIVE_MS = 60_000;

export interface TlsOptions {
  readonly port: number;
  /** PEM. */
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

export interface Listener {
  readonly port: number;
  /** Takes no more connections; resolves when those it has are closed. */
  close(): Promise<void>;
  /** Cuts off every connection, those still in their TLS handshake among them. */
  destroyConnections(): void;
}

export function listenPlain(host: string, port: number, onSocket: (socket: Socket) => void): Promise<Listener> {
  const server = net.createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_MS },
    onSocket,
  );
  return listen(server, host, port, 'mqtt.port');
}

export function listenTls(
  host: string,
  options: TlsOptions,
  onSocket: (socket: Socket) => void,
  onError: (error: Error) => void,
): Promise<Listener> {
  const server = tls.createServer(
    {
      key: options.key,
      cert: options.cert,
      minVersion: 'TLSv1.2',
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEPALIVE_MS,
    },
    onSocket,
  );
  server.on('tlsClientError', onError);
  return listen(server, host, options.port, 'mqtt.tls.port');
}

/** @throws {UnavailableError} PORT_TAKEN, LISTEN_FAILED, naming the port and the setting that changes it */
function listen(server: net.Server, host: string, port: number, setting: string): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    const onError = (error: NodeJS.ErrnoException) => reject(refused(error, host, port, setting));
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
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

function refused(error: NodeJS.ErrnoException, host: string, port: number, setting: string): UnavailableError {
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
