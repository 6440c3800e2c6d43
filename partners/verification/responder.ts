import { UnavailableError } from '../../domain/index.ts';
import type { NewAnswered, VerificationAsker } from './answered.ts';
import type { VerificationMessage, VerificationMessageRequest } from './message.ts';
import type { PackStates } from './pack-state.ts';
import { verdictOf } from './verdict.ts';

export interface ResponderOptions {
  readonly packs: PackStates;
  /** GLN of this installation's organisation; null: nobody has set it. */
  readonly gln: () => Promise<string | null>;
  /** Keeps what was told, in one transaction. */
  readonly keep: (answered: readonly NewAnswered[]) => Promise<void>;
  readonly now: () => number;
}

interface Waiting {
  readonly request: VerificationMessageRequest;
  readonly asker: VerificationAsker;
  readonly resolve: (told: Told) => void;
  readonly reject: (error: unknown) => void;
}

/** The message; null: the product is none of ours. */
export type Told = VerificationMessage | null;

/** Looked up and kept at once. */
const MOST_AT_ONCE = 200;
/** Of them more wait than are answered within any requester's patience. */
const MOST_WAITING = 5_000;

/**
 * Answers requests of other companies. What is told is kept before it is told. Requests that come while others are looked
 * up are taken together next: one look and one commit for all of them.
 */
export class VerificationResponder {
  readonly #options: ResponderOptions;
  #waiting: Waiting[] = [];
  #isWorking = false;

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /** @throws {UnavailableError} VERIFICATION_GLN_MISSING, VERIFICATIONS_TOO_MANY */
  answer(request: VerificationMessageRequest, asker: VerificationAsker): Promise<Told> {
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.reject(
        new UnavailableError('VERIFICATIONS_TOO_MANY', 'too many requests wait for their answer; ask again later'),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, asker, resolve, reject });
      if (!this.#isWorking) void this.#work();
    });
  }

  /** Whether a product is ours; the GLN that answers. @throws {UnavailableError} VERIFICATION_GLN_MISSING */
  async responderOf(gtin: string): Promise<string | null> {
    const gln = await this.#gln();
    const asked = { gtin, serial: '0', lot: '0', expiry: '2000-01-01' };
    const [state] = await this.#options.packs([asked], this.#options.now());
    return state?.isProductKnown === true ? gln : null;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST_AT_ONCE);
      try {
        await this.#tell(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isWorking = false;
  }

  async #tell(batch: readonly Waiting[]): Promise<void> {
    const { packs, keep, now } = this.#options;
    const at = now();
    const responderGLN = await this.#gln();
    const states = await packs(
      batch.map(({ request }) => request.pack),
      at,
    );
    const verificationTimestamp = new Date(at).toISOString();
    const told = batch.map(({ request, asker }, n) => {
      const state = states[n] ?? { known: null, isProductKnown: false, findings: [] };
      const { pack, requester, corrUUID, version } = request;
      const data = state.isProductKnown ? verdictOf(pack, state, version) : null;
      const findings = state.findings.map(({ finding, reason }) => ({ finding, reason }));
      return {
        message: data === null ? null : { responderGLN, corrUUID, verificationTimestamp, data },
        kept: { at, asker, requester, corrUUID, version, pack, status: data === null ? 404 : 200, data, findings },
      };
    });
    await keep(told.map(({ kept }) => kept));
    for (const [n, { resolve }] of batch.entries()) resolve(told[n]?.message ?? null);
  }

  async #gln(): Promise<string> {
    const gln = await this.#options.gln();
    if (gln !== null) return gln;
    throw new UnavailableError(
      'VERIFICATION_GLN_MISSING',
      'the organisation has no GLN to answer with; set it under Administration, Organisation',
    );
  }
}
