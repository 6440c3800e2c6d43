import type { z } from 'zod';
import type { Permission } from '../../domain/index.ts';

/**
 * What one may ask of the server, declared once: the route, who may, what it takes and what it answers. The server
 * mounts it, checks with it and documents it; the page reads its answers by the same schemas.
 */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As Express writes it: `/alerts/:id`, under `base`. */
  readonly path: string;
  /** Default /api/v1. */
  readonly base?: string;
  readonly summary: string;
  /**
   * What one must be allowed (domain/permission.ts); `anyone` needs no session, `signed in` no more than that; `sender` is a
   * machine, by a token, the credentials of a device or its maker's signature: its own guard lets it in.
   */
  readonly permission: Permission | 'signed in' | 'anyone' | 'sender';
  /**
   * It answers who is bound to sites with what those sites see, and treats the rest as if it did not exist. Absent: only
   * who sees every site may ask.
   */
  readonly bySite?: true;
  /** The screen of a door may ask it of its own door: what `:id` names is a portal, or a pass. Absent: no screen may. */
  readonly byDoor?: 'portal' | 'pass';
  /** The token of a partner may ask it: what `:id` names is that partner. Absent: no token of a partner may. */
  readonly byPartner?: true;
  /**
   * An `Idempotency-Key` is honoured: the same request of the same asker is applied once, and answered the same again. What it
   * makes is marked with the key in the same transaction, what it tells the log before that (`KeyedAct`), so that it is made once
   * even where the process is killed before it has answered, and whoever asks again need not wait until that is certain.
   */
  readonly takesKey?: true;
  readonly query?: z.ZodType;
  /** `read`: the handler reads the query itself, the schema being its outline. */
  readonly queryAs?: 'checked' | 'read';
  readonly body?: z.ZodType;
  /**
   * How the body reaches the handler: `checked` against its schema (default); `read`, as text or JSON that the handler
   * checks, the schema being its outline; `bytes`, as it came.
   */
  readonly bodyAs?: 'checked' | 'read' | 'bytes';
  /** A question, though it is not a GET: nothing that lists show is another after it. */
  readonly onlyReads?: true;
  /** Most bytes of the body, unpacked; default {@link BODY_LIMIT}, of `anyone` {@link ANONYMOUS_BODY_LIMIT}. */
  readonly bodyLimit?: number;
  /** Media types of the body besides JSON: text to the handler. And of the answer. */
  readonly alsoTakes?: readonly string[];
  /** A machine sends what it will: no browser's cookie opens this door, so its forms need not be kept out. */
  readonly anyMedia?: boolean;
  readonly alsoGives?: readonly string[];
  /** By status; null has no body, or one that has no schema. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** Each line of the answer to who accepts `application/x-ndjson`. */
  readonly lines?: z.ZodType;
}

/** The operations of a subject, by what one does. */
export type Operations = Readonly<Record<string, Operation>>;

export const API_BASE = '/api/v1';
export const BODY_LIMIT = 1024 * 1024;
/** Of somebody who has not said who he is. */
export const ANONYMOUS_BODY_LIMIT = 16 * 1024;
/** Documents with some hundred thousand serials. */
export const DOCUMENT_LIMIT = 16 * 1024 * 1024;
