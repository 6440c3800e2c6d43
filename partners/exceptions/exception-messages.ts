import { Webhook } from 'standardwebhooks';
import { type ExceptionKind, isAgreed, type Partner, type TimeSource, UnavailableError } from '../../domain/index.ts';
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

/**
 * Posts one request, to an address that is judged before; resolves with the beginning of the answer.
 * @throws {UnavailableError} with `status` among its details where the receiver answered
 */
export type PostMessage = (message: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}) => Promise<string>;

export interface ExceptionMessagesOptions {
  readonly exceptions: Exceptions;
  readonly partners: Partners;
  readonly post: PostMessage;
  readonly time: TimeSource;
}

/** What we said of exceptions, as it goes to the webhooks of partners. */
export class ExceptionMessages {
  readonly #options: ExceptionMessagesOptions;

  constructor(options: ExceptionMessagesOptions) {
    this.#options = options;
  }

  /** Why nothing can be told to the partner as things are agreed; null: it can. */
  async obstacle({ partner: id }: PartnerException): Promise<string | null> {
    const partner = await this.#options.partners.find(id);
    return this.#obstacleOf(partner);
  }

  /**
   * Sends one entry of ours, under the same id whenever it is sent: a receiver that has it takes nothing new. What the
   * partner calls the exception is kept, where its answer says so.
   * @throws what `post` says
   */
  async send(number: number, entry: ExceptionEntry, signal: AbortSignal): Promise<void> {
    const { exceptions, partners, post, time } = this.#options;
    const exception = await exceptions.get(exceptionId(number));
    const partner = await partners.get(exception.partner);
    const [secret, authorization] = await Promise.all([
      partners.secret(partner.id, 'webhook'),
      partners.secret(partner.id, 'authorization'),
    ]);
    const now = time.now();
    const body = JSON.stringify(messageOf(exception, entry, now));
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
    const message = { url: partner.endpoints.webhook ?? '', headers, body, signal };
    const answer = await post(message).catch((error: unknown) => {
      // Their answer is in it.
      const said = withoutSecrets(error instanceof Error ? error.message : String(error), [secret, authorization]);
      const details = error instanceof UnavailableError ? error.details : {};
      throw new UnavailableError('WEBHOOK_FAILED', said, details);
    });
    await exceptions.told(number, referenceIn(answer));
  }

  #obstacleOf(partner: Partner | null): string | null {
    if (partner?.endpoints.webhook === undefined) return 'no webhook is kept of this partner; share a link';
    if (isAgreed(partner, this.#options.time.now())) return null;
    return `the agreement with ${partner.name} does not hold today`;
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
