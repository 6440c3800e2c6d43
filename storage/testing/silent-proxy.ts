import { once } from 'node:events';
import net from 'node:net';

/**
 * Stands between a client and a server, PostgreSQL as a rule, and can swallow what is sent, both ways, without closing anything: what a
 * firewall does that has forgotten a connection.
 */
export class SilentProxy {
  /** While true, bytes of connections that are open then, or are opened then, are lost; those stay dead for good. */
  isSwallowing = false;
  /** While true, what the server sends is lost, and no more comes on that connection: it does what it is asked, and nobody hears of it. */
  isMute = false;
  readonly #server: net.Server;
  readonly #open = new Set<net.Socket>();

  /** @param url of the server behind it; host may be a directory with its socket */
  constructor(url: string) {
    const { hostname, port, searchParams } = new URL(url);
    const directory = searchParams.get('host');
    this.#server = net.createServer((client) => {
      const server =
        directory === null
          ? net.connect(Number(port), hostname)
          : net.connect(`${directory}/.s.PGSQL.${port || '5432'}`);
      let isDead = false;
      let hasLostAnswers = false;
      const pass = (from: net.Socket, to: net.Socket) => {
        from.on('data', (bytes) => {
          isDead ||= this.isSwallowing;
          hasLostAnswers ||= this.isMute && from === server;
          if (!isDead && !(hasLostAnswers && from === server)) to.write(bytes);
        });
        from.on('error', () => {});
        // What has been forgotten is not told either that one side is gone.
        from.on('close', () => {
          if (!isDead) to.destroy();
        });
        this.#open.add(from);
      };
      pass(client, server);
      pass(server, client);
    });
  }

  /** @returns the same URL, through the proxy */
  async start(url: string): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const through = new URL(url);
    through.searchParams.delete('host');
    through.hostname = '127.0.0.1';
    through.port = String((this.#server.address() as net.AddressInfo).port);
    return through.href;
  }

  stop(): void {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
  }
}
