import { createHmac, randomInt } from 'node:crypto';
import { ConflictError, InputError, type TimeSource } from '../../domain/index.ts';
import { type Database, type InstallationKey, timestamp } from '../../storage/index.ts';
import type { AlertService } from '../alert-service.ts';

/** Whom a PIN is sent to, and what it acknowledges. */
export interface PinGrant {
  readonly alert: string;
  /** How often the alert had been opened again. */
  readonly reopened: number;
  readonly person: string;
  /** As the routing has it. */
  readonly number: string;
}

/** A message that came from a phone. */
export interface PhoneAnswer {
  readonly number: string;
  readonly text: string;
  /** Network address of the provider that brought it. */
  readonly address: string | null;
}

/** Alerts that were told together (docs/routing.md, "Groups"). */
export interface GroupPinGrant {
  readonly group: string;
  readonly person: string;
  readonly number: string;
}

export interface AcknowledgePinsOptions {
  readonly database: Database;
  readonly key: InstallationKey;
  readonly time: TimeSource;
}

interface Found {
  readonly alert: string;
  readonly reopened: number;
  readonly person: string;
  /** Epoch ms UTC. */
  readonly madeAt: number;
}

/** A shift; who finds the phone later finds a PIN that is void. */
export const PIN_LASTS_MS = 12 * 3_600_000;
/** A message is tried again with another PIN: the provider may have sent the one it said it had not. */
const LATEST_OF_ALERT = 3;
const WINDOW_MS = 3_600_000;
/** What one answer acknowledges of a group, at most: a provider waits for it. */
const MOST_OF_GROUP = 1_000;
const GROUP = 'group:';
/** Wrong ones in an hour, of one number and of all that were sent a PIN. Of a million that is next to nothing. */
const WRONG_OF_NUMBER = 5;
const WRONG_OF_ALL = 50;

/**
 * PINs that acknowledge an alert by an answer from the very phone they were sent to. A PIN stands nowhere but in its
 * message. What is said of an answer is the same whether it was right, wrong or of nobody.
 */
export class AcknowledgePins {
  readonly #options: AcknowledgePinsOptions;
  readonly #secret: Buffer;

  constructor(options: AcknowledgePinsOptions) {
    this.#options = options;
    this.#secret = options.key.derived('acknowledge PIN', 32);
  }

