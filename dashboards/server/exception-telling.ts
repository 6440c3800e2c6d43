import { httpPost, RETRY_SCHEDULE, waitBeforeRetry } from '../../alerts/index.ts';
import type { AuditTrail, Logger, Outgoing, TimeSource } from '../../domain/index.ts';
import { ExceptionMessages, Exceptions, ExceptionTeller, Partners, Tellings } from '../../partners/index.ts';
import type { Database, InstallationKey } from '../../storage/index.ts';

export interface ExceptionTellingSources {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly key: InstallationKey;
  readonly logger: Logger;
  readonly outgoing: Outgoing;
  readonly time: TimeSource;
  /** Default: their own. */
  readonly partners?: Partners;
  readonly exceptions?: Exceptions;
}

export interface ExceptionTelling {
  readonly exceptions: Exceptions;
  readonly exceptionTeller: ExceptionTeller;
  readonly tellings: Tellings;
}

/** What tells partners of exceptions: at once where a person asks, and again by the clock where it could not be told. */
export function exceptionTelling(sources: ExceptionTellingSources): ExceptionTelling {
  const { outgoing, time } = sources;
  const partners = sources.partners ?? new Partners(sources);
  const exceptions = sources.exceptions ?? new Exceptions({ ...sources, partners });
  const tellings = new Tellings(sources);
  const exceptionTeller = new ExceptionTeller({
    ...{ ...sources, exceptions, tellings },
    messages: new ExceptionMessages({
      ...{ exceptions, partners, time },
      post: ({ signal, ...message }) => httpPost(message, { channel: 'partner', time, outgoing, signal }),
    }),
    // Spread, that receivers which come back are not met by everyone at once.
    waitBeforeRetry: (attempts, ageMs) => waitBeforeRetry(RETRY_SCHEDULE, attempts, ageMs, Math.random()),
  });
  return { exceptions, exceptionTeller, tellings };
}
