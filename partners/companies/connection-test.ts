import { randomUUID } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { Webhook } from 'standardwebhooks';
import {
  type ConnectionStep,
  ENDPOINT_KINDS,
  type EndpointKind,
  InputError,
  type Origination,
  type Outgoing,
  type Partner,
  type TimeSource,
} from '../../domain/index.ts';
import { type Partners, sftpAsWeb } from './partners.ts';
import { withoutSecrets } from './told-secrets.ts';

/** What one step found. */
export interface StepFound {
  readonly step: ConnectionStep;
  readonly isOk: boolean;
  /** In our words, and what to do about it. */
  readonly said: string;
  /** The answer as it was received, or the error as the network named it; null where there is none. */
  readonly received: string | null;
}

/** What came of trying one endpoint. */
export interface EndpointTest {
  readonly endpoint: EndpointKind;
  readonly url: string;
  readonly isOk: boolean;
  readonly steps: readonly StepFound[];
}

export interface ConnectionTestsOptions {
  readonly outgoing: Outgoing;
  readonly partners: Partners;
  readonly time: TimeSource;
}

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES = 1_024;
/** Signatures of Standard Webhooks are refused after five minutes; a minute is told, so that it is mended before. */
const SKEW_MS = 60_000;

/** Tries the endpoints of a partner one by one and says at which step a connection fails, and why. */
export class ConnectionTests {
  readonly #options: ConnectionTestsOptions;

  constructor(options: ConnectionTestsOptions) {
    this.#options = options;
  }

  /**
   * @param only the endpoint that is tried; null: all there are
   * @throws {InputError} PARTNER_UNKNOWN, PARTNER_ENDPOINT_NONE
   */
  async run(id: string, only: EndpointKind | null, by: Origination): Promise<readonly EndpointTest[]> {
    const partner = await this.#options.partners.get(id);
    const kinds = ENDPOINT_KINDS.filter((kind) => only === null || kind === only);
    const tried: EndpointTest[] = [];
    for (const endpoint of kinds) {
      const url = partner.endpoints[endpoint];
      if (url === undefined) continue;
      const steps = await this.#try(partner, endpoint, url);
      tried.push({ endpoint, url, isOk: steps.every(({ isOk }) => isOk), steps });
    }
    if (tried.length === 0) {
      const message = `${id} has no endpoint${only === null ? '' : ` of the kind ${only}`}; add one first`;
      throw new InputError('PARTNER_ENDPOINT_NONE', message, { id });
    }
    await this.#options.partners.recordTest(id, tried, by);
    return tried;
  }

