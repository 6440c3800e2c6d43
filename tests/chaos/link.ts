import { once } from 'node:events';
import net from 'node:net';

/**
 * `open`; `cut`: connections are reset and new ones too; `hold`: nothing arrives, all of it once it is open again, as where packets are
 * dropped for less than TCP gives up; `lose`: what is sent is lost and connections stay dead for good, as where a firewall has forgotten
 * them.
 */
export type LinkState = 'open' | 'cut' | 'hold' | 'lose';

interface Pair {
  readonly client: net.Socket;
  readonly server: net.Socket;
  isDead: boolean;
}

/**
 * A TCP connection between two processes that can be disturbed: everybody who would call a target calls `port`. Of several targets each
 * caller is led to the next in turn that answers, as by a balancer.
 */
export class Link {
  /** Where it leads now: a process that is started anew has another port. */
  readonly #targets = new Map<string, net.NetConnectOpts>();
  #turn = 0;
  /** Each way. */
  delayMs = 0;
  #state: LinkState = 'open';
  readonly #server: net.Server;
  readonly #pairs = new Set<Pair>();
  #port = 0;

  constructor(target?: net.NetConnectOpts) {
    if (target !== undefined) this.target = target;
    this.#server = net.createServer((client) => this.#open(client));
  }

  set target(target: net.NetConnectOpts) {
    this.lead('', target);
  }

  /** @param name of the one of several that it leads to */
  lead(name: string, target: net.NetConnectOpts): void {
    this.#targets.set(name, target);
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as net.AddressInfo).port;
  }

  /** Also once it is stopped: who calls it then is refused, as anywhere else. */
  get port(): number {
    return this.#port;
  }

  get state(): LinkState {
    return this.#state;
  }

  set state(state: LinkState) {
    this.#state = state;
    for (const pair of this.#pairs) {
      const { client, server } = pair;
      if (state === 'lose') pair.isDead = true;
      if (state === 'cut' || (state !== 'hold' && !pair.isDead && (client.destroyed || server.destroyed))) {
        this.#destroy(pair);
        continue;
      }
      for (const socket of [client, server]) {
        if (state === 'hold') socket.pause();
        else socket.resume();
      }
    }
  }

  /** Resets what is dead, as TCP does in the end. */
  giveUp(): void {
    for (const pair of this.#pairs) if (pair.isDead) this.#destroy(pair);
  }

  stop(): void {
    for (const pair of this.#pairs) this.#destroy(pair);
    this.#server.close();
  }

  #open(client: net.Socket): void {
    if (this.#state === 'cut') {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    client.on('error', () => {});
    const all = [...this.#targets.values()];
    const turn = this.#turn++;
    const call = (tried: number): void => {
      const target = all[(turn + tried) % all.length];
      if (target === undefined || tried === all.length || client.destroyed) {
        client.resetAndDestroy();
        return;
      }
      const server = net.connect(target);
      const next = () => call(tried + 1);
      server.once('error', next);
      server.once('connect', () => {
        server.off('error', next);
        const pair = { client, server, isDead: this.#state === 'lose' };
        this.#pairs.add(pair);
        this.#pass(pair, client, server);
        this.#pass(pair, server, client);
        if (this.#state === 'cut') this.#destroy(pair);
      });
    };
    call(0);
  }

  #pass(pair: Pair, from: net.Socket, to: net.Socket): void {
    /** What is under way, in order, each with when it arrives. */
    const underWay: { readonly due: number; readonly arrive: () => void }[] = [];
    const arriveDue = () => {
      while (underWay[0] !== undefined && underWay[0].due <= performance.now() + 1) {
        const arrive = underWay.shift()?.arrive;
        if (!pair.isDead) arrive?.();
      }
      if (underWay[0] !== undefined) setTimeout(arriveDue, underWay[0].due - performance.now());
    };
    const send = (arrive: () => void) => {
      const due = Math.max(performance.now() + this.delayMs, underWay.at(-1)?.due ?? 0);
      underWay.push({ due, arrive });
      if (underWay.length === 1) arriveDue();
    };
    from.setNoDelay(true);
    from.on('error', () => {});
    from.on('data', (bytes) => send(() => to.write(bytes)));
    from.on('end', () => send(() => to.end()));
    from.on('close', () => {
      // What has been forgotten is not told either that one side is gone; nor is who hears nothing now.
      if (!pair.isDead && this.#state !== 'hold') send(() => this.#destroy(pair));
    });
    if (this.#state === 'hold') from.pause();
  }

  #destroy(pair: Pair): void {
    const { client, server } = pair;
    if (!client.destroyed) client.resetAndDestroy();
    // A socket of the file system knows no reset.
    if (!server.destroyed && server.remoteAddress === undefined) server.destroy();
    else if (!server.destroyed) server.resetAndDestroy();
    this.#pairs.delete(pair);
  }
}
