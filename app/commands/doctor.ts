import { existsSync, readFileSync } from 'node:fs';
import { connectAsync } from 'mqtt';
import { parse } from 'yaml';
import { InputError, systemTime } from '../../domain/index.ts';
import { diagnoseReader, diagnoseSpool, type GatewayConfig, parseGatewayConfig } from '../../gateways/index.ts';
import { diagnoseNats } from '../nats-diagnosis.ts';
import { type Diagnosis, diagnosePlatform, whyNot } from '../platform-diagnosis.ts';
import { configFor, readOptions } from './options.ts';

const CONNECT_MS = 5_000;
const NOT_WHILE_RUNNING = 'its page in the platform says how it is; stop it to have everything looked at';

/**
 * `isotherm doctor`: the broker that the platform takes from, and NATS where readings of the log are there. `isotherm doctor --config GATEWAY.yaml`: looks at everything
 * a gateway needs and says in plain words what is wrong:
 * the platform's broker and the gateway's credentials there, the clock, the spool, each reader. It changes nothing; a
 * gateway that is running keeps its readers' one connection, so stop it to have the readers looked at.
 *
 * @returns 0 where nothing is bad
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values } = readOptions(argv, {});
  let isBad = false;
  for await (const { about, verdict, found, advice } of diagnosed(values.config)) {
    if (verdict === 'bad') isBad = true;
    const mark = { good: 'ok  ', warning: 'note', bad: 'BAD ' }[verdict];
    process.stdout.write(`${mark}  ${about}: ${found}${advice === null ? '' : `; ${advice}`}\n`);
  }
  process.stdout.write(isBad ? 'something is wrong\n' : 'nothing is wrong\n');
  return isBad ? 1 : 0;
}

/** Without a file, or with one of the platform's: what the platform stands on. */
async function* diagnosed(file: string | undefined): AsyncGenerator<Diagnosis> {
  if (file !== undefined && !existsSync(file)) throw new InputError('CONFIG_INVALID', `${file}: no such file`);
  const given = file === undefined ? null : yamlIn(file);
  const isGateway = typeof given === 'object' && given !== null && 'readers' in given;
  if (file !== undefined && isGateway) yield* diagnose(parseGatewayConfig(given, file));
  else {
    const config = configFor(file);
    yield* diagnosePlatform(config);
    yield* diagnoseNats(config);
  }
}

async function* diagnose(config: GatewayConfig): AsyncGenerator<Diagnosis> {
  yield clock();
  const spool = diagnoseSpool(config);
  yield { about: 'spool', ...spool };
  // A broker serves one client of a name: asking would throw a running gateway out of its connection.
  const about = `platform ${config.mqtt.url}`;
  if (spool.isInUse)
    yield { about, verdict: 'warning', found: 'not tried: the gateway runs', advice: NOT_WHILE_RUNNING };
  else yield await platform(config);
  for (const profile of config.readers) {
    for await (const { reader, verdict, found, advice } of diagnoseReader(profile, systemTime)) {
      yield { about: `reader ${reader}`, verdict, found, advice };
    }
  }
}

/** Reads and readings are judged by this clock; before this program was made it cannot be. */
function clock(): Diagnosis {
  const now = new Date(systemTime.now());
  const text = `this machine says ${now.toISOString()}`;
  if (now.getTime() > Date.UTC(2026, 0, 1)) return { about: 'clock', verdict: 'good', found: text, advice: null };
  return { about: 'clock', verdict: 'bad', found: `${text}, which cannot be`, advice: 'set up NTP on this machine' };
}

async function platform({ id, mqtt }: GatewayConfig): Promise<Diagnosis> {
  const about = `platform ${mqtt.url}`;
  try {
    const client = await connectAsync(mqtt.url, {
      clientId: id,
      username: mqtt.username ?? id,
      ...(mqtt.password === undefined ? {} : { password: mqtt.password }),
      ...(mqtt.ca === undefined ? {} : { ca: readFileSync(mqtt.ca) }),
      ...(mqtt.cert === undefined ? {} : { cert: readFileSync(mqtt.cert) }),
      ...(mqtt.key === undefined ? {} : { key: readFileSync(mqtt.key) }),
      connectTimeout: CONNECT_MS,
      reconnectPeriod: 0,
    });
    await client.endAsync(true);
    return { about, verdict: 'good', found: `it is there and takes the credentials of ${id}`, advice: null };
  } catch (error) {
    return { about, verdict: 'bad', ...whyNot(error, id, ['mqtt.url', `isotherm device rotate ${id} makes new ones`]) };
  }
}

function yamlIn(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new InputError('GATEWAY_CONFIG_INVALID', `${file}: ${message}`, { file }, cause);
  }
}
