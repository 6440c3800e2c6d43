import type { IncomingHttpHeaders } from 'node:http';
import type { Accounts } from '../../access/index.ts';
import {
  type Decoded,
  type DialectRefusal,
  dialectNamed,
  lineProtocolIn,
  NO_DEVICE,
  PRECISIONS,
} from '../../codecs/payloads/index.ts';
import {
  DEVICE_ID,
  dialectTopic,
  InputError,
  readingsTopic,
  SPEAKS_FOR_ALL,
  type SpeaksFor,
  type TimeSource,
} from '../../domain/index.ts';
import { notFound, Refusal } from './problems.ts';
import { type Signed, signatureOf } from './webhook-signature.ts';

/** A message for whoever takes readings in. */
export interface ReceivedMessage {
  readonly clientId: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly arrival: number;
  readonly speakers: SpeaksFor;
  readonly refusal: { readonly reason: 'TOPIC_FOREIGN'; readonly detail: string } | null;
  readonly onDecoded: (decoded: Decoded) => void;
}

/** Takes readings in, as the broker's messages are taken. Resolves when everything of the message is durable. */
export type TakeIn = (message: ReceivedMessage) => Promise<void>;

/** What would be taken of a message, and what not and why; nothing is stored. */
export type Explain = (asked: {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** A file of mappings to try, in the place of those in use. */
  readonly mappings: string | null;
}) => Promise<{
  readonly readBy: string | null;
  readonly readings: Decoded['readings'];
  readonly refused: readonly { readonly reason: string; readonly field: string; readonly detail: string }[];
}>;

/** Who sends a message over HTTP. */
export interface Sender {
  /** As it is counted: a credential's id, `token:{name}`, `webhook:{dialect}`. */
  readonly id: string;
  /** Its own device; {@link NO_DEVICE} where it has none. */
  readonly device: string;
  readonly speakers: SpeaksFor;
}

export interface ReceptionOptions {
  readonly accounts: Accounts;
  /** Names of mappings, which are doors too. */
  readonly mappings: readonly string[];
  readonly takeIn: TakeIn;
  readonly time: TimeSource;
  /** By dialect; once there is one, only what is signed with it is taken. */
  readonly webhookSecrets: ReadonlyMap<string, string>;
}

/** Isotherm's own form, where dialects are named. */
const NATIVE = 'isotherm';

