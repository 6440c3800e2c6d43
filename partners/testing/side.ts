// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { lookup } from 'node:dns';
import {
  BY_PLATFORM,
  type ManualTime,
  Outgoing,
  silentLogger,
  UnavailableError,
  USUAL_QUOTA,
} from '../../domain/index.ts';
import { type Database, InstallationKey, PostgresAuditTrail } from '../../storage/index.ts';
import { Partners } from '../companies/index.ts';
import {
  type ExceptionMessage,
  ExceptionMessages,
  Exceptions,
  ExceptionTeller,
  type PostMessage,
  Tellings,
} from '../exceptions/index.ts';

const KEY = InstallationKey.random();
/** As long as the platform tries (RETRY_SCHEDULE), without chance. */
const GIVE_UP_MS = 3 * 86_400_000;
export const RETRY_MS = 1_000;

/** What one company keeps of exceptions with one partner, called `other` by both. */
export class Side {
  readonly audit: PostgresAuditTrail;
  readonly exceptions: Exceptions;
  readonly tellings: Tellings;
  readonly partners: Partners;
  teller: ExceptionTeller;
  readonly #time: ManualTime;
  readonly #post: PostMessage;

  constructor({ database, time, post }: { database: Database; time: ManualTime; post: PostMessage }) {
    this.audit = new PostgresAuditTrail({ database });
    const common = { audit: this.audit, database, time };
    this.#time = time;
    this.#post = post;
    this.partners = new Partners({ ...common, key: KEY, outgoing: new Outgoing({ allow: ['127.0.0.1'], lookup }) });
    this.exceptions = new Exceptions({ ...common, partners: this.partners });
    this.tellings = new Tellings(common);
    this.teller = this.#newTeller();
  }

  async know(change: object = {}): Promise<void> {
    const agreed = { name: 'Other', address: null, glns: [], roles: [], publicKeys: [], sees: [], sends: ['answers'] };
    const endpoints = { webhook: 'http://127.0.0.1:9/hook' };
    const whole = {
      ...agreed,
      endpoints,
      formats: [],
      from: null,
      to: null,
      quota: USUAL_QUOTA,
      secrets: {},
      ...change,
    };
    await this.partners.put('other', whole as Parameters<Partners['put']>[1], BY_PLATFORM);
  }

  /** As a process that was killed comes up again: nothing but the database is left. */
  restart(): void {
    this.teller = this.#newTeller();
  }

  /** What the route does with a message of the partner's. */
  async hear({ data }: ExceptionMessage): Promise<string> {
    const { exception: reference, yours, entry, due, kind, title, shipment, epcs, lot } = data;
    const about = { kind, title, shipment, epcs, lot, partner: 'other', due: Date.parse(due) };
    const { number } = await this.exceptions.take(about, { reference, yours, entry }, BY_PLATFORM);
    return JSON.stringify({ exception: `E-${String(number).padStart(6, '0')}` });
  }

  #newTeller(): ExceptionTeller {
    const { exceptions, partners, tellings } = this;
    const messages = new ExceptionMessages({ exceptions, partners, post: this.#post, time: this.#time });
    const waitBeforeRetry = (_: number, ageMs: number) => (ageMs >= GIVE_UP_MS ? null : RETRY_MS);
    return new ExceptionTeller({
      ...{ exceptions, messages, tellings, waitBeforeRetry },
      ...{ logger: silentLogger, time: this.#time },
    });
  }
}

/** What the sender sees where nobody answers. */
export function noAnswer(): UnavailableError {
  return new UnavailableError('WEBHOOK_FAILED', 'no answer within 10 s');
}
