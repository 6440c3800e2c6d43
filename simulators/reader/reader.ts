import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import {
  CONNECTION_ATTEMPT,
  IMPINJ,
  IMPINJ_MESSAGE,
  type Message,
  type Parameter,
  parameterOf,
  REPORT_TRIGGER,
  ROSPEC_EVENT,
  STATUS,
} from '../../codecs/llrp/index.ts';
import { InputError, type Timer, type TimeSource } from '../../domain/index.ts';
import { SimulatedAccess } from './access.ts';
import { capabilities, MOST_ROSPECS, ReaderConfiguration, type ReaderModel, status } from './configuration.ts';
import { ReaderConnection } from './connection.ts';
import { type Misbehaviour, WELL_BEHAVED } from './misbehaviour.ts';
import { type RadioRead, ReportBuffer, tagReport } from './report-buffer.ts';
import { type RospecState, SimulatedRospec } from './rospec.ts';

export interface SimulatedReaderOptions {
  readonly time: TimeSource;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one, then to be had from `port`. */
  readonly port?: number;
  readonly antennas?: number;
  readonly gpis?: number;
  readonly gpos?: number;
  /** false: only an uptime, as readers without a clock have. */
  readonly hasUtcClock?: boolean;
  /** false: holding events and reports over an outage is not supported. */
  readonly canHold?: boolean;
  /** Impinj extensions: phase and fine RSSI in reports, LinkMonitor. */
  readonly isImpinj?: boolean;
  /** AccessSpecs it takes, to read TIDs by; default 0: none. */
  readonly accessSpecs?: number;
  /** Highest LLRP version: 1 = 1.0.1 (answers GET_SUPPORTED_VERSION with ERROR_MESSAGE), 2 = 1.1. */
  readonly version?: 1 | 2;
  /** The reader's clock minus the true time. */
  readonly clockOffsetMs?: number;
  /** Tag reports it can hold while nobody fetches them; default 10,000. */
  readonly bufferTags?: number;
  /** Events it can hold; default 1,000. */
  readonly bufferEvents?: number;
}

/** Events a reader keeps while it holds them. */
const HELD_EVENTS = 1000;

/** A tag in front of an antenna. */
export interface SimulatedSighting {
  /** 1-based. */
  readonly antenna: number;
  readonly epcHex: string;
  /** Default: all of `epcHex`. */
  readonly epcBits?: number;
  /** True time of the first read, epoch ms UTC; default now. */
  readonly at?: number;
  /** True time of the last read; default `at`. */
  readonly until?: number;
  /** Default -55; null: the reader does not say. */
  readonly rssiDbm?: number | null;
  /** Reads it stands for; default 1. */
  readonly count?: number;
  /** Full turns; only Impinj readers report it. */
  readonly phaseTurns?: number;
  /** TID memory, hex; told where a client has it read. */
  readonly tidHex?: string;
}

/**
 * An LLRP reader of its own on a real TCP port, for the demo, for tests and for trying a gateway without hardware.
 * It keeps to the standard's reader side (LLRP 1.0.1, clauses 6 to 13): one client at a time, ROSpecs with their state
 * machine, events as enabled, keepalives, reports held over an outage. `misbehave` makes it do what real ones do too.
 */
export class SimulatedReader {
  readonly #options: SimulatedReaderOptions;
  readonly #time: TimeSource;
  readonly #model: ReaderModel;
  readonly #server: Server;
  readonly #buffer: ReportBuffer;
  #configuration: ReaderConfiguration;
  #rospecs = new Map<number, SimulatedRospec>();
  readonly #access: SimulatedAccess;
  #misbehaviour: Misbehaviour = WELL_BEHAVED;
  #connection: ReaderConnection | null = null;
  #refused = new Set<Socket>();
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #port = 0;
  #bootedAt: number;
  #clockOffsetMs: number;
  #isImpinjEnabled = false;
  #isReleased = false;
  #heldEvents: Message[] = [];
  #awaited: (() => void)[] = [];
  #lostTags = 0;
  #isOverflowing = false;
  #hasWarned = false;
  #keepalive: Timer | null = null;
  #unacknowledged = 0;

