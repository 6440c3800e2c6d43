import { it } from 'vitest';
import { type Meter, silentLogger, silentMeter, systemTime, Troubles } from '../../../domain/index.ts';
import { systemPart } from '../../../tests/parts.ts';
import { clientOf } from '../../effects.ts';
import { testDatabase } from '../../testing/database.ts';
import { NatsServer } from '../../testing/nats-server.ts';
import { describeLog, type LogHome, type OpenOptions } from '../conformance.ts';
import { describeHome, type OpenHomeOptions } from '../home-conformance.ts';
import { logMetrics } from '../metrics.ts';
import { DEFAULT_LIMITS, type LogLimits } from '../options.ts';
import { PostgresLog } from '../postgres-log.ts';
import { NatsHome } from './home.ts';

/** The conformance tests of the log, on its second home. */

const QUICK = {
  firstPauseMs: 1,
  longestPauseMs: 10,
  standbyMs: 10,
  passedPollMs: 5,
  pollMs: 200,
} satisfies Partial<LogLimits>;

const path = systemPart('nats-server');
if (path === null) it.skip('a NATS server');
else {
  const database = await testDatabase({ maxConnections: 4 });
  const server = await NatsServer.start(path);

  /** The file's one database, emptied; streams of its own. */
  async function emptyHome() {
    const { rows } = await database.query<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE relkind = 'r'
         AND inhparent IN ('log_readings'::regclass, 'log_trace'::regclass, 'log_originals'::regclass)`,
    );
    for (const { name } of rows) await database.query(`DROP TABLE ${name}`);
    await database.query(
      `TRUNCATE log_head, log_segments, log_identity, log_consumers, log_checkpoints, log_dead, log_streams, log_stream_marks,
         log_holes, log_divisions`,
    );
    await database.query('CREATE TABLE IF NOT EXISTS written (id serial, line text)');
    await database.query('TRUNCATE written');
    return server.options();
  }

  async function emptyLog(): Promise<LogHome> {
    const nats = await emptyHome();
    let storedReads = 0;
    const meter: Meter = {
      ...silentMeter,
      counter: ({ name }) => ({ add: () => void (name === 'isotherm_log_table_reads' && storedReads++) }),
    };
    return {
      open({ isFromMemory = true, onDead, ...limits }: OpenOptions = {}) {
        return new PostgresLog({
          ...{ database, time: systemTime, logger: silentLogger, meter },
          home: (options) => new NatsHome({ ...options, nats }),
          limits: { ...QUICK, ...limits, ...(isFromMemory ? {} : { handOverBytes: 0 }) },
          ...(onDead === undefined ? {} : { onDead }),
        });
      },
      storedReads: () => storedReads,
      async write(effects, line) {
        await clientOf(effects).query('INSERT INTO written (line) VALUES ($1)', [line]);
      },
      async written() {
        const { rows } = await database.query<{ line: string }>('SELECT line FROM written ORDER BY id');
        return rows.map(({ line }) => line);
      },
      async stall() {
        await server.pause();
        return async () => server.resume();
      },
    };
  }

  describeLog('the log with its readings on NATS', emptyLog);

  describeHome('the home on NATS', async () => {
    const nats = await emptyHome();
    return {
      open({ isFromMemory = true, isPastCap = false }: OpenHomeOptions = {}) {
        const limits = {
          ...{ ...DEFAULT_LIMITS, ...QUICK, keepMs: 0 },
          ...(isFromMemory ? {} : { handOverBytes: 0 }),
          ...(isPastCap ? { capBytes: 1 } : {}),
        };
        const surroundings = { database, time: systemTime, logger: silentLogger, troubles: new Troubles() };
        return new NatsHome({ ...surroundings, limits, metrics: logMetrics(silentMeter), onSegment: () => {}, nats });
      },
    };
  });
}
