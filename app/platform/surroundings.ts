import type { Logger, Meter, Outgoing, TimeSource, Troubles } from '../../domain/index.ts';
import type { Config } from '../config/index.ts';
import type { Part } from '../processes.ts';
import type { Lifetime } from './lifetime.ts';

/** What every part of the platform is handed. */
export interface Surroundings {
  readonly config: Config;
  /** What runs in this process. */
  readonly parts: ReadonlySet<Part>;
  readonly lifetime: Lifetime;
  readonly time: TimeSource;
  readonly meter: Meter;
  readonly logger: Logger;
  /** What fails and is tried again in this process, for `/readyz`. */
  readonly troubles: Troubles;
  /** Judges addresses that were entered on the page or by the API before anything is sent there. */
  readonly outgoing: Outgoing;
  /** One short line a step, for a person who waits. */
  readonly onProgress: (text: string) => void;
}

/** The same, with the room's name on every log line. */
export function tools({ time, meter, logger }: Surroundings, room: string) {
  return { time, meter, logger: logger.child({ room }) };
}
