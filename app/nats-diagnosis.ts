import { type IsothermError, silentLogger, systemTime } from '../domain/index.ts';
import {
  checkpointLag,
  type Database,
  holesSince,
  type NatsOptions,
  natsServers,
  natsStreams,
  openDatabase,
  readersOf,
} from '../storage/index.ts';
import type { Config } from './config/index.ts';
import { natsOf } from './nats.ts';
import type { Diagnosis } from './platform-diagnosis.ts';

const MIB = 2 ** 20;
const WEEK_MS = 7 * 24 * 3_600_000;
/** Of the bytes a stream may hold: from here on it is told before it refuses. */
const NEARLY_FULL = 0.75;
/** So many messages that nobody has read are told. */
const MUCH_LAG = 10_000;
const SETTING =
  'set jetstream { sync_interval: always } on it, or readings that were acknowledged may be lost with the power';

/** NATS, where readings of the log are there: its servers, the streams, what was lost, and who is behind. It changes nothing. */
export async function* diagnoseNats(config: Pick<Config, 'nats' | 'database'>): AsyncGenerator<Diagnosis> {
  const nats = await natsOf(config);
  if (nats === null) return;
  yield* attempted('NATS servers', () => servers(nats));
  yield* attempted('NATS streams', () => streams(nats));
  const { url } = config.database;
  // The database that Isotherm brings with it is its own while it runs.
  if (url === null) return;
  yield* attempted('the log on NATS', async () => {
    const database = await openDatabase({ url, logger: silentLogger, time: systemTime, maxConnections: 1 });
    try {
      return await consumption(database);
    } finally {
      await database.close();
    }
  });
}

async function servers(nats: NatsOptions): Promise<Diagnosis[]> {
  const seen = await natsServers(nats);
  const found: Diagnosis[] = seen.map(({ name, version, isNewEnough, isSynced }) => {
    const about = `NATS server ${name}`;
    if (!isNewEnough) return bad(about, `version ${version}`, 'take 2.12 or a newer one');
    if (!isSynced) return bad(about, `version ${version}, writes to its disk later than it acknowledges`, SETTING);
    return good(about, `version ${version}, writes to its disk before it acknowledges`);
  });
  if (seen.length >= nats.replicas) return found;
  const advice = 'name each in nats.monitorUrl, or give nats.systemUrl';
  const text = `${seen.length} of ${nats.replicas} can be seen`;
  return [...found, (nats.acceptsUnsynced ? warning : bad)('NATS servers', text, advice)];
}

async function streams(nats: NatsOptions): Promise<Diagnosis[]> {
  const seen = await natsStreams(nats);
  if (seen.length === 0) return [good('NATS streams', 'there are none yet; the first start makes them')];
  return seen.map(({ name, copies, away, bytes, maxBytes, isSealed }) => {
    const about = `NATS stream ${name}`;
    const size = `${Math.round(bytes / MIB)} of ${Math.round(maxBytes / MIB)} MiB`;
    if (isSealed) return warning(about, 'sealed by isotherm log to-postgres', 'take NATS_URL away, or call that again');
    if (copies < nats.replicas) {
      return bad(
        about,
        `${copies} copies of ${nats.replicas}`,
        'start Isotherm: it asks for as many as nats.replicas says',
      );
    }
    if (away.length > 0) {
      return bad(
        about,
        `the copy on ${away.join(' and ')} is away or behind`,
        'start that server, or look at its disk',
      );
    }
    if (bytes > NEARLY_FULL * maxBytes) {
      return bad(about, `${size}; full, it refuses readings`, 'see in /readyz who does not get on');
    }
    return good(about, `${copies === 1 ? 'one copy' : `${copies} copies, all there`}; ${size}`);
  });
}

async function consumption(database: Database): Promise<Diagnosis[]> {
  const about = 'the log on NATS';
  const holes = await holesSince(database, systemTime.now() - WEEK_MS);
  const lost = holes.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const found =
    lost === 0
      ? good(about, 'nothing that was acknowledged was lost within a week')
      : bad(about, `${lost} messages that were acknowledged are gone`, 'scaling.md, “When NATS loses something”');
  const readers = await readersOf(database);
  const lags = await Promise.all(
    readers.map(async (name) => ({ name, messages: await checkpointLag(database, name) })),
  );
  return [
    found,
    ...lags.map(({ name, messages }) => {
      const text = `${name} is ${messages} messages behind`;
      return messages < MUCH_LAG ? good(about, text) : warning(about, text, 'see in /readyz why it does not get on');
    }),
  ];
}

/** What cannot be asked is bad itself, and the rest is looked at. */
async function* attempted(about: string, look: () => Promise<readonly Diagnosis[]>): AsyncGenerator<Diagnosis> {
  try {
    yield* await look();
  } catch (error) {
    const { message } = error as IsothermError;
    yield bad(about, message, 'start it, or mend nats.url, nats.monitorUrl, nats.systemUrl or DATABASE_URL');
  }
}

function good(about: string, found: string): Diagnosis {
  return { about, verdict: 'good', found, advice: null };
}

function warning(about: string, found: string, advice: string): Diagnosis {
  return { about, verdict: 'warning', found, advice };
}

function bad(about: string, found: string, advice: string): Diagnosis {
  return { about, verdict: 'bad', found, advice };
}
