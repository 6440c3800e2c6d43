import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';

const READY = 'Z'.charCodeAt(0);

export interface HoldingProxy {
  /** Of the database, through it. */
  readonly url: string;
  /** What the server says from here on is kept until it ends a connection, and passed on in one piece then. */
  hold(): void;
  /** An answer to its end (ReadyForQuery, protocol 3: `Z`, length, state) is kept. */
  readonly answered: Promise<void>;
  close(): void;
}

/** Between a client and a PostgreSQL on a Unix socket: what comes in several pieces can be made to come in one. */
export async function holdingProxy(database: string): Promise<HoldingProxy> {
  const url = new URL(database);
  const path = join(url.searchParams.get('host') ?? '', '.s.PGSQL.5432');
  const sockets = new Set<net.Socket>();
  let kept: Buffer[] | null = null;
  const answered = Promise.withResolvers<void>();
  const server = net.createServer((client) => {
    const upstream = net.connect({ path });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    client.pipe(upstream);
    upstream.on('data', (piece) => {
      if (kept === null) client.write(piece);
      else {
        kept.push(piece);
        if (piece.at(-6) === READY) answered.resolve();
      }
    });
    upstream.on('end', () => {
      if (kept !== null) client.write(Buffer.concat(kept));
      kept = null;
      client.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url.searchParams.delete('host');
  url.host = `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  return {
    url: url.href,
    hold() {
      kept = [];
    },
    answered: answered.promise,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