/** Readings of machines over HTTP: who may bring them, and that they are durable before anybody is told so. */
export class Reception {
  readonly #options: ReceptionOptions;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /**
   * Who sends, by the head of a request to a dialect's door.
   * @throws {Refusal} 401 SENDER_UNKNOWN
   */
  async webhookSender(name: string, headers: IncomingHttpHeaders): Promise<{ sender: Sender; signed: Signed | null }> {
    const dialect = dialectNamed(name)?.name ?? name;
    const secret = this.#options.webhookSecrets.get(dialect);
    if (secret === undefined) return { sender: await this.sender(headers), signed: null };
    const signed = signatureOf(dialect, secret, headers, this.#options.time.now());
    if (signed === null) throw unsigned(dialect);
    return { sender: { id: `webhook:${dialect}`, device: NO_DEVICE, speakers: SPEAKS_FOR_ALL }, signed };
  }

  /**
   * By an API token, or the credentials of a device, gateway or service as `ID:PASSWORD` or Basic.
   * @throws {Refusal} 401 SENDER_UNKNOWN, 403 NEEDS_ALL_SITES, ROLE_NOT_ALLOWED
   */
  async sender({ authorization = '' }: IncomingHttpHeaders): Promise<Sender> {
    const { accounts } = this.#options;
    const given = /^(?:Bearer|Token) +(\S+)$/i.exec(authorization)?.[1];
    const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
    const token = given === undefined ? null : await accounts.tokens.verify(given);
    if (token !== null) {
      if (token.sites !== 'all') {
        throw new Refusal(403, 'NEEDS_ALL_SITES', 'this token is bound to sites; a sensor is bound to none');
      }
      if (!token.permissions.has('readings.send')) {
        throw new Refusal(403, 'ROLE_NOT_ALLOWED', 'this token may not send readings; allowed: one with readings.send');
      }
      return { id: `token:${token.name}`, device: NO_DEVICE, speakers: SPEAKS_FOR_ALL };
    }
    const pair = given ?? (basic === undefined ? '' : Buffer.from(basic, 'base64').toString('utf8'));
    const colon = pair.lastIndexOf(':');
    const holder = colon < 1 ? null : await accounts.credentials.verify(pair.slice(0, colon), pair.slice(colon + 1));
    if (holder === null) {
      const allowed = 'an API token, or ID:PASSWORD of a device, gateway or service';
      throw new Refusal(401, 'SENDER_UNKNOWN', `Authorization: ${allowed}, as Bearer, Token or Basic`);
    }
    await accounts.spokenFor.know(holder.id);
    return { id: holder.id, device: holder.id, speakers: accounts.spokenFor };
  }

  /**
   * @param device whose message it is, where it does not say so itself
   * @throws {Refusal} 404 DIALECT_UNKNOWN, 401 SENDER_UNKNOWN
   * @throws {Refusal} 400 DEVICE_MISSING
   * @throws {UnavailableError} it is not durable: to be sent again
   */
  async webhook(name: string, payload: Uint8Array, from: { sender: Sender; signed: Signed | null; device?: string }) {
    const { sender, signed, device = sender.device } = from;
    const dialect = dialectNamed(name);
    const mapping = this.#options.mappings.find((id) => id === name);
    const door = dialect?.name ?? mapping;
    if (door === undefined && name !== NATIVE) throw notFound('DIALECT_UNKNOWN', `there is no dialect ${name}`);
    if (signed !== null && !signed.isOf(payload)) throw unsigned(name);
    if (device !== NO_DEVICE && !DEVICE_ID.test(device)) {
      throw new InputError('QUERY_INVALID', 'device: allowed: 1 to 128 of A-Z a-z 0-9 . _ : -');
    }
    if (door === undefined) await this.#takeNative(payload, sender, device);
    else await this.#take(door, payload, sender, device);
  }

  /**
   * @throws {InputError} QUERY_INVALID the precision
   * @throws {Refusal} 400 LINE_MALFORMED the first bad line, when all others are durable
   * @throws {UnavailableError} nothing is durable: to be sent again
   */
  async write(payload: Uint8Array, precision: string, sender: Sender): Promise<void> {
    const dialect = lineProtocolIn(precision);
    if (dialect === undefined) {
      throw new InputError('QUERY_INVALID', `precision: given "${precision}", allowed: ${PRECISIONS.join(', ')}`);
    }
    const { refused } = await this.#take(dialect.name, payload, sender, sender.device);
    const bad = refused.filter(({ reason }) => reason === 'LINE_MALFORMED').toSorted(byLine);
    const [first] = bad;
    if (first === undefined) return;
    const others = bad.length === 1 ? '' : `; ${bad.length - 1} more like it`;
    throw new Refusal(400, 'LINE_MALFORMED', `${first.field} ${first.detail}${others}; the other lines are taken`);
  }

  async #take(dialect: string, payload: Uint8Array, sender: Sender, device: string): Promise<Decoded> {
    let decoded: Decoded = { readings: [], events: [], refused: [] };
    await this.#options.takeIn({
      ...{ clientId: sender.id, topic: dialectTopic(dialect, device), payload, refusal: null },
      ...{ arrival: this.#options.time.now(), speakers: sender.speakers },
      onDecoded: (made) => {
        decoded = made;
      },
    });
    return decoded;
  }

  /** The topic names the device, and nobody else has asked yet whether the sender may speak for it. */
  async #takeNative(payload: Uint8Array, { id, speakers }: Sender, device: string): Promise<void> {
    if (device === NO_DEVICE) {
      throw new Refusal(
        400,
        'DEVICE_MISSING',
        'whose readings are these? ?device=ID says it, or the credentials of a device',
      );
    }
    const isIts = speakers.speaksFor(id, device) === 'yes';
    const detail = `${id} does not speak for ${device}; allowed: what its credentials list`;
    await this.#options.takeIn({
      ...{ clientId: id, topic: readingsTopic(device), payload, speakers, onDecoded: () => {} },
      ...{ arrival: this.#options.time.now(), refusal: isIts ? null : { reason: 'TOPIC_FOREIGN', detail } },
    });
  }
}

function byLine(a: DialectRefusal, b: DialectRefusal): number {
  const lineOf = ({ field }: DialectRefusal) => Number(/\d+/.exec(field)?.[0] ?? 0);
  return lineOf(a) - lineOf(b);
}

function unsigned(dialect: string): Refusal {
  const message = `messages of ${dialect} are signed with the secret of webhooks.${dialect}.secret, and this one is not`;
  return new Refusal(401, 'SENDER_UNKNOWN', message);
}
