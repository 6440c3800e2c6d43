import type { SessionClaim, Sessions } from '../../broker/index.ts';
import type { Owned, TimeSource } from '../../domain/index.ts';
import { type Database, PostgresOwnership, timestamp } from '../../storage/index.ts';

/** Processes side by side at one broker, at most. */
const MOST = 64;

export interface MqttSessionsOptions {
  readonly database: Database;
  readonly time: TimeSource;
  /** Host and port of the broker: sessions at another are not these. */
  readonly broker: string;
}

/**
 * Sessions at a broker of others, named `isotherm-1`, `isotherm-2`, ...: a process takes the first that is nobody's, so that
 * what came for one that was killed comes to the one that is started in its place.
 */
export class MqttSessions implements Sessions {
  readonly #options: MqttSessionsOptions;
  readonly #ownership: PostgresOwnership;

  constructor(options: MqttSessionsOptions) {
    this.#options = options;
    this.#ownership = new PostgresOwnership(options);
  }

  async claim(signal: AbortSignal): Promise<SessionClaim> {
    for (;;) {
      for (let n = 1; n <= MOST; n++) {
        signal.throwIfAborted();
        const name = `isotherm-${n}`;
        const owned = await this.#ownership.ownNow(ownedAs(name));
        if (owned === null) continue;
        const { database, broker, time } = this.#options;
        await database.query(
          `INSERT INTO mqtt_sessions (name, broker, opened_at) VALUES ($1, $2, $3)
           ON CONFLICT (name) DO UPDATE SET broker = $2, opened_at = $3`,
          [name, broker, timestamp(time.now())],
        );
        return this.#claimed(name, owned);
      }
      await this.#options.time.sleep('mqtt session', 1_000, signal);
    }
  }

  async claimLeft(): Promise<SessionClaim | null> {
    const { database, broker } = this.#options;
    const { rows } = await database.query<{ name: string }>(
      `SELECT name FROM mqtt_sessions WHERE broker = $1 ORDER BY name LIMIT ${MOST}`,
      [broker],
    );
    for (const { name } of rows) {
      const owned = await this.#ownership.ownNow(ownedAs(name));
      if (owned !== null) return this.#claimed(name, owned);
    }
    return null;
  }

  #claimed(name: string, owned: Owned): SessionClaim {
    const { database } = this.#options;
    return {
      ...{ name, lost: owned.lost, release: () => owned.release() },
      forget: async () => {
        await database.query('DELETE FROM mqtt_sessions WHERE name = $1', [name]);
      },
    };
  }
}

function ownedAs(name: string): string {
  return `mqtt session ${name}`;
}
