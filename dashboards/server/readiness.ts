import type { ConsumerLag, Trouble } from '../../domain/index.ts';

/** Whether the process can do its work. */
export interface Readiness {
  /** Everything has been started, and the database answers. */
  readonly ready: boolean;
  readonly database: boolean;
  readonly lag: readonly ConsumerLag[];
  /** Records that a consumer could not take and that wait in `log_dead` for a person; null where nobody can say. */
  readonly dead: number | null;
  /** What fails and is tried again just now: a consumer, or `append`. */
  readonly troubles: readonly Trouble[];
}
