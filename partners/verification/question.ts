import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { InputError, type Outgoing, type TimeSource } from '../../domain/index.ts';
import { isGln } from '../companies/index.ts';
import { LINK_TYPE, type PackIdentifier, SALEABLE_RETURN } from './message.ts';

/** Whom a question goes to. */
export interface Responder {
  /** Address below which it answers: `https://vrs.example/verify`. */
  readonly url: string;
  /** Of the partner that it is of; null: of none that is known here. */
  readonly partner: string | null;
  /** GLNs that it may answer as; empty: any. */
  readonly glns: readonly string[];
}

export interface QuestionOptions {
  readonly outgoing: Outgoing;
  readonly time: TimeSource;
}

export interface Question {
  readonly pack: PackIdentifier;
  readonly corrUUID: string;
  /** GLN in whose name it is asked. */
  readonly requester: string;
  readonly responder: Responder;
  /** Sent as `Authorization`; null: nothing is. */
  readonly authorization: string | null;
}

/** An answer, or why there is none, in one line. */
export type Answered =
  | { readonly responderGLN: string; readonly data: AnsweredData; readonly fault: null }
  | { readonly responderGLN: null; readonly data: null; readonly fault: string };

/** Words of others are kept as they came: releases of the standard add some. */
export interface AnsweredData {
  readonly verified: boolean;
  readonly verificationFailureReason?: string | undefined;
  readonly additionalInfo?: string | undefined;
}

const TIMEOUT_MS = 10_000;
/** An answer has some hundred bytes. */
const ANSWER_BYTES = 16_384;

const word = z.string().max(200);
const messageSchema = z.object({
  responderGLN: z.string().refine(isGln, 'is no GLN'),
  corrUUID: word,
  // Kept by none; an answer without it is no whole one of the standard.
  verificationTimestamp: word.refine((text) => !Number.isNaN(Date.parse(text)), 'is no time'),
  data: z.object({
    verified: z.boolean(),
    verificationFailureReason: word.optional(),
    additionalInfo: z.union([word, z.array(word).transform((words) => words.join(', '))]).optional(),
  }),
});

/** The address that asks, in the words of Digital Link 1.0, which responders take everywhere. */
export function questionAddress({ pack, corrUUID, requester, responder }: Question): URL {
  const url = new URL(responder.url);
  const [gtin, lot, serial] = [pack.gtin, pack.lot, pack.serial].map(encodeURIComponent);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/gtin/${gtin}/lot/${lot}/ser/${serial}`;
  const exp = pack.expiry.slice(2).replaceAll('-', '');
  const query = { exp, linkType: LINK_TYPE, context: SALEABLE_RETURN, reqGLN: requester, corrUUID };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** Asks and judges the answer. Redirects are not followed; what is no answer to this question is none. */
export async function askResponder(question: Question, options: QuestionOptions): Promise<Answered> {
  try {
    const { status, type, text } = await fetched(questionAddress(question), question.authorization, options);
    const refused = refusalOf(status);
    if (refused !== null) return unanswered(refused);
    if (!/^application\/(?:[\w.+-]*\+)?json\b/i.test(type)) {
      return unanswered(`they answered with ${type === '' ? 'no content type' : type}, which is no answer`);
    }
    return answerOf(text, question);
  } catch (error) {
    return unanswered(faultOf(error));
  }
}

function answerOf(text: string, { corrUUID, responder }: Question): Answered {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return unanswered('their answer is no JSON');
  }
  const { data: message, error } = messageSchema.safeParse(given);
  if (message === undefined) {
    const [issue] = error.issues;
    return unanswered(`their answer is not of the standard: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
  }
  const { responderGLN, data } = message;
  if (message.corrUUID.toLowerCase() !== corrUUID.toLowerCase()) {
    return unanswered('they answered another question than ours (corrUUID)');
  }
  if (responder.glns.length > 0 && !responder.glns.includes(responderGLN)) {
    return unanswered(`they answered as ${responderGLN}, which is no GLN of ${responder.partner ?? 'theirs'}`);
  }
  if (data.verified && data.verificationFailureReason !== undefined) {
    return unanswered(`they say both that it is verified and why not (${data.verificationFailureReason})`);
  }
  return { responderGLN, data, fault: null };
}

function refusalOf(status: number): string | null {
  if (status === 200) return null;
  if (status >= 300 && status < 400)
    return `they send us elsewhere (${status}), which is not followed: enter the address they name`;
  switch (status) {
    case 400:
      return 'they cannot read our question (400): tell them';
    case 401:
      return 'they do not know us (401): agree on a key and enter it with the partner';
    case 403:
      return 'they know us and do not answer us (403): ask them for the right';
    case 404:
      return 'they do not answer for this product (404): look up who does';
    case 429:
      return 'they answer no more for now (429): try again later';
    default:
      return `their system fails (${status}): try again later`;
  }
}

function faultOf(error: unknown): string {
  if (error instanceof InputError) return error.message;
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name of their responder is not found';
  if (code === 'ECONNREFUSED') return 'nobody listens at their responder';
  if (/CERT|SSL|TLS|SIGNED|VERIFY/.test(code)) return `their certificate does not hold (${code})`;
  return message === TOO_SLOW || message === TOO_LONG
    ? message
    : `the connection failed${code === '' ? '' : ` (${code})`}`;
}

const TOO_SLOW = `no answer within ${TIMEOUT_MS / 1_000} s: try again later`;
const TOO_LONG = `their answer is longer than ${ANSWER_BYTES} bytes, which is no answer`;

interface Fetched {
  readonly status: number;
  readonly type: string;
  readonly location: string | null;
  readonly text: string;
}

/** One GET to where `outgoing` lets it go. @throws what the network says */
export function fetched(url: URL, authorization: string | null, { outgoing, time }: QuestionOptions): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const where = outgoing.connectOptions(url);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = {
      accept: 'application/json',
      'user-agent': 'Isotherm',
      ...(authorization !== null && { authorization }),
    };
    const sent = send(url, { agent: false, headers, ...where }, (answer) => {
      textOf(answer).then(
        (text) => {
          timer.cancel();
          const { 'content-type': type = '', location = null } = answer.headers;
          resolve({ status: answer.statusCode ?? 0, type, location, text });
        },
        (error: unknown) => fail(error),
      );
    });
    const fail = (error: unknown) => {
      timer.cancel();
      sent.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    // Of the whole answer: one that trickles is as late as one that never comes.
    const timer = time.after('verification question', TIMEOUT_MS, () => fail(new Error(TOO_SLOW)));
    sent.once('error', fail);
    sent.end();
  });
}

function textOf(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    answer.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > ANSWER_BYTES) {
        answer.destroy();
        reject(new Error(TOO_LONG));
      } else chunks.push(chunk);
    });
    answer.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    answer.once('error', reject);
  });
}

function unanswered(fault: string): Answered {
  return { responderGLN: null, data: null, fault: fault.replace(/\s+/g, ' ').trim() };
}