  /** @returns six digits, once */
  async make({ alert, reopened, person, number: given }: PinGrant): Promise<string> {
    const { database, time } = this.#options;
    const [number, now] = [plainNumber(given), time.now()];
    return database.transaction(async (client) => {
      await client.query('DELETE FROM alert_pins WHERE expires_at <= $1', [timestamp(now)]);
      await client.query(
        `DELETE FROM alert_pins WHERE digest IN
           (SELECT digest FROM alert_pins WHERE number = $1 AND alert = $2 ORDER BY made_at DESC OFFSET $3)`,
        [number, alert, LATEST_OF_ALERT - 1],
      );
      for (;;) {
        const pin = String(randomInt(1_000_000)).padStart(6, '0');
        const { rowCount } = await client.query(
          `INSERT INTO alert_pins (digest, number, alert, reopened, person, made_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
          [
            ...[this.#digest(number, pin), number, alert, reopened, person],
            ...[timestamp(now), timestamp(now + PIN_LASTS_MS)],
          ],
        );
        if (rowCount === 1) return pin;
      }
    });
  }

  /** Of a group it stands for the alerts of which somebody was told by now, while none of them is opened again. */
  async makeForGroup({ group, person, number }: GroupPinGrant): Promise<string> {
    const members = await this.#members(group, this.#options.time.now());
    return this.make({ alert: `${GROUP}${group}`, reopened: openingsOf(members), person, number });
  }

  /** Acknowledges what the PIN in an answer stands for, as whom it was sent to; else does nothing. */
  async answered(answer: PhoneAnswer, alerts: Pick<AlertService, 'find' | 'acknowledge'>): Promise<void> {
    const number = plainNumber(answer.number);
    const pin = /(?<!\d)\d{6}(?!\d)/.exec(answer.text)?.[0];
    if (pin === undefined || number === '') return;
    const found = await this.#found(number, pin);
    if (found === null) return;
    // What stands beside the PIN is what is done about it, where the place asks for that.
    const comment = answer.text.replace(pin, '').trim().slice(0, 1_000);
    const who = {
      actor: { id: `sms:+${number}`, name: found.person, kind: 'credential' },
      origin: { via: 'http', address: answer.address },
    } as const;
    let isUsedUp = true;
    for (const id of await this.#meant(found, alerts)) {
      try {
        await alerts.acknowledge(id, who, { ...(comment !== '' && { comment }) });
      } catch (error) {
        // Not used up: it may be sent again with what is asked for.
        if (error instanceof InputError && error.code === 'COMMENT_REQUIRED') isUsedUp = false;
        // Somebody was first.
        else if (!(error instanceof ConflictError)) throw error;
      }
    }
    if (!isUsedUp) return;
    await this.#options.database.query('DELETE FROM alert_pins WHERE digest = $1', [this.#digest(number, pin)]);
  }

  /** The open alerts that a PIN stands for; what was opened again since is another matter. */
  async #meant(found: Found, alerts: Pick<AlertService, 'find'>): Promise<readonly string[]> {
    if (!found.alert.startsWith(GROUP)) {
      const alert = await alerts.find(found.alert);
      return alert?.state === 'open' && alert.reopened === found.reopened ? [found.alert] : [];
    }
    const members = await this.#members(found.alert.slice(GROUP.length), found.madeAt);
    if (openingsOf(members) !== found.reopened) return [];
    return members.flatMap(({ id, state }) => (state === 'open' ? [id] : [])).slice(0, MOST_OF_GROUP);
  }

  /** Of which somebody was told by then. */
  async #members(group: string, by: number): Promise<readonly Member[]> {
    const { rows } = await this.#options.database.query<Member>(
      `SELECT a.id, a.state, a.reopened FROM alert_group_members m JOIN alerts a ON a.number = m.alert
       WHERE m.grp = $1 AND m.told_at <= $2 ORDER BY a.number`,
      [group, timestamp(by)],
    );
    return rows;
  }

  /** One try at a time, so that many at once are no way around the bounds. */
  async #found(number: string, pin: string): Promise<Found | null> {
    const { database, time } = this.#options;
    const now = time.now();
    const [at, since] = [timestamp(now), timestamp(now - WINDOW_MS)];
    return database.transaction(async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm pins'))");
      const { rows: known } = await client.query(
        'SELECT FROM alert_pins WHERE number = $1 AND expires_at > $2 LIMIT 1',
        [number, at],
      );
      // Who was sent none guesses none, and takes up nobody's tries.
      if (known.length === 0) return null;
      await client.query('DELETE FROM alert_pin_tries WHERE tried_at <= $1', [since]);
      const { rows: own } = await client.query('SELECT FROM alert_pin_tries WHERE number = $1 LIMIT $2', [
        ...[number, WRONG_OF_NUMBER],
      ]);
      const { rows: all } = await client.query('SELECT FROM alert_pin_tries WHERE tried_at > $1 LIMIT $2', [
        ...[since, WRONG_OF_ALL],
      ]);
      if (own.length >= WRONG_OF_NUMBER || all.length >= WRONG_OF_ALL) return null;
      const { rows } = await client.query<Found>(
        'SELECT alert, reopened, person, made_at AS "madeAt" FROM alert_pins WHERE digest = $1 AND expires_at > $2',
        [this.#digest(number, pin), at],
      );
      const [found] = rows;
      if (found !== undefined) return found;
      await client.query('INSERT INTO alert_pin_tries (number, tried_at) VALUES ($1, $2)', [number, at]);
      return null;
    });
  }

  #digest(number: string, pin: string): Buffer {
    return createHmac('sha256', this.#secret).update(`${number} ${pin}`).digest();
  }
}

interface Member {
  readonly id: string;
  readonly state: string;
  readonly reopened: number;
}

function openingsOf(members: readonly Member[]): number {
  return members.reduce((sum, { reopened }) => sum + reopened, 0);
}

/** In international form, digits alone: providers write it with +, with 00, or bare. */
function plainNumber(given: string): string {
  return given.replace(/\D/g, '').replace(/^00/, '');
}
