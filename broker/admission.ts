import type { AuthenticateError, Client, ConnectPacket } from 'aedes';
import { DEVICE_ID, type Logger, networkOf, storableText } from '../domain/index.ts';
import { certifiedNames } from './certificate-names.ts';
import type { LogThrottle } from './log-throttle.ts';
import type { Authenticate, Certified, Principal } from './message.ts';
import type { BrokerMetrics } from './metrics.ts';
import { mayBeWill } from './rights.ts';
import { addressOf } from './strangers.ts';
import { Acknowledgements } from './unacknowledged.ts';

/** CONNACK return codes, MQTT 3.1.1, 3.2.2.3. */
const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;

/** Characters of a stranger's names in a log line. */
const SHOWN = 128;

/** A connection that has signed in. */
export interface Session {
  readonly principal: Principal;
  /** One of its messages was refused: it is about to be disconnected, and nothing more of it is taken. */
  isFailing: boolean;
  /** Payload bytes handed on and not yet settled. */
  inFlightBytes: number;
  /** Nothing of this client was taken since the process began. */
  readonly isFirstSinceStart: boolean;
  readonly acknowledgements: Acknowledgements;
}

export interface AdmissionOptions {
  readonly authenticate: Authenticate;
  readonly certified: Certified;
  readonly logger: Logger;
  readonly metrics: BrokerMetrics;
  readonly logThrottle: LogThrottle;
  /** An acknowledgement to this client has left. */
  readonly acknowledged: (clientId: string, packetId: number) => void;
}

class Refusal extends Error {
  readonly reason: string;
  readonly returnCode: number;

  constructor(reason: string, returnCode: number, cause?: unknown) {
    super(`connection refused: ${reason}`, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.returnCode = returnCode;
  }
}

/**
 * Who may connect: client id = user name = the id the credentials were given to, and a will only where it may publish. A
 * certificate of a trusted authority stands for the password of the id that it names, and for no other id's.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #sessions = new WeakMap<Client, Session>();
  readonly #wills = new WeakMap<Client, string>();
  /** Who has signed in since the process began: as many as there are credentials. */
  readonly #known = new Set<string>();
  /** By id, from sign-in to the end of the connection. */
  readonly #clients = new Map<string, Set<Client>>();
  /** Counts `disconnect`: what was verified before one is verified again. */
  #disconnects = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** undefined before the client has signed in. */
  sessionOf(client: Client): Session | undefined {
    return this.#sessions.get(client);
  }

  /** Ends what has signed in as `id`, or is just doing so: its credentials have changed. */
  disconnect(id: string): void {
    this.#disconnects++;
    for (const client of this.#clients.get(id) ?? []) client.conn.destroy();
  }

  preConnect(client: Client, packet: ConnectPacket, done: (error: Error | null, isAllowed: boolean) => void): void {
    if (packet.will !== undefined) this.#wills.set(client, packet.will.topic);
    done(null, true);
  }

  authenticate(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
    done: (error: AuthenticateError | null, isAllowed: boolean | null) => void,
  ): void {
    const { metrics, logThrottle, logger } = this.#options;
    this.#admit(client, username, password).then(
      (session) => {
        this.#sessions.set(client, session);
        this.#keep(client);
        done(null, true);
      },
      (error: unknown) => {
        const refusal = error instanceof Refusal ? error : new Refusal('unavailable', SERVER_UNAVAILABLE, error);
        const { reason } = refusal;
        metrics.refusedConnections.add(1, { reason });
        const address = networkOf(addressOf(client.conn, client.req));
        if (logThrottle.allows(`connect ${client.id}`, `connect ${address}`)) {
          // Whoever is refused chooses these names, and their length.
          const names = { client: storableText(client.id, SHOWN), username: username && storableText(username, SHOWN) };
          logger.warn({ ...names, address, reason, err: refusal.cause }, 'MQTT connection refused');
        }
        done(refusal, null);
      },
    );
  }

  #keep(client: Client): void {
    const { id } = client;
    if (client.conn.destroyed) return;
    this.#clients.set(id, (this.#clients.get(id) ?? new Set()).add(client));
    client.conn.once('close', () => {
      const clients = this.#clients.get(id);
      clients?.delete(client);
      if (clients?.size === 0) this.#clients.delete(id);
    });
  }

  async #authenticated(prove: () => Promise<Principal | null>): Promise<Principal | null> {
    for (;;) {
      const disconnects = this.#disconnects;
      const principal = await prove();
      if (principal === null || disconnects === this.#disconnects) return principal;
    }
  }

  async #admit(client: Client, username: string | undefined, password: Buffer | undefined): Promise<Session> {
    const { id } = client;
    if (!DEVICE_ID.test(id)) throw new Refusal('identity', IDENTIFIER_REJECTED);
    const names = certifiedNames(client.conn);
    if (names !== null && !names.includes(id)) throw new Refusal('certificate', IDENTIFIER_REJECTED);
    if (username !== undefined && username !== id) throw new Refusal('identity', IDENTIFIER_REJECTED);
    const { authenticate, certified } = this.#options;
    const prove = () => {
      if (names !== null) return certified(id);
      if (username === undefined || password === undefined) throw new Refusal('credentials', BAD_CREDENTIALS);
      return authenticate(id, username, password.toString('utf8'));
    };
    const principal = await this.#authenticated(prove);
    if (principal === null) throw new Refusal('credentials', BAD_CREDENTIALS);
    if (principal.id !== id) throw new Refusal('identity', IDENTIFIER_REJECTED);
    const will = this.#wills.get(client);
    if (will !== undefined && !mayBeWill(principal, will)) {
      throw new Refusal('will', NOT_AUTHORIZED);
    }
    const isFirstSinceStart = !this.#known.has(id);
    this.#known.add(id);
    const acknowledgements = new Acknowledgements(client.conn, (packetId) => this.#options.acknowledged(id, packetId));
    return { principal, isFailing: false, inFlightBytes: 0, isFirstSinceStart, acknowledgements };
  }
}
