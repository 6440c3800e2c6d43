import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { type Namespace, Server, type Socket } from 'socket.io';
import type { Accounts } from '../../access/index.ts';
import { ALERT_CHANNEL } from '../../alerts/index.ts';
import {
  decodeReadings,
  type Log,
  type LogBatch,
  type Logger,
  metricByCode,
  READINGS_VERSION,
  type SeenFrom,
  type Sites,
  type Timer,
  type TimeSource,
} from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { PASS_CHANNEL, SHIPMENT_CHANNEL } from '../../trace/index.ts';
import {
  type AlertView,
  formatTime,
  LIVE_NAMESPACE,
  type LiveEvents,
  type PassView,
  subscription,
} from '../api/index.ts';
import { type Audience, Audiences, plainRoom, splitRoom } from './audiences.ts';
import { isSameOrigin } from './identity.ts';
import { admit, recoverOnlyTheSame, type SocketData } from './live-admission.ts';
import type { Measured } from './measured.ts';
import type { DashboardsMetrics } from './metrics.ts';
import { type Newest, type RoomReadings, SocketBuffer } from './socket-buffer.ts';

/** What came in goes out within this; a room that was quiet does not wait for the next quarter of a second. */
const FLUSH_EVERY_MS = 50;
/** At most 4 a second a room: more a person cannot follow. */
const ROOM_EVERY_MS = 250;
/** Shipments that changed are told together so often. */
const CHANGED_EVERY_FLUSHES = ROOM_EVERY_MS / FLUSH_EVERY_MS;
const RECOVERY_MS = 120_000;
const EXPIRY_CHECK_EVERY_MS = 2_000;
/** How late what comes to be seen may join the fleet of who is bound to sites. */
const AUDIENCE_EVERY_MS = 4_000;
const USE_NOTED_EVERY_MS = 5 * 60_000;
/** A connection that has not said who it is by then is closed. */
const CONNECT_WITHIN_MS = 5_000;
/** Rooms one socket may watch. */
const MOST_ROOMS = 200;
/** Packets that wait for one slow browser before it is sent away; it comes back and loads anew. */
const MOST_WAITING_PACKETS = 500;

/** Ids of alerts remembered as told. */
const MOST_TOLD = 10_000;
const NEW_FOR_MS = 15 * 60_000;

/** What the live view asks of the rest of the server. */
export interface LiveSources {
  /** The places that belong to sites. */
  readonly placesOf: (sites: Sites) => Promise<SeenFrom>;
  /** An alert as lists show it; null where it is not seen. */
  readonly alert: (id: string, seenFrom: SeenFrom) => Promise<AlertView | null>;
  readonly pass: (id: string, seenFrom: SeenFrom) => Promise<PassView | null>;
  /** Those of these that are seen. */
  readonly seenShipments: (ids: readonly string[], seenFrom: SeenFrom) => Promise<ReadonlySet<string>>;
  readonly seenDevices: (ids: readonly string[], seenFrom: SeenFrom) => Promise<ReadonlySet<string>>;
  readonly isPortalSeen: (id: string, seenFrom: SeenFrom) => Promise<boolean>;
  /** Every device that may be heard. */
  readonly devices: () => Promise<readonly string[]>;
  /** An alert or a shipment is other than it was. */
  readonly changed: (shipment?: string) => void;
  /** A reading as it is judged; null where it is not judged as fact. @param metric code */
  readonly judged: (device: string, metric: number, at: number, value: number) => Omit<Measured, 'isSuspect'> | null;
  /** Devices on a shipment's units now. */
  readonly devicesOf: (shipment: string) => Promise<readonly string[]>;
}

export interface LiveOptions {
  readonly accounts: Accounts;
  readonly database: Database;
  readonly log: Log;
  readonly sources: LiveSources;
  /** A device was changed here. */
  readonly onDevice?: (id: string) => void;
  /** Whether nobody is let in yet. */
  readonly isClosed: () => Promise<boolean>;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly metrics: DashboardsMetrics;
}

