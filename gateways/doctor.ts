import {
  CONNECTION_ATTEMPT,
  type Message,
  type MessageOf,
  parameterOf,
  parametersOf,
  REQUEST_ALL,
} from '../codecs/llrp/index.ts';
import { IsothermError, type TimeSource, UnavailableError } from '../domain/index.ts';
import { type ReaderCapabilities, readCapabilities } from './capabilities.ts';
import { LlrpClient } from './client.ts';
import type { ReaderProfile } from './config.ts';
import { OutgoingLine } from './line.ts';
import { rehearseSetUp } from './setup.ts';

/** One thing looked at, in plain words. */
export interface Diagnosis {
  readonly reader: string;
  readonly verdict: 'good' | 'warning' | 'bad';
  /** What was found. */
  readonly found: string;
  /** What to do about it, where there is something. */
  readonly advice: string | null;
}

/** A reader clock this far off is worth a word: its times are corrected, but whoever reads its own log is misled. */
const CLOCK_WARNING_MS = 2000;

/**
 * Connects to a reader, looks at what it can do and how it is set, and says what is wrong with it or with its profile.
 * It tries what the gateway will do: the reader keeps the gateway's settings (keepalives, events), and the operation is taken
 * off again. It takes the reader's one connection while it looks.
 */
export async function* diagnoseReader(profile: ReaderProfile, time: TimeSource): AsyncGenerator<Diagnosis> {
  const report = reporter(profile.id);
  if (profile.host === undefined) {
    const advice = 'set it to call this gateway; `isotherm gateway` shows when it has';
    yield report(
      'warning',
      `the reader calls the gateway on port ${profile.listenPort}; nothing to connect to`,
      advice,
    );
    return;
  }
  const visit = new Visit(profile, time);
  try {
    yield* visit.connect();
    if (visit.isWelcome) yield* visit.examine();
  } catch (error) {
    if (!(error instanceof IsothermError)) throw error;
    yield report('bad', error.message, adviceFor(error.code));
  } finally {
    await visit.leave();
  }
}

class Visit {
  readonly #profile: ReaderProfile;
  readonly #time: TimeSource;
  readonly #report: Report;
  readonly #greeting = Promise.withResolvers<{ message: MessageOf<'READER_EVENT_NOTIFICATION'>; at: number }>();
  #client: LlrpClient | null = null;
  isWelcome = false;

  constructor(profile: ReaderProfile, time: TimeSource) {
    this.#profile = profile;
    this.#time = time;
    this.#report = reporter(profile.id);
    this.#greeting.promise.catch(() => undefined);
  }