  async #try(partner: Partner, endpoint: EndpointKind, url: string): Promise<readonly StepFound[]> {
    const { outgoing } = this.#options;
    const web = endpoint === 'sftp' ? sftpAsWeb(url) : url;
    let where: ReturnType<Outgoing['connectOptions']>;
    try {
      where = outgoing.connectOptions(web);
    } catch (error) {
      return [failed('address', `this address may not be reached from here: ${messageOf(error)}`, null)];
    }
    const found: StepFound[] = [passed('address', 'may be reached from here', null)];
    return endpoint === 'sftp'
      ? this.#banner(new URL(web), where, found)
      : this.#ask(partner, { endpoint, url: new URL(url), where }, found);
  }

  /** An SSH server names itself as soon as one connects (RFC 4253, 4.2). */
  #banner(
    { hostname, port }: URL,
    where: ReturnType<Outgoing['connectOptions']>,
    found: StepFound[],
  ): Promise<readonly StepFound[]> {
    return new Promise((resolve) => {
      const host = hostname.replace(/^\[(.*)\]$/, '$1');
      const socket = connect({ host, port: Number(port === '' ? 80 : port), ...where });
      let isConnected = false;
      const done = (step: StepFound) => {
        timer.cancel();
        socket.destroy();
        resolve([...found, step]);
      };
      const timer = this.#options.time.after('partners: connection test', TIMEOUT_MS, () => {
        done(failed(isConnected ? 'answer' : 'connection', `nothing within ${TIMEOUT_MS / 1000} s`, null));
      });
      socket.once('connect', () => {
        isConnected = true;
        found.push(passed('name', 'was found', socket.remoteAddress ?? null), passed('connection', 'stands', null));
      });
      socket.once('data', (chunk: Buffer) => {
        const line = printable(chunk);
        done(
          line.startsWith('SSH-')
            ? passed('answer', 'an SSH server answers; whether the key is taken shows with the first file', line)
            : failed('answer', 'what answers there is no SSH server; check the port', line),
        );
      });
      socket.once('close', () => done(failed('answer', 'they closed the connection without a word', null)));
      socket.once('error', (error: NodeJS.ErrnoException) => done(networkFault(error)));
    });
  }

  async #ask(
    partner: Partner,
    { endpoint, url, where }: { endpoint: EndpointKind; url: URL; where: ReturnType<Outgoing['connectOptions']> },
    found: StepFound[],
  ): Promise<readonly StepFound[]> {
    const { partners, time } = this.#options;
    const authorization = await partners.secret(partner.id, 'authorization');
    const secret = endpoint === 'webhook' ? await partners.secret(partner.id, 'webhook') : null;
    const { method, body, headers, address } = questionOf(endpoint, url, { partner, secret, now: time.now() });
    return new Promise((resolve) => {
      let stage: ConnectionStep = 'name';
      const isSecure = address.protocol === 'https:';
      const send = isSecure ? httpsRequest : httpRequest;
      const sent = send(
        address,
        {
          ...{ method, agent: false, ...where },
          headers: {
            ...headers,
            'user-agent': 'Isotherm',
            ...(authorization !== null && { authorization }),
            ...(body !== null && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          },
        },
        (answer) => {
          beginningOf(answer).then((text) => {
            timer.cancel();
            const said = withoutSecrets(text, [authorization, secret]);
            const judged = judge(answer, said, { endpoint, partner, now: time.now() });
            resolve([...found, ...judged]);
          });
        },
      );
      const fail = (step: StepFound) => {
        timer.cancel();
        sent.destroy();
        resolve([...found, step]);
      };
      const timer = time.after('partners: connection test', TIMEOUT_MS, () => {
        fail(failed(stage, `nothing within ${TIMEOUT_MS / 1000} s; a firewall may drop what we send`, null));
      });
      sent.once('socket', (socket) => {
        socket.once('connect', () => {
          found.push(passed('name', 'was found', socket.remoteAddress ?? null), passed('connection', 'stands', null));
          stage = isSecure ? 'tls' : 'answer';
        });
        socket.once('secureConnect', () => {
          found.push(passed('tls', 'the certificate is good for this name', null));
          stage = 'answer';
        });
      });
      sent.once('error', (error: NodeJS.ErrnoException) => fail(networkFault(error, stage)));
      sent.end(body ?? undefined);
    });
  }
}

