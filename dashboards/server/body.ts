import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Request, Response } from 'express';
import { networkOf, UnavailableError } from '../../domain/index.ts';
import { Refusal } from './problems.ts';

export interface BodyLimits {
  /** Most bytes, unpacked. */
  readonly limit: number;
  readonly budget: BodyBudget;
}

/**
 * Bounds the bytes of all bodies that are being read or worked on, whoever sends them: many large ones at once would
 * take the memory, and the time, that readings need.
 */
export class BodyBudget {
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #byAddress = new Map<string, number>();
  #taken = 0;

  /**
   * @param most bytes
   * @param mostPerAddress of them, of one address: one that sends much leaves room for the others
   */
  constructor(most: number, mostPerAddress = most) {
    this.#most = most;
    this.#mostPerAddress = mostPerAddress;
  }

  get taken(): number {
    return this.#taken;
  }

  /** @throws {UnavailableError} BODIES_IN_FLIGHT */
  take(bytes: number, address = ''): void {
    const ofAddress = (this.#byAddress.get(address) ?? 0) + bytes;
    if (this.#taken + bytes > this.#most || ofAddress > this.#mostPerAddress) {
      throw new UnavailableError('BODIES_IN_FLIGHT', 'too many large requests at once; send it again', {
        retryAfterSeconds: 5,
      });
    }
    this.#taken += bytes;
    this.#byAddress.set(address, ofAddress);
  }

  giveBack(bytes: number, address = ''): void {
    this.#taken -= bytes;
    const left = (this.#byAddress.get(address) ?? 0) - bytes;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}

/**
 * Reads a request's body, unpacked, of somebody who was let in. What it holds of the budget is given back when the
 * answer is sent or the connection ends.
 *
 * @throws {Refusal} 413 BODY_TOO_LARGE, 415 ENCODING_UNKNOWN, 400 REQUEST_MALFORMED
 * @throws {UnavailableError} BODIES_IN_FLIGHT
 */
export async function readBody(request: Request, response: Response, { limit, budget }: BodyLimits): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit) throw tooLarge(limit);
  let held = 0;
  const address = networkOf(request.ip ?? '');
  const hold = (bytes: number) => {
    budget.take(bytes, address);
    held += bytes;
  };
  response.once('close', () => budget.giveBack(held, address));
  hold(declared);
  // The client asks before it sends (RFC 9110, 10.1.1): now it may.
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const { stream, done } = unpacked(request);
  try {
    // The request must outlive a refusal: its connection carries the answer.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      if (size > held) hold(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refusal || error instanceof UnavailableError) throw error;
    throw new Refusal(400, 'REQUEST_MALFORMED', 'the body ended early, or is not packed as Content-Encoding says');
  } finally {
    done();
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, 'BODY_TOO_LARGE', `the body is too large; allowed: at most ${limit} bytes`, { limit });
}

const UNPACK: Readonly<Record<string, () => Transform>> = {
  identity: () => new PassThrough(),
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

function unpacked(request: IncomingMessage): { readonly stream: Readable; readonly done: () => void } {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  const unpack = UNPACK[encoding];
  if (unpack === undefined) {
    const allowed = 'gzip, deflate, br or none';
    throw new Refusal(415, 'ENCODING_UNKNOWN', `Content-Encoding: given "${encoding}", allowed: ${allowed}`);
  }
  const stream = unpack();
  const fail = () => stream.destroy(new Error('aborted'));
  request.once('aborted', fail).once('error', fail);
  request.pipe(stream);
  return {
    stream,
    done: () => {
      request.off('aborted', fail).off('error', fail);
      request.unpipe(stream);
      stream.destroy();
    },
  };
}

/**
 * A body as text; UTF-8 unless its media type names another charset.
 * @throws {Refusal} 415 CHARSET_UNKNOWN, 400 REQUEST_MALFORMED
 */
export function textOf(body: Buffer, contentType: string | undefined): string {
  const charset = /;\s*charset="?([^";\s]+)"?/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  const decoder = decoderOf(charset);
  try {
    return decoder.decode(body);
  } catch {
    throw new Refusal(400, 'REQUEST_MALFORMED', `the body is not ${decoder.encoding}`);
  }
}

function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    throw new Refusal(415, 'CHARSET_UNKNOWN', `Content-Type: charset "${charset}" is not known; allowed: utf-8`);
  }
}

/** @throws {Refusal} 400 REQUEST_MALFORMED */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal(400, 'REQUEST_MALFORMED', `the body is not JSON: ${cause instanceof Error ? cause.message : ''}`);
  }
}
