import { writeFileSync } from 'node:fs';
import type net from 'node:net';
import { join } from 'node:path';
import { Receiver } from '../../alerts/testing/receiver.ts';

/** With such a status, never, or by breaking off. */
export type WayToFail = number | 'hang' | 'cut';

/** A message that was taken: answered 2xx, whether or not that was heard. */
export interface Taken {
  readonly channel: string;
  /** `webhook-id`: by it a receiver tells that it has a message already. */
  readonly id: string;
  readonly type: string;
  readonly alert: string;
  readonly step: string;
  readonly people: readonly string[];
}

/** Who is told: a machine and somebody at once, somebody else when nobody has acknowledged after a moment. */
const CHANNELS = ['machine', 'anna', 'ben'] as const;
const ROUTING = `people:
  anna: { notify: { critical: [anna], warning: [anna] } }
  ben: { notify: { critical: [ben], warning: [ben] } }
flapping: never
route:
  name: all
  to: [{ person: anna }, { channel: machine }]
  escalation: [{ after: 2s, to: [{ person: ben }] }]
  repeat: never
`;

/** Receives what alerts tell people by webhooks, and keeps what it took. */
export class WhoeverIsTold {
  /** In the order in which they came. */
  readonly taken: Taken[] = [];
  readonly #receiver = new Receiver();
  #port = 0;
  #way: WayToFail | null = null;

  async start(): Promise<void> {
    this.#receiver.answer = (response, n) => {
      const request = this.#receiver.received[n];
      if (this.#way === 'hang') return;
      if (this.#way === 'cut') response.destroy();
      else if (this.#way !== null) response.writeHead(this.#way, { 'retry-after': '1' }).end();
      else {
        if (request !== undefined) this.taken.push(takenOf(request));
        response.writeHead(204).end();
      }
    };
    this.#port = Number(new URL(await this.#receiver.start()).port);
  }

  /** Where the link to it leads. */
  get address(): net.NetConnectOpts {
    return { host: '127.0.0.1', port: this.#port };
  }

  /** @param way null: it takes everything again */
  fails(way: WayToFail | null): void {
    this.#way = way;
  }

  /** Writes who is told. @param port of the link that leads here @returns what the configuration says of alerts */
  configured(directory: string, port: number): object {
    const routing = join(directory, 'routing.yaml');
    writeFileSync(routing, ROUTING);
    const secret = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
    const channels = CHANNELS.map((id) => ({ id, kind: 'webhook', url: `http://127.0.0.1:${port}/${id}`, secret }));
    return { channels, routing };
  }

  stop(): Promise<void> {
    return this.#receiver.stop();
  }
}

function takenOf({ headers, body, path }: Receiver['received'][number]): Taken {
  const { type, data } = JSON.parse(body) as {
    type: string;
    data: { alert?: { id: string }; notice?: { step: string; people: string[] } };
  };
  const { step = '', people = [] } = data.notice ?? {};
  const id = String(headers['webhook-id']);
  return { channel: path.slice(1), id, type, alert: data.alert?.id ?? '', step, people };
}
