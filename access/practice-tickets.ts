import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { InputError, PRACTICE_ROLES, type TimeSource } from '../domain/index.ts';

/** Who comes in to practise, and as what. */
export interface Practising {
  readonly name: string;
  readonly role: (typeof PRACTICE_ROLES)[number];
}

/** The browser goes there at once. */
const HOLDS_MS = 60_000;
const KEY_BYTES = 32;

const ticketBody = z.object({
  name: z.string().min(1),
  role: z.enum(PRACTICE_ROLES),
  until: z.number(),
  once: z.string().min(1),
});

/**
 * The word of the real site, to the practice site beside it, that somebody is signed in there. Both hold one key, which is made
 * when the practice site is started and kept nowhere. A ticket holds a minute and opens once.
 */
export class PracticeTickets {
  readonly #key: Buffer;
  readonly #time: TimeSource;
  /** Until when each was good that was used. */
  readonly #used = new Map<string, number>();

  constructor({ key, time }: { key: Buffer; time: TimeSource }) {
    this.#key = key;
    this.#time = time;
  }

  static newKey(): Buffer {
    return randomBytes(KEY_BYTES);
  }

  issue({ name, role }: Practising): string {
    const body = { name, role, until: this.#time.now() + HOLDS_MS, once: randomBytes(12).toString('base64url') };
    const text = Buffer.from(JSON.stringify(body)).toString('base64url');
    return `${text}.${this.#sign(text).toString('base64url')}`;
  }

  /** @throws {InputError} PRACTICE_TICKET_BAD */
  redeem(ticket: string): Practising {
    const [text = '', mark = ''] = ticket.split('.');
    const given = Buffer.from(mark, 'base64url');
    const right = this.#sign(text);
    if (given.length !== right.length || !timingSafeEqual(given, right)) throw bad();
    const body = ticketBody.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    const now = this.#time.now();
    for (const [once, until] of this.#used) if (until < now) this.#used.delete(once);
    if (!body.success || body.data.until < now || this.#used.has(body.data.once)) throw bad();
    this.#used.set(body.data.once, body.data.until);
    return { name: body.data.name, role: body.data.role };
  }

  #sign(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

function bad(): InputError {
  const message = 'ticket: it was used, has ended or is not of this practice site; come in from the real site again';
  return new InputError('PRACTICE_TICKET_BAD', message);
}