/** Pushes what happens to the browsers that watch it. Bounded by what a browser can take; what is missed is said. */
export class Live {
  readonly #options: LiveOptions;
  readonly #readings: RoomReadings;
  readonly #buffers = new Map<string, SocketBuffer>();
  readonly #changed = new Set<string>();
  readonly #told = new Set<string>();
  readonly #audiences = new Audiences();
  readonly #devices = new Map<string, ReadonlySet<string>>();
  readonly #telling = new Map<string, Telling>();
  readonly #stops: (() => Promise<void> | void)[] = [];
  readonly #metrics: DashboardsMetrics;
  #server: Server | null = null;
  #flushes = 0;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#readings = new Map();
    this.#metrics = options.metrics;
  }

  async start(httpServer: HttpServer | HttpsServer): Promise<void> {
    const { database, isClosed, log, time } = this.#options;
    const server = new Server(httpServer, {
      serveClient: false,
      // The broker's WebSocket lives on the same server.
      destroyUpgrade: false,
      maxHttpBufferSize: 16_384,
      connectTimeout: CONNECT_WITHIN_MS,
      connectionStateRecovery: { maxDisconnectionDuration: RECOVERY_MS, skipMiddlewares: false },
      allowRequest: (request, done) => {
        isClosed().then(
          (closed) => done(null, !closed && isSameOrigin(request.headers)),
          () => done(null, false),
        );
      },
    });
    this.#server = server;
    // Socket.IO's own namespace would let everybody in.
    server.use((_socket, next) => next(new Error('NAMESPACE_UNKNOWN')));
    const live = server.of(LIVE_NAMESPACE);
    live.use((socket, next) => {
      this.#admit(socket).then(() => next(), next);
    });
    recoverOnlyTheSame(live, this.#options.accounts);
    live.on('connection', (socket) => this.#welcome(socket));
    const timers: Timer[] = [
      time.every('live readings', FLUSH_EVERY_MS, () => this.#flush(live)),
      time.every('live devices by site', AUDIENCE_EVERY_MS, () => void this.#lookAround(live)),
      time.every('live sessions', EXPIRY_CHECK_EVERY_MS, () => this.#endExpired(live)),
      time.every('live sessions in use', USE_NOTED_EVERY_MS, () => void this.#noteUse(live)),
    ];
    this.#stops.push(() => {
      for (const timer of timers) timer.cancel();
    });
    const followed = log.follow(['readings'], (batch) => this.#takeReadings(batch));
    this.#stops.push(() => followed.stop());
    const reload = () => live.emit('reload', { reason: 'the database was away' } satisfies LiveEvents['reload']);
    const listening = await Promise.all([
      database.listen(
        ALERT_CHANNEL,
        (id) => {
          this.#options.sources.changed();
          this.#once(`alert ${id}`, () => this.#pushAlert(live, id));
        },
        reload,
      ),
      database.listen(PASS_CHANNEL, (id) => this.#once(`pass ${id}`, () => this.#pushPass(live, id)), reload),
      database.listen(SHIPMENT_CHANNEL, (id) => this.#shipmentChanged(id), reload),
    ]);
    this.#stops.push(...listening.map((one) => () => one.stop()));
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop();
    await Promise.all([...this.#telling.values()].map(({ done }) => done));
    await this.#server?.close();
  }

  deviceChanged(id: string): void {
    this.deviceChangedElsewhere(id);
    this.#options.onDevice?.(id);
  }

  /** Another process has changed it. */
  deviceChangedElsewhere(id: string): void {
    const live = this.#server?.of(LIVE_NAMESPACE);
    if (live === undefined) return;
    live.to([`device:${id}`, 'fleet']).emit('device', { id } satisfies LiveEvents['device']);
    void this.#once(`device ${id}`, () =>
      this.#toEach(async ({ suffix }, places) => {
        if (!(await this.#options.sources.seenDevices([id], places)).has(id)) return;
        live.to([`device:${id}${suffix}`, `fleet${suffix}`]).emit('device', { id } satisfies LiveEvents['device']);
      }),
    );
  }

  #admit(socket: Socket): Promise<void> {
    return admit(socket, this.#options);
  }

  #welcome(socket: Socket): void {
    const { identity } = socket.data as SocketData;
    const audience = this.#audiences.enter(identity.sites);
    const { revocations } = this.#options.accounts;
    const letGo = revocations.hold(identity.grants, () => socket.disconnect(true));
    // Taken away after it was shown, and before it was held.
    this.#admit(socket).catch(() => socket.disconnect(true));
    this.#metrics.sockets.set(socket.nsp.sockets.size);
    const buffer = new SocketBuffer(this.#readings);
    this.#buffers.set(socket.id, buffer);
    socket.conn.on('packetCreate', () => {
      buffer.waitingPackets++;
    });
    socket.conn.on('flush', () => {
      buffer.waitingPackets = 0;
    });
    for (const room of socket.rooms) buffer.enter(room);
    if (audience !== null) {
      // What such a socket missed is not kept for it: other sites may be its own by the time it is back.
      socket.on('disconnecting', () => {
        for (const room of [...socket.rooms]) if (room !== socket.id) void socket.leave(room);
      });
      if (socket.recovered) socket.emit('reload', { reason: 'the connection was away' } satisfies LiveEvents['reload']);
    }
    // It was here before (Socket.IO sends the id of its last session), and what it missed is not known any more.
    if (!socket.recovered && typeof socket.handshake.auth.pid === 'string') {
      socket.emit('reload', { reason: 'the connection was away' } satisfies LiveEvents['reload']);
    }
    socket.on('subscribe', (given: unknown, done?: unknown) => {
      const asked = subscription.safeParse(given);
      const answer = typeof done === 'function' ? (said: object) => done(said) : () => {};
      if (!asked.success || socket.rooms.size >= MOST_ROOMS) {
        answer({ ok: false, reason: 'no such room' });
        return;
      }
      void this.#subscribe(socket, asked.data.room, audience).then(
        (isJoined) => answer(isJoined ? { ok: true } : { ok: false, reason: 'no such room' }),
        () => answer({ ok: false, reason: 'not now' }),
      );
    });
    socket.on('unsubscribe', (given: unknown) => {
      const asked = subscription.safeParse(given);
      if (!asked.success) return;
      const room = `${asked.data.room}${audience?.suffix ?? ''}`;
      void socket.leave(room);
      buffer.leave(room);
    });
    socket.on('disconnect', () => {
      letGo();
      this.#audiences.leave(audience);
      this.#buffers.delete(socket.id);
      this.#metrics.sockets.set(socket.nsp.sockets.size);
    });
  }

  /** @returns whether there is such a room for who asks */
  async #subscribe(socket: Socket, room: string, audience: Audience | null): Promise<boolean> {
    const { door, partner } = (socket.data as SocketData).identity;
    if (partner !== null) return false;
    if (door !== null && room !== `portal:${door}`) return false;
    if (audience !== null) {
      const { sources } = this.#options;
      const places = await sources.placesOf(audience.sites);
      const [kind = '', id = ''] = splitRoom(room);
      const isSeen =
        kind === 'shipment'
          ? (await sources.seenShipments([id], places)).has(id)
          : kind === 'device'
            ? (await sources.seenDevices([id], places)).has(id)
            : kind === 'portal'
              ? await sources.isPortalSeen(id, places)
              : true;
      if (!isSeen) return false;
      if (kind === 'fleet') await this.#learnFleet(audience);
    }
    if (!socket.connected) return false;
    const own = `${room}${audience?.suffix ?? ''}`;
    void socket.join(own);
    this.#buffers.get(socket.id)?.enter(own);
    // Subscribed means that the next reading comes: for a shipment, once its loggers are known.
    if (room.startsWith('shipment:')) await this.#once(`devices ${own}`, () => this.#learnDevices(own));
    return true;
  }

  /** For each group of sockets that are bound to the same sites. */
  async #toEach(push: (audience: Audience, places: SeenFrom) => Promise<void>): Promise<void> {
    for (const audience of this.#audiences.all()) {
      await push(audience, await this.#options.sources.placesOf(audience.sites));
    }
  }

  async #lookAround(live: Namespace): Promise<void> {
    for (const audience of this.#audiences.all()) {
      if (!live.adapter.rooms.has(`fleet${audience.suffix}`)) continue;
      await this.#learnFleet(audience).catch((error: unknown) =>
        this.#options.logger.debug({ error }, 'which devices are seen was not looked up'),
      );
    }
  }

  async #learnFleet(audience: Audience): Promise<void> {
    const { sources } = this.#options;
    audience.devices = await sources.seenDevices(await sources.devices(), await sources.placesOf(audience.sites));
  }

  /** Keeps the newest value a device and metric, for the rooms that somebody watches. */
  #takeReadings(batch: LogBatch): void {
    const rooms = this.#server?.of(LIVE_NAMESPACE).adapter.rooms;
    if (rooms === undefined || this.#buffers.size === 0) return;
    const isFleet = rooms.has('fleet');
    for (const record of batch.records) {
      if (record.kind !== 'readings' || record.version !== READINGS_VERSION) continue;
      const columns = decodeReadings(record.payload);
      const wanted = columns.devices.map((device) => this.#roomsOf(device, rooms, isFleet));
      for (let row = 0; row < columns.count; row++) {
        const device = columns.device[row] ?? 0;
        for (const room of wanted[device] ?? []) {
          this.#keep(
            room,
            columns.devices[device] ?? '',
            columns.metric[row] ?? 0,
            columns.time[row] ?? 0,
            columns.value[row] ?? 0,
          );
        }
      }
    }
  }

  #roomsOf(device: string, rooms: ReadonlyMap<string, unknown>, isFleet: boolean): string[] {
    const wanted = isFleet ? ['fleet'] : [];
    if (rooms.has(`device:${device}`)) wanted.push(`device:${device}`);
    for (const { suffix, devices } of this.#audiences.all()) {
      if (devices.has(device) && rooms.has(`fleet${suffix}`)) wanted.push(`fleet${suffix}`);
      if (rooms.has(`device:${device}${suffix}`)) wanted.push(`device:${device}${suffix}`);
    }
    for (const [room, devices] of this.#devices) if (devices.has(device) && rooms.has(room)) wanted.push(room);
    return wanted;
  }

  #keep(room: string, device: string, metric: number, time: number, value: number): void {
    let newest = this.#readings.get(room);
    if (newest === undefined) {
      newest = new Map();
      this.#readings.set(room, newest);
    }
    const key = `${device}/${metric}`;
    const known = newest.get(key);
    if (known !== undefined && known.at > time) return;
    const judged = this.#options.sources.judged(device, metric, time, value);
    if (judged !== null)
      newest.set(key, { device, metric: metricByCode(metric)?.name ?? String(metric), at: time, ...judged });
  }

  /** To each browser what it can take now; the rest waits, newest only. */
  #flush(live: Namespace): void {
    const now = this.#options.time.now();
    for (const [id, buffer] of this.#buffers) {
      const socket = live.sockets.get(id);
      if (socket === undefined) continue;
      buffer.collect();
      if (buffer.waitingPackets > MOST_WAITING_PACKETS) {
        this.#metrics.socketsDropped.add(1);
        socket.disconnect(true);
        continue;
      }
      if (buffer.waitingPackets === 0) sendInTurn(socket, buffer.take({ now, everyMs: ROOM_EVERY_MS }));
    }
    this.#readings.clear();
    if (++this.#flushes % CHANGED_EVERY_FLUSHES !== 0) return;
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const id of changed) {
      live.to([`shipment:${id}`, 'fleet']).emit('shipment', { id } satisfies LiveEvents['shipment']);
    }
    if (changed.length > 0 && this.#audiences.all().length > 0) void this.#pushShipments(live, changed);
  }

  #pushShipments(live: Namespace, ids: readonly string[]): Promise<void> {
    return this.#once(`shipments ${ids.join('\n')}`, () =>
      this.#toEach(async ({ suffix }, places) => {
        for (const id of await this.#options.sources.seenShipments(ids, places)) {
          live
            .to([`shipment:${id}${suffix}`, `fleet${suffix}`])
            .emit('shipment', { id } satisfies LiveEvents['shipment']);
        }
      }),
    );
  }

  #shipmentChanged(id: string): void {
    this.#options.sources.changed(id);
    this.#changed.add(id);
    const rooms = this.#server?.of(LIVE_NAMESPACE).adapter.rooms;
    for (const suffix of ['', ...this.#audiences.all().map((audience) => audience.suffix)]) {
      const room = `shipment:${id}${suffix}`;
      if (rooms?.has(room)) void this.#once(`devices ${room}`, () => this.#learnDevices(room));
    }
  }

  async #learnDevices(room: string): Promise<void> {
    const rooms = this.#server?.of(LIVE_NAMESPACE).adapter.rooms;
    for (const known of this.#devices.keys()) if (!rooms?.has(known)) this.#devices.delete(known);
    this.#devices.set(room, new Set(await this.#options.sources.devicesOf(plainRoom(room).slice('shipment:'.length))));
  }

  async #pushAlert(live: Namespace, id: string): Promise<void> {
    const alert = await this.#options.sources.alert(id, null);
    if (alert === null) return;
    const isNew = this.#isNew(alert);
    live.to(roomsOfAlert(alert)).emit('alert', { alert, isNew } satisfies LiveEvents['alert']);
    this.#metrics.alertsPushed.add(1);
    await this.#toEach(async ({ suffix }, places) => {
      const seen = await this.#options.sources.alert(id, places);
      if (seen === null) return;
      const rooms = roomsOfAlert(seen).map((room) => `${room}${suffix}`);
      live.to(rooms).emit('alert', { alert: seen, isNew } satisfies LiveEvents['alert']);
    });
  }

  /** Raised just now and not told before: its first notification may already carry a later revision. */
  #isNew({ id, state, detectedAt }: AlertView): boolean {
    if (state !== 'open' || this.#told.has(id)) return false;
    this.#told.add(id);
    if (this.#told.size > MOST_TOLD)
      for (const oldest of [...this.#told].slice(0, MOST_TOLD / 2)) this.#told.delete(oldest);
    return this.#options.time.now() - Date.parse(detectedAt) < NEW_FOR_MS;
  }

  async #pushPass(live: Namespace, id: string): Promise<void> {
    const pass = await this.#options.sources.pass(id, null);
    if (pass === null) return;
    live.to([`portal:${pass.portal}`, 'fleet']).emit('pass', { pass } satisfies LiveEvents['pass']);
    await this.#toEach(async ({ suffix }, places) => {
      const seen = await this.#options.sources.pass(id, places);
      if (seen === null) return;
      live
        .to([`portal:${seen.portal}${suffix}`, `fleet${suffix}`])
        .emit('pass', { pass: seen } satisfies LiveEvents['pass']);
    });
  }

  /** Whoever watches uses the session, though nothing is asked. */
  async #noteUse(live: Namespace): Promise<void> {
    const sessions = [...live.sockets.values()].map(({ data }) => (data as SocketData).identity.session);
    const used = [...new Set(sessions)].filter((session) => session !== null);
    await this.#options.accounts.sessions
      .keepUsed(used)
      .catch((error: unknown) => this.#options.logger.debug({ error }, 'the use of sessions was not noted'));
  }

  #endExpired(live: Namespace): void {
    const now = this.#options.time.now();
    for (const socket of live.sockets.values()) {
      const { identity } = socket.data as SocketData;
      if (identity.expiresAt !== null && identity.expiresAt <= now) socket.disconnect(true);
    }
  }

  /** One at a time a name; calls while it runs make it run once more, so that the last state is always told. */
  #once(name: string, run: () => Promise<void>): Promise<void> {
    const underWay = this.#telling.get(name);
    if (underWay !== undefined) {
      underWay.isAgain = true;
      return underWay.done;
    }
    const telling: Telling = { isAgain: false, done: Promise.resolve() };
    this.#telling.set(name, telling);
    telling.done = this.#tell(name, telling, run).finally(() => this.#telling.delete(name));
    return telling.done;
  }

  async #tell(name: string, telling: Telling, run: () => Promise<void>): Promise<void> {
    do {
      telling.isAgain = false;
      try {
        await run();
      } catch (error) {
        this.#metrics.pushFailures.add(1);
        this.#options.logger.warn({ error, what: name }, 'could not push live');
        this.#server
          ?.of(LIVE_NAMESPACE)
          .emit('reload', { reason: 'something was missed' } satisfies LiveEvents['reload']);
      }
    } while (telling.isAgain);
  }
}

/**
 * One room after another, each once the one before is with the connection: a volatile packet on a connection that is
 * still busy is thrown away, so of several rooms the first alone was told.
 */
function sendInTurn(socket: Socket, rooms: Generator<[string, Newest[]], void>): void {
  const { transport } = socket.conn;
  if (!transport.writable) return;
  const next = rooms.next();
  if (next.done === true) return;
  const [room, readings] = next.value;
  transport.once('ready', () => sendInTurn(socket, rooms));
  const event: LiveEvents['readings'] = {
    room: plainRoom(room),
    readings: readings.map(({ device, metric, at, value, received }) => ({
      ...{ device, metric, time: formatTime(at), value },
      ...(received === undefined ? {} : { received }),
    })),
  };
  socket.volatile.emit('readings', event);
}

function roomsOfAlert({ subject: { device, portal }, about }: AlertView): string[] {
  const rooms = ['alerts', ...about.shipments.map((shipment) => `shipment:${shipment}`)];
  if (device !== undefined) rooms.push(`device:${device}`);
  if (portal !== undefined) rooms.push(`portal:${portal}`);
  return rooms;
}

/** Something being told; `isAgain` where it was asked for meanwhile. */
interface Telling {
  isAgain: boolean;
  done: Promise<void>;
}