interface Question {
  readonly method: 'GET' | 'POST' | 'OPTIONS';
  readonly address: URL;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** What each kind of endpoint is asked, so that nothing is changed there. */
function questionOf(
  endpoint: EndpointKind,
  url: URL,
  { partner, secret, now }: { readonly partner: Partner; readonly secret: string | null; readonly now: number },
): Question {
  // EPCIS 2.0, 12.7: OPTIONS tells the versions that are spoken.
  if (endpoint === 'epcis') return { method: 'OPTIONS', address: url, body: null, headers: {} };
  if (endpoint === 'webhook') {
    const timestamp = new Date(now).toISOString();
    const body = JSON.stringify({ type: 'partner.test', timestamp, data: { partner: partner.id } });
    const id = `test_${randomUUID()}`;
    const signed: Record<string, string> =
      secret === null
        ? {}
        : {
            'webhook-id': id,
            'webhook-timestamp': String(Math.floor(now / 1_000)),
            'webhook-signature': new Webhook(secret).sign(id, new Date(now), body),
          };
    return { method: 'POST', address: url, body, headers: signed };
  }
  return { method: 'GET', address: url, body: null, headers: { accept: 'application/json, */*;q=0.1' } };
}

/** What an answer says, step by step. */
function judge(
  { statusCode: status = 0, headers }: IncomingMessage,
  text: string,
  { endpoint, partner, now }: { readonly endpoint: EndpointKind; readonly partner: Partner; readonly now: number },
): readonly StepFound[] {
  const received = `${status}${text === '' ? '' : ` ${text}`}`;
  const access = accessOf(status, received, endpoint);
  const steps = [access.step === 'answer' && !access.isOk ? access : passed('answer', 'they answer', received)];
  if (access.step === 'access') steps.push(access);
  const identity = access.isOk ? identityOf(text, headers, partner) : null;
  if (identity !== null) steps.push(identity);
  const clock = clockOf(headers.date, now);
  if (clock !== null) steps.push(clock);
  return steps;
}

function accessOf(status: number, received: string, endpoint: EndpointKind): StepFound {
  const where = headersOfStatus(status);
  if (status === 401)
    return failed('access', 'they do not know our key (401): agree on another and enter it here', received);
  if (status === 403)
    return failed('access', 'they know us and do not let us in (403): ask them for the right', received);
  if (status === 404 || status === 410)
    return failed('answer', `there is nothing at this path (${status}): check the address with them`, received);
  if (where) return failed('answer', `they send us elsewhere (${status}); enter the address they name`, received);
  // Who does not know a question without a message is there all the same.
  if ((status === 405 || status === 501) && endpoint !== 'webhook')
    return passed('access', 'they are there; this question they do not answer', received);
  if (status >= 500) return failed('answer', `their system fails (${status}); tell them`, received);
  if (status === 400 && (endpoint === 'verification' || endpoint === 'as2'))
    return passed('access', 'they are there and want to be asked something', received);
  if (status >= 400) return failed('answer', `they refuse what we sent (${status})`, received);
  return passed('access', 'they let us in', received);
}

function headersOfStatus(status: number): boolean {
  return status >= 300 && status < 400;
}

/** The GLN in an answer, where it names one: of somebody else, and our questions go to the wrong house. */
function identityOf(text: string, headers: IncomingMessage['headers'], { glns }: Partner): StepFound | null {
  const named = /"(?:responderGLN|gln|GLN)"\s*:\s*"(\d{13})"/.exec(text)?.[1] ?? null;
  if (named === null) {
    const version = headers['gs1-epcis-version'];
    return version === undefined ? null : passed('identity', `speaks EPCIS ${String(version)}`, null);
  }
  if (glns.includes(named)) return passed('identity', `answers as ${named}`, named);
  return failed(
    'identity',
    `answers as ${named}, which is no GLN of theirs here (${glns.join(', ') || 'none'})`,
    named,
  );
}

function clockOf(date: string | undefined, now: number): StepFound | null {
  const theirs = Date.parse(date ?? '');
  if (!Number.isFinite(theirs)) return null;
  const skew = theirs - now;
  const by = `${Math.round(Math.abs(skew) / 1_000)} s ${skew > 0 ? 'ahead of' : 'behind'} ours`;
  if (Math.abs(skew) <= SKEW_MS) return passed('clock', 'agrees with ours', date ?? null);
  return failed(
    'clock',
    `their clock is ${by}; signatures are refused from 300 s on: one of the two is to be set`,
    date ?? null,
  );
}

const REFUSED_TLS = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|EPROTO|WRONG_VERSION/;

function networkFault(error: NodeJS.ErrnoException, stage: ConnectionStep = 'connection'): StepFound {
  const code = error.code ?? '';
  const received = `${code === '' ? '' : `${code}: `}${error.message}`.slice(0, ANSWER_BYTES);
  if (error instanceof InputError) return failed('address', error.message, null);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA')
    return failed('name', 'this name is not found: a slip in it, or it is not public', received);
  if (REFUSED_TLS.test(code) || stage === 'tls') return failed('tls', tlsFault(code), received);
  if (code === 'ECONNREFUSED') return failed('connection', 'nobody listens at this port', received);
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return failed('connection', 'there is no way to this address', received);
  if (code === 'ECONNRESET' || code === 'HPE_INVALID_CONSTANT')
    return failed('answer', 'they broke off; what answers there may speak something else than HTTP', received);
  return failed(stage === 'name' ? 'connection' : stage, 'the connection failed', received);
}

function tlsFault(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'their certificate has expired; they renew it';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'their certificate is for another name; check the address';
  if (/SELF_SIGNED/.test(code)) return 'their certificate is signed by nobody who is trusted here';
  if (/UNABLE_TO_(VERIFY|GET)/.test(code)) return 'their server leaves out the certificates between its own and a root';
  return 'no secure connection comes about; what answers there may not speak TLS';
}

/** The beginning of an answer; who goes on talking is cut off. */
function beginningOf(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = () => resolve(printable(Buffer.concat(chunks)));
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= ANSWER_BYTES) return;
      done();
      answer.destroy();
    });
    answer.once('end', done);
    answer.once('error', done);
  });
}

/** What may be kept and shown of foreign bytes. */
function printable(bytes: Buffer): string {
  return bytes
    .subarray(0, ANSWER_BYTES)
    .toString('utf8')
    .replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffc]+/g, ' ')
    .trim();
}

function passed(step: ConnectionStep, said: string, received: string | null): StepFound {
  return { step, isOk: true, said, received };
}

function failed(step: ConnectionStep, said: string, received: string | null): StepFound {
  return { step, isOk: false, said, received };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
