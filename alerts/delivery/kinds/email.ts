import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { Outgoing } from '../../../domain/index.ts';
import type { EmailChannel } from '../../config.ts';
import { mailOf } from '../../message/mail.ts';
import type { Message } from '../../message/message.ts';
import { failed } from '../http-post.ts';

const PORTS = { 'smtp:': 587, 'smtps:': 465 } as const;
const TIMEOUT_MS = 10_000;

export interface MailOptions {
  /** Names the message: the same at every attempt, so that a server that knows Message-IDs shows it once. */
  readonly event: string;
  /** Judges where the server is; null for a channel of the configuration. */
  readonly outgoing: Outgoing | null;
  readonly signal: AbortSignal;
}

/**
 * Hands a mail to its server (RFC 5321), which then answers for it. All messages of one alert are one thread
 * (RFC 5322, 3.6.4); nobody's absence note answers it (RFC 3834). A password never goes over a line in the clear, but
 * to this machine.
 * @returns what to know of a mail that not everybody got; null where all did
 * @throws {UnavailableError} WEBHOOK_FAILED
 */
export async function sendMail(
  channel: EmailChannel,
  message: Message,
  { event, outgoing, signal }: MailOptions,
): Promise<string | null> {
  const url = new URL(channel.url);
  const isSecure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port) || PORTS[isSecure ? 'smtps:' : 'smtp:'];
  const user = decodeURIComponent(url.username);
  const domain = channel.from.slice(channel.from.lastIndexOf('@') + 1);
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
  const socket = await connected(channel.id, { host, port, outgoing, signal });
  const transport = createTransport({
    ...{ host, port, secure: isSecure, connection: socket },
    requireTLS: !isSecure && user !== '' && !isHere,
    ...(user !== '' && { auth: { user, pass: channel.secret } }),
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const thread = `<alert.${named(message.thread)}@${domain}>`;
    const { rejected } = await transport.sendMail({
      ...mailOf(message),
      ...{ from: { name: 'Isotherm', address: channel.from }, to: [...channel.to] },
      ...{ messageId: `<${named(`${event}.${channel.id}`)}@${domain}>`, inReplyTo: thread, references: [thread] },
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      ...(message.severity === 'critical' && message.isStanding && { priority: 'high' as const }),
    });
    return rejected.length === 0 ? null : `the server did not take it for ${rejected.join(', ')}`;
  } catch (error) {
    throw failed(channel.id, error instanceof Error ? oneLine(error.message) : String(error), error);
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

/** A connection to the address that was judged, and to no other. */
function connected(
  channel: string,
  { host, port, outgoing, signal }: { host: string; port: number; outgoing: Outgoing | null; signal: AbortSignal },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      reject(failed(channel, error instanceof Error ? error.message : String(error), error));
    };
    const asUrl = host.includes(':') ? `http://[${host}]:${port}/` : `http://${host}:${port}/`;
    try {
      const where = outgoing === null ? {} : outgoing.connectOptions(asUrl);
      const socket = connect({ host, port, signal, timeout: TIMEOUT_MS, ...where });
      socket.once('error', fail);
      socket.once('timeout', () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      socket.once('connect', () => {
        socket.off('error', fail);
        socket.setTimeout(0);
        resolve(socket);
      });
    } catch (error) {
      fail(error);
    }
  });
}

/** As it may stand in a Message-ID (RFC 5322, 3.6.4). */
function named(text: string): string {
  return /^[\w.-]{1,100}$/.test(text) ? text : createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