  async *connect(): AsyncGenerator<Diagnosis> {
    const { keepaliveMs, answerMs } = this.#profile;
    const socket = await new OutgoingLine(this.#profile, this.#time).open(new AbortController().signal);
    yield this.#report('good', 'the network reaches the reader');
    const client = new LlrpClient({
      socket,
      time: this.#time,
      keepaliveMs,
      answerMs,
      events: {
        report: () => {},
        notification: (message) => this.#greeting.resolve({ message, at: this.#time.now() }),
        malformed: (error) => this.#greeting.reject(error),
        closed: (reason) => this.#greeting.reject(reason),
      },
    });
    this.#client = client;
    client.start();
    const timer = this.#time.after('gateway.doctor.greeting', answerMs, () => {
      client.close(unanswered(answerMs));
    });
    const { message, at } = await this.#greeting.promise.finally(() => timer.cancel());
    yield* this.#greeted(message, at);
  }

  async *examine(): AsyncGenerator<Diagnosis> {
    const client = this.#client;
    if (client === null) return;
    const answer = await client.must({ name: 'GET_READER_CAPABILITIES', RequestedData: REQUEST_ALL });
    const capabilities = readCapabilities(answer);
    yield* this.#abilities(capabilities);
    const all = { AntennaID: 0, RequestedData: REQUEST_ALL, GPIPortNum: 0, GPOPortNum: 0 };
    yield* this.#antennas(await client.must({ name: 'GET_READER_CONFIG', ...all }));
    const rospecs = parametersOf(await client.must({ name: 'GET_ROSPECS' }), 'ROSpec');
    if (rospecs.length === 0) yield this.#report('good', 'no operation is set up on it yet; the gateway sets one up');
    else {
      const ids = rospecs.map(({ ROSpecID }) => ROSpecID).join(', ');
      yield this.#report('good', `operations set up on it: ${ids}; the gateway removes those that are not its own`);
    }
    yield* this.#rehearsal(client, capabilities, rospecs.length > 0);
  }

  /** What the gateway will do, done now: a reader that answers every question may still refuse to be set up. */
  async *#rehearsal(
    client: LlrpClient,
    capabilities: ReaderCapabilities,
    isShared: boolean,
  ): AsyncGenerator<Diagnosis> {
    try {
      const refusal = await rehearseSetUp(client, this.#profile, capabilities);
      if (refusal !== null) {
        const advice = 'the gateway reads without them: no phase, no fine RSSI; impinj: off says so without asking';
        yield this.#report('warning', `Impinj extensions cannot be had: ${refusal.message}`, advice);
      }
      yield this.#report('good', 'it takes the gateway’s settings and operation');
    } catch (error) {
      if (!(error instanceof IsothermError) || error.code !== 'LLRP_REFUSED') throw error;
      const inTheWay = isShared ? ', or the operations on it leave no room: the gateway removes them first' : '';
      const advice = `the gateway will be refused in the same way${inTheWay}; mend its profile (power, mode, session, gpi, outputs, impinj)`;
      yield this.#report(isShared ? 'warning' : 'bad', error.message, advice);
    }
  }

  async leave(): Promise<void> {
    const { answerMs } = this.#profile;
    const client = this.#client;
    if (client === null || client.closedBecause !== null) return;
    await client.farewell();
    client.close(unanswered(answerMs));
  }

  *#greeted(message: MessageOf<'READER_EVENT_NOTIFICATION'>, at: number): Generator<Diagnosis> {
    const data = parameterOf(message, 'ReaderEventNotificationData') ?? {};
    const attempt = parameterOf(data, 'ConnectionAttemptEvent');
    if (attempt?.Status !== CONNECTION_ATTEMPT.success) {
      const advice = 'a reader serves one client: stop the other one (a gateway that runs, the maker’s own tool)';
      yield this.#report('bad', 'the reader refuses the connection, it already has one', advice);
      return;
    }
    this.isWelcome = true;
    yield this.#report('good', 'the reader accepts the connection');
    const utc = parameterOf(data, 'UTCTimestamp');
    if (utc === undefined) {
      yield this.#report(
        'warning',
        'the reader has no clock, only an uptime',
        'its times are mapped to the gateway’s clock',
      );
      return;
    }
    const skewMs = Number(utc.Microseconds / 1000n) - at;
    const text = `its clock is ${Math.abs(skewMs / 1000).toFixed(1)} s ${skewMs < 0 ? 'behind' : 'ahead'}`;
    if (Math.abs(skewMs) <= CLOCK_WARNING_MS) yield this.#report('good', text);
    else
      yield this.#report(
        'warning',
        text,
        'set up NTP on the reader; until then its times are corrected by the difference',
      );
  }

  *#abilities(capabilities: ReaderCapabilities): Generator<Diagnosis> {
    const { antennas, firmware, isImpinj, canHold, gpis, gpos, powers } = capabilities;
    const maker = isImpinj ? 'Impinj, ' : '';
    yield this.#report(
      'good',
      `${maker}firmware ${firmware || 'unnamed'}, ${antennas} antennas, ${gpis} inputs, ${gpos} outputs`,
    );
    if (canHold) yield this.#report('good', 'it keeps its reports while the connection is away');
    else
      yield this.#report(
        'warning',
        'it cannot keep reports while the connection is away',
        'an outage will be shown as a gap',
      );
    for (const { antenna } of this.#profile.antennas) {
      if (antenna > antennas)
        yield this.#report('bad', `antenna ${antenna} is configured, it has ${antennas}`, 'mend antennas');
    }
    const inputs = [...this.#profile.gpi.map(({ port }) => port), this.#profile.trigger?.port ?? 0];
    for (const port of new Set(inputs)) {
      if (port > gpis) yield this.#report('bad', `input ${port} is configured, it has ${gpis}`, 'mend gpi or trigger');
    }
    for (const [colour, port] of Object.entries(this.#profile.outputs)) {
      if (port !== undefined && port > gpos) {
        yield this.#report('bad', `output ${port} (${colour}) is configured, it has ${gpos}`, 'mend outputs');
      }
    }
    const [weakest, strongest] = [powers[0]?.dbm, powers.at(-1)?.dbm];
    if (weakest === undefined || strongest === undefined) return;
    for (const { antenna, powerDbm } of this.#profile.antennas) {
      const wanted = powerDbm ?? this.#profile.powerDbm;
      if (wanted >= weakest && wanted <= strongest) continue;
      const text = `antenna ${antenna} should send at ${wanted} dBm, the reader can do ${weakest} to ${strongest} dBm`;
      yield this.#report('warning', text, 'the nearest the reader can do is used');
    }
  }

  *#antennas(configuration: Message): Generator<Diagnosis> {
    const connected = new Map(
      parametersOf(configuration, 'AntennaProperties').map((one) => [one.AntennaID, one.AntennaConnected]),
    );
    for (const { antenna, portal } of this.#profile.antennas) {
      const where = portal === undefined ? '' : ` (${portal})`;
      if (connected.get(antenna) !== false) yield this.#report('good', `antenna ${antenna}${where} is connected`);
      else yield this.#report('bad', `antenna ${antenna}${where} is not connected`, 'check its cable');
    }
  }
}

function unanswered(ms: number): UnavailableError {
  return new UnavailableError(
    'LLRP_TIMEOUT',
    `the network reaches it, but nothing that speaks LLRP greets within ${ms} ms`,
  );
}

type Report = (verdict: Diagnosis['verdict'], found: string, advice?: string | null) => Diagnosis;

function reporter(reader: string): Report {
  return (verdict, found, advice) => ({ reader, verdict, found, advice: advice ?? null });
}

function adviceFor(code: string): string | null {
  if (code === 'READER_AWAY') return 'check address, port (5084, with TLS 5085), cable and firewall';
  if (code === 'LLRP_TIMEOUT') return 'check that LLRP is switched on and that the port is the right one';
  if (code === 'LLRP_HEADER_BAD')
    return 'something else answers on this port; with TLS switched on use port 5085 and tls';
  return null;
}
