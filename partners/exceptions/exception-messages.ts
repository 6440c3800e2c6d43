import { Webhook } from 'standardwebhooks';
import type { ExceptionKind, TimeSource } from '../../domain/index.ts';
import { type Partners, withoutSecrets } from '../companies/index.ts';
import { type ExceptionEntry, exceptionId, type PartnerException } from './exception.ts';
import type { Exceptions } from './exceptions.ts';

/** What goes to a partner's webhook for one thing that we said. */
export interface ExceptionMessage {
  readonly type: 'exception.opened' | 'exception.entry';
  readonly timestamp: string;
  readonly data: {
    /** What the sender calls it, and what the receiver does, where that is known. */
    readonly exception: string;
    readonly yours: string | null;
    readonly kind: ExceptionKind;
    readonly title: string;
    readonly shipment: string | null;
    readonly epcs: readonly string[];
    readonly lot: string | null;
    readonly due: string;
    readonly entry: {
      readonly number: number;
      readonly author: string;
      readonly text: string;
      readonly answer: ExceptionEntry['answer'];
      readonly sha256: string;
      readonly file: ExceptionEntry['file'];
    };
  };
}

/** Posts one request, to an address that is judged before; resolves with the beginning of the answer. */
export type PostMessage = (message: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<string>;

/** Tells partners by webhook what we said of an exception. */
export class ExceptionMessages {
  readonly #options: {
    readonly exceptions: Exceptions;
    readonly partners: Partners;
    readonly post: PostMessage;
    readonly time: TimeSource;
  };

  constructor(options: {
    readonly exceptions: Exceptions;
    readonly partners: Partners;
    readonly post: PostMessage;
    readonly time: TimeSource;
  }) {
    this.#options = options;
  }

  /**
   * Sends what we said, entry by entry, each under the same id whenever it is sent: a receiver that has it takes nothing new.
   * @returns why the partner does not have it all, in a line; null: it does
   */
  async send({ number }: PartnerException): Promise<string | null> {
    const { exceptions, partners, post, time } = this.#options;
    const exception = await exceptions.get(exceptionId(number));
    const partner = await partners.find(exception.partner);
    const url = partner?.endpoints.webhook;
    if (partner === null || url === undefined) return 'no webhook is kept of this partner; share a link';
    const [secret, authorization] = await Promise.all([
      partners.secret(partner.id, 'webhook'),
      partners.secret(partner.id, 'authorization'),
    ]);
    let { reference } = exception;
    for (const entry of (await exceptions.thread(number)).filter(({ side }) => side === 'ours')) {
      const now = time.now();
      const body = JSON.stringify(messageOf({ ...exception, reference }, entry, now));
      const id = `${exceptionId(number)}/${entry.number}`;
      const signed: Record<string, string> =
        secret === null
          ? {}
          : {
              'webhook-timestamp': String(Math.floor(now / 1_000)),
              'webhook-signature': new Webhook(secret).sign(id, new Date(now), body),
            };
      const headers = {
        ...{ 'content-type': 'application/json', 'webhook-id': id, ...signed },
        ...(authorization !== null && { authorization }),
      };
      try {
        reference = referenceIn(await post({ url, headers, body })) ?? reference;
        await exceptions.told(number, reference);
      } catch (error) {
        // Their answer is in it.
        const said = error instanceof Error ? error.message : String(error);
        return withoutSecrets(said, [secret, authorization]);
      }
    }
    return null;
  }
}

function messageOf(exception: PartnerException, entry: ExceptionEntry, now: number): ExceptionMessage {
  const { number, reference, kind, title, shipment, epcs, lot, dueAt, isTheirs } = exception;
  const { author, text, answer, sha256, file } = entry;
  return {
    type: entry.number === 1 && !isTheirs ? 'exception.opened' : 'exception.entry',
    timestamp: new Date(now).toISOString(),
    data: {
      ...{ exception: exceptionId(number), yours: reference, kind, title, shipment, epcs, lot },
      due: new Date(dueAt).toISOString(),
      entry: { number: entry.number, author, text, answer, sha256, file },
    },
  };
}

/** What the partner calls it, where its answer says so. */
function referenceIn(answer: string): string | null {
  return /"exception"\s*:\s*"([\x21-\x7e]{1,100})"/.exec(answer)?.[1] ?? null;
}