  constructor(options: SimulatedReaderOptions) {
    this.#options = options;
    this.#time = options.time;
    this.#model = {
      antennas: options.antennas ?? 4,
      gpis: options.gpis ?? 4,
      gpos: options.gpos ?? 4,
      hasUtcClock: options.hasUtcClock ?? true,
      canHold: options.canHold ?? true,
      isImpinj: options.isImpinj ?? false,
      accessSpecs: options.accessSpecs ?? 0,
    };
    this.#access = new SimulatedAccess(this.#model.accessSpecs);
    this.#configuration = new ReaderConfiguration(this.#model);
    this.#buffer = new ReportBuffer(options.bufferTags ?? 10_000);
    this.#bootedAt = options.time.now();
    this.#clockOffsetMs = options.clockOffsetMs ?? 0;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async start(): Promise<void> {
    if (this.#state !== 'idle') throw new InputError('READER_STARTED', 'a simulated reader is started once');
    this.#state = 'running';
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port ?? 0, this.#options.host ?? '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    this.#port = isAddress(address) ? address.port : 0;
  }

  async stop(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'stopped';
    this.#keepalive?.cancel();
    for (const rospec of this.#rospecs.values()) rospec.disable();
    this.#connection?.destroy();
    for (const socket of this.#refused) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** The TCP port it listens on. */
  get port(): number {
    return this.#port;
  }

  get isConnected(): boolean {
    return this.#connection !== null;
  }

  /** Output by port: what the stack light shows. */
  get gpo(): ReadonlyMap<number, boolean> {
    return this.#configuration.gpo;
  }

  /** State of each ROSpec by id. */
  get rospecs(): ReadonlyMap<number, RospecState> {
    return new Map([...this.#rospecs.values()].map((rospec) => [rospec.id, rospec.state]));
  }

  /** Tag reports lost for want of room. */
  get lostTags(): number {
    return this.#lostTags;
  }

  /** Tag reports waiting for a client. */
  get waitingTags(): number {
    return this.#buffer.size;
  }

  /** Whether an active ROSpec listens at the antenna: only then is a tag there seen at all. */
  listensAt(antenna: number): boolean {
    return this.#listening(antenna) !== undefined;
  }

  /** Resolves when a client has set the reader reading, at once where one has. */
  listening(): Promise<void> {
    if ([...this.#rospecs.values()].some(({ state }) => state === 'active')) return Promise.resolve();
    return new Promise((resolve) => this.#awaited.push(resolve));
  }

  /** A tag is in the field. @returns whether the reader has seen it */
  see(sighting: SimulatedSighting): boolean {
    const epcBits = sighting.epcBits ?? sighting.epcHex.length * 4;
    const rospec = this.#hearing(sighting.antenna, sighting.epcHex, epcBits);
    if (rospec === undefined || this.#state !== 'running') return false;
    const at = sighting.at ?? this.#time.now();
    const read: RadioRead = {
      antenna: sighting.antenna,
      epcHex: sighting.epcHex,
      epcBits,
      firstMicroseconds: this.#readerMicroseconds(at),
      lastMicroseconds: this.#readerMicroseconds(sighting.until ?? at),
      rssiDbm: sighting.rssiDbm === undefined ? -55 : sighting.rssiDbm,
      count: sighting.count ?? 1,
      phaseTurns: sighting.phaseTurns ?? null,
      tidHex: sighting.tidHex ?? null,
      access: this.#access.on(rospec.id, sighting.tidHex ?? null),
      rospec: rospec.id,
      specIndex: rospec.specIndex,
      inventoryParameterSpecId: rospec.inventoryParameterSpecId,
    };
    const style = { hasUtcClock: this.#model.hasUtcClock, isImpinj: this.#isImpinjEnabled };
    if (!this.#buffer.add(tagReport(read, rospec.report, style))) this.#overflow();
    else if (!this.#hasWarned && this.#buffer.percentFull >= 80) this.#warn();
    const { ROReportTrigger, N } = rospec.report ?? { ROReportTrigger: REPORT_TRIGGER.none, N: 0 };
    if (ROReportTrigger !== REPORT_TRIGGER.none && N > 0 && this.#buffer.size >= N) this.#sendReports();
    rospec.saw(sighting.epcHex);
    return true;
  }

  /** An input changes, at true time `at` (default now): events and triggers follow. */
  gpi(port: number, isHigh: boolean, at: number = this.#time.now()): void {
    if (this.#configuration.gpi.get(port) === isHigh) return;
    this.#configuration.gpi.set(port, isHigh);
    if (!this.#configuration.isGpiEnabled(port)) return;
    if (this.#configuration.notifies('gpi')) {
      this.#event({ name: 'GPIEvent', GPIPortNumber: port, GPIEvent: isHigh }, at);
    }
    for (const rospec of this.#rospecs.values()) rospec.gpi(port, isHigh);
  }

  /** An antenna's cable comes off or on. */
  antenna(antenna: number, isConnected: boolean): void {
    if (!this.#configuration.notifies('antenna')) return;
    this.#event({ name: 'AntennaEvent', EventType: isConnected ? 1 : 0, AntennaID: antenna });
  }

  /** Something inside the reader went wrong. */
  exception(message: string): void {
    if (this.#configuration.notifies('readerException'))
      this.#event({ name: 'ReaderExceptionEvent', Message: message });
  }

  misbehave(changes: Partial<Misbehaviour>): void {
    this.#misbehaviour = { ...this.#misbehaviour, ...changes };
  }

  /** Sets the reader's clock to the true time plus this. */
  setClock(offsetMs: number): void {
    this.#clockOffsetMs = offsetMs;
  }

  /** Sends bytes that are no LLRP. */
  sendGarbage(bytes: Uint8Array): void {
    this.#connection?.sendBytes(bytes);
  }

  /** The connection breaks without a word; ROSpecs go on and reports are kept. */
  dropConnection(): void {
    this.#connection?.destroy();
  }

  /** Power cycle: connection, ROSpecs, configuration and unsent reports are gone, and the clock starts as told. */
  reboot(clockOffsetMs: number = this.#clockOffsetMs): void {
    for (const rospec of this.#rospecs.values()) rospec.disable();
    this.#rospecs = new Map();
    this.#access.clear();
    this.#configuration = new ReaderConfiguration(this.#model);
    this.#buffer.clear();
    this.#heldEvents = [];
    this.#isImpinjEnabled = false;
    this.#bootedAt = this.#time.now();
    this.#clockOffsetMs = clockOffsetMs;
    this.#connection?.destroy();
  }

  /** A reader-initiated connection (LLRP 1.0.1, clause 12.1.3): the reader calls its client. */
  async callClient(host: string, port: number): Promise<void> {
    const socket = connect({ host, port });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    this.#accept(socket);
  }

  #accept(socket: Socket): void {
    if (this.#connection !== null) {
      this.#refuse(socket);
      return;
    }
    const connection: ReaderConnection = new ReaderConnection(socket, this.#time, () => this.#misbehaviour, {
      message: (message, id, version) => this.#receive(connection, message, id, version),
      bad: (error) => {
        const text = error instanceof Error ? error.message : String(error);
        connection.send({ name: 'ERROR_MESSAGE', parameters: [status(STATUS.parameterError, text.slice(0, 200))] });
      },
      closed: () => this.#closed(connection),
    });
    this.#connection = connection;
    this.#unacknowledged = 0;
    this.#isReleased = !this.#configuration.isHolding;
    connection.send(this.#notification({ name: 'ConnectionAttemptEvent', Status: CONNECTION_ATTEMPT.success }));
    this.#restartKeepalive();
    this.#release();
  }

  #refuse(socket: Socket): void {
    this.#refused.add(socket);
    const event = { name: 'ConnectionAttemptEvent', Status: CONNECTION_ATTEMPT.clientInitiatedExists } as const;
    const nothing = { message: () => {}, bad: () => {}, closed: () => this.#refused.delete(socket) };
    const connection = new ReaderConnection(socket, this.#time, () => this.#misbehaviour, nothing);
    connection.send(this.#notification(event));
    connection.end();
    this.#event({ name: 'ConnectionAttemptEvent', Status: CONNECTION_ATTEMPT.another });
  }

  #closed(connection: ReaderConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    this.#keepalive?.cancel();
  }

  #receive(connection: ReaderConnection, message: Message, id: number, version: number): void {
    if (message.name === 'KEEPALIVE_ACK') {
      this.#unacknowledged = 0;
    } else if (message.name === 'ENABLE_EVENTS_AND_REPORTS') {
      this.#isReleased = true;
      this.#release();
    } else if (message.name === 'GET_REPORT') {
      const reports = this.#buffer.take();
      for (const report of reports.length > 0 ? reports : [{ name: 'RO_ACCESS_REPORT' } as const])
        connection.send(report);
    } else if (message.name === 'CUSTOM_MESSAGE' && this.#misbehaviour.onExtensions === 'says nothing') {
      // As readers that pass over what they do not know.
    } else if (message.name === 'CUSTOM_MESSAGE' && this.#misbehaviour.onExtensions === 'hangs up') {
      connection.destroy();
    } else {
      const isRefused = this.#misbehaviour.refuses.includes(message.name);
      const answer = isRefused ? error(STATUS.unsupportedMessage, 'not now') : this.#answer(message);
      connection.answer(answer, id, version);
      if (message.name === 'CLOSE_CONNECTION') {
        // What it sees from here on would be written behind the end of the stream.
        this.#isReleased = false;
        this.#keepalive?.cancel();
        connection.end();
      }
      if (message.name === 'SET_READER_CONFIG') this.#restartKeepalive();
    }
  }

  #answer(message: Message): Message {
    switch (message.name) {
      case 'GET_SUPPORTED_VERSION': {
        if (this.#options.version !== 2) return error(STATUS.unsupportedMessage, 'this is LLRP 1.0.1');
        return {
          name: 'GET_SUPPORTED_VERSION_RESPONSE',
          CurrentVersion: 1,
          SupportedVersion: 2,
          parameters: [status()],
        };
      }
      case 'SET_PROTOCOL_VERSION': {
        const isKnown = message.ProtocolVersion >= 1 && message.ProtocolVersion <= (this.#options.version ?? 1);
        const code = isKnown ? STATUS.success : STATUS.unsupportedVersion;
        return { name: 'SET_PROTOCOL_VERSION_RESPONSE', parameters: [status(code)] };
      }
      case 'GET_READER_CAPABILITIES':
        return capabilities(this.#model);
      case 'GET_READER_CONFIG':
        return this.#configuration.answer(message.RequestedData);
      case 'SET_READER_CONFIG': {
        if (message.ResetToFactoryDefault) this.#configuration = new ReaderConfiguration(this.#model);
        const wrong = this.#configuration.set(message);
        const code = wrong === null ? STATUS.success : STATUS.parameterError;
        return { name: 'SET_READER_CONFIG_RESPONSE', parameters: [status(code, wrong ?? '')] };
      }
      case 'ADD_ROSPEC':
        return { name: 'ADD_ROSPEC_RESPONSE', parameters: [this.#add(parameterOf(message, 'ROSpec'))] };
      case 'DELETE_ROSPEC':
        return { name: 'DELETE_ROSPEC_RESPONSE', parameters: [this.#delete(message.ROSpecID)] };
      case 'ENABLE_ROSPEC':
        return { name: 'ENABLE_ROSPEC_RESPONSE', parameters: [this.#each(message.ROSpecID, (one) => one.enable())] };
      case 'DISABLE_ROSPEC':
        return { name: 'DISABLE_ROSPEC_RESPONSE', parameters: [this.#each(message.ROSpecID, (one) => one.disable())] };
      case 'START_ROSPEC':
        return { name: 'START_ROSPEC_RESPONSE', parameters: [this.#start(message.ROSpecID)] };
      case 'STOP_ROSPEC':
        return { name: 'STOP_ROSPEC_RESPONSE', parameters: [this.#stop(message.ROSpecID)] };
      case 'GET_ROSPECS':
        return {
          name: 'GET_ROSPECS_RESPONSE',
          parameters: [status(), ...[...this.#rospecs.values()].map((rospec) => rospec.spec)],
        };
      case 'GET_ACCESSSPECS':
        return { name: 'GET_ACCESSSPECS_RESPONSE', parameters: [status(), ...this.#access.specs] };
      case 'ADD_ACCESSSPEC':
        return { name: 'ADD_ACCESSSPEC_RESPONSE', parameters: [this.#access.add(message)] };
      case 'ENABLE_ACCESSSPEC':
        return { name: 'ENABLE_ACCESSSPEC_RESPONSE', parameters: [this.#access.enable(message.AccessSpecID)] };
      case 'DELETE_ACCESSSPEC':
        return { name: 'DELETE_ACCESSSPEC_RESPONSE', parameters: [this.#access.delete(message.AccessSpecID)] };
      case 'CLOSE_CONNECTION':
        return { name: 'CLOSE_CONNECTION_RESPONSE', parameters: [status()] };
      case 'CUSTOM_MESSAGE':
        return this.#custom(message.VendorIdentifier, message.MessageSubtype);
      default:
        return error(STATUS.unsupportedMessage, `${message.name} is not supported`);
    }
  }

  #custom(vendor: number, subtype: number): Message {
    const grants = this.#misbehaviour.onExtensions === 'grants';
    if (!grants || !this.#model.isImpinj || vendor !== IMPINJ || subtype !== IMPINJ_MESSAGE.enableExtensions) {
      return error(STATUS.unsupportedMessage, 'no such extension');
    }
    this.#isImpinjEnabled = true;
    // LLRPStatus success, as bytes: a custom message's data is the vendor's own.
    const Data = '011F000800000000';
    return {
      name: 'CUSTOM_MESSAGE',
      VendorIdentifier: IMPINJ,
      MessageSubtype: IMPINJ_MESSAGE.enableExtensionsResponse,
      Data,
    };
  }

  #add(spec: ReturnType<typeof parameterOf<'ROSpec'>>): Parameter {
    if (spec === undefined) return status(STATUS.missingParameter, 'ROSpec is missing');
    if (spec.ROSpecID === 0) return status(STATUS.fieldError, 'ROSpecID 0 stands for all');
    if (this.#rospecs.size >= MOST_ROSPECS) return status(STATUS.invalid, `at most ${MOST_ROSPECS} ROSpecs`);
    if (parameterOf(spec, 'RFSurveySpec') !== undefined) return status(STATUS.invalid, 'no RF survey');
    if (this.#rospecs.has(spec.ROSpecID)) return status(STATUS.fieldError, `ROSpec ${spec.ROSpecID} exists`);
    if (spec.CurrentState !== 0) return status(STATUS.fieldError, 'a ROSpec is added disabled');
    const rospec = new SimulatedRospec(spec, this.#time, {
      started: (one) => {
        this.#rospecEvent(one, ROSPEC_EVENT.start);
        for (const resolve of this.#awaited.splice(0)) resolve();
      },
      inventoryEnded: (one, SpecIndex) => {
        if (one.report?.ROReportTrigger === REPORT_TRIGGER.tagsOrEndOfAiSpec) this.#sendReports();
        if (this.#configuration.notifies('aiSpec')) {
          this.#event({ name: 'AISpecEvent', EventType: 0, ROSpecID: one.id, SpecIndex });
        }
      },
      ended: (one) => {
        if (one.report?.ROReportTrigger !== REPORT_TRIGGER.none) this.#sendReports();
        this.#rospecEvent(one, ROSPEC_EVENT.end);
      },
    });
    this.#rospecs.set(spec.ROSpecID, rospec);
    return status();
  }

  #delete(id: number): Parameter {
    const result = this.#each(id, (rospec) => rospec.disable());
    if (id === 0) this.#rospecs.clear();
    else this.#rospecs.delete(id);
    return result;
  }

  #start(id: number): Parameter {
    const rospec = this.#rospecs.get(id);
    if (rospec === undefined) return status(STATUS.fieldError, `no ROSpec ${id}`);
    return rospec.start() ? status() : status(STATUS.invalid, `ROSpec ${id} is ${rospec.state}`);
  }

  #stop(id: number): Parameter {
    const rospec = this.#rospecs.get(id);
    if (rospec === undefined) return status(STATUS.fieldError, `no ROSpec ${id}`);
    if (this.#misbehaviour.complainsOnStop && rospec.state !== 'active') {
      return status(STATUS.invalid, `ROSpec ${id} is ${rospec.state}`);
    }
    rospec.stop();
    return status();
  }

  #each(id: number, act: (rospec: SimulatedRospec) => void): Parameter {
    const chosen = id === 0 ? [...this.#rospecs.values()] : [this.#rospecs.get(id)];
    for (const rospec of chosen) {
      if (rospec === undefined) return status(STATUS.fieldError, `no ROSpec ${id}`);
      act(rospec);
    }
    return status();
  }

  #listening(antenna: number): SimulatedRospec | undefined {
    return [...this.#rospecs.values()].find((rospec) => rospec.state === 'active' && rospec.covers(antenna));
  }

  #hearing(antenna: number, epcHex: string, epcBits: number): SimulatedRospec | undefined {
    return [...this.#rospecs.values()].find(
      (rospec) => rospec.state === 'active' && rospec.hears(antenna, epcHex, epcBits),
    );
  }

  #rospecEvent(rospec: SimulatedRospec, EventType: number): void {
    if (!this.#configuration.notifies('rospec')) return;
    this.#event({ name: 'ROSpecEvent', EventType, ROSpecID: rospec.id, PreemptingROSpecID: 0 });
  }

  #warn(): void {
    this.#hasWarned = true;
    if (!this.#configuration.notifies('bufferWarning')) return;
    const ReportBufferPercentageFull = this.#buffer.percentFull;
    this.#event({ name: 'ReportBufferLevelWarningEvent', ReportBufferPercentageFull });
  }

  #overflow(): void {
    this.#lostTags++;
    if (this.#isOverflowing) return;
    this.#isOverflowing = true;
    this.#event({ name: 'ReportBufferOverflowErrorEvent' });
  }

  #event(event: Parameter, at = this.#time.now()): void {
    const message = this.#notification(event, at);
    if (this.#connection !== null && this.#isReleased) this.#connection.send(message);
    else if (this.#heldEvents.length < (this.#options.bufferEvents ?? HELD_EVENTS)) this.#heldEvents.push(message);
  }

  #notification(event: Parameter, at = this.#time.now()): Message {
    const Microseconds = BigInt(Math.round(this.#readerMicroseconds(at)));
    const name = this.#model.hasUtcClock ? 'UTCTimestamp' : 'Uptime';
    const data: Parameter = { name: 'ReaderEventNotificationData', parameters: [{ name, Microseconds }, event] };
    return { name: 'READER_EVENT_NOTIFICATION', parameters: [data] };
  }

  /** By the reader's own clock, or by its uptime where it has none. */
  #readerMicroseconds(trueMs: number): number {
    const ms = this.#model.hasUtcClock ? trueMs + this.#clockOffsetMs : trueMs - this.#bootedAt;
    return Math.max(0, ms * 1000);
  }

  #release(): void {
    if (this.#connection === null || !this.#isReleased) return;
    for (const event of this.#heldEvents.splice(0)) this.#connection.send(event);
    this.#sendReports();
  }

  #sendReports(): void {
    if (this.#connection === null || !this.#isReleased || this.#misbehaviour.isSilent) return;
    for (const report of this.#buffer.take()) this.#connection.send(report);
    this.#hasWarned = false;
    this.#isOverflowing = false;
  }

  #restartKeepalive(): void {
    this.#keepalive?.cancel();
    const { keepaliveMs } = this.#configuration;
    if (keepaliveMs === 0 || this.#connection === null) return;
    this.#keepalive = this.#time.every('simulated-reader.keepalive', keepaliveMs, () => {
      const { linkDownAfter } = this.#configuration;
      if (linkDownAfter !== null && this.#unacknowledged >= linkDownAfter) this.#connection?.destroy();
      else this.#connection?.send({ name: 'KEEPALIVE' });
      this.#unacknowledged++;
    });
  }
}

function error(code: number, description: string): Message {
  return { name: 'ERROR_MESSAGE', parameters: [status(code, description)] };
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
