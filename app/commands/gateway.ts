import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { parse, YAMLParseError } from 'yaml';
import { InputError, isJudgedAtDoor, systemTime } from '../../domain/index.ts';
import { diagnoseManifest, Gateway, parseGatewayConfig } from '../../gateways/index.ts';
import { createLogger } from '../logging.ts';
import { createMetering, LOST_LINES } from '../metering.ts';
import { Output } from '../output.ts';
import { untilToldToStop } from '../signals.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'gateway --config FILE | gateway manifest --config FILE | gateway key [--next]';

/**
 * `isotherm gateway --config FILE`: the edge process, until SIGINT or SIGTERM. Loads no database. `manifest` says what its
 * doors expect, whether it runs or not; `key`, on the platform's machine, prints the key that manifests are signed with.
 */
export async function run(argv: readonly string[]): Promise<number> {
  // Killed, a process keeps nothing of what it compiled: the next start would be as slow as the first.
  flushCompileCache();
  const { values, positionals } = readOptions(argv, { next: { type: 'boolean' } });
  const [what, ...more] = positionals;
  if (more.length > 0 || (values.next === true && what !== 'key')) throw usageError(USAGE);
  if (what === 'key') return printKey(values.config, values.next === true);
  if (values.config === undefined || (what !== undefined && what !== 'manifest')) throw usageError(USAGE);
  return what === 'manifest' ? printManifest(values.config) : runGateway(values.config);
}

async function runGateway(file: string): Promise<number> {
  const config = parseGatewayConfig(parseYaml(file), file);
  const output = new Output();
  output.guard();
  const logger = createLogger('info', output);
  const { meter } = createMetering();
  output.countInto(meter.counter(LOST_LINES));
  const gateway = new Gateway({ config, time: systemTime, logger, meter });
  const told = untilToldToStop(systemTime);
  await gateway.start();
  process.stdout.write(`Isotherm gateway ${config.id} is running with ${config.readers.length} reader(s)\n`);
  await told;
  await gateway.stop();
  return 0;
}

/** What the gateway would judge by if the line were cut now, as JSON; exit 1 where that is nothing, or old. */
function printManifest(file: string): number {
  const config = parseGatewayConfig(parseYaml(file), file);
  const { manifest, rules: told, refused } = diagnoseManifest(config, systemTime);
  const rules = told.map(({ id, version, kind, severity, portals, appliesTo, ...rule }) => {
    const by = rule.isOff ? 'off' : isJudgedAtDoor({ ...rule, kind }) ? 'door' : 'platform';
    return { id, version, kind, severity, judgedBy: by, portals, appliesTo };
  });
  const time = (at: number) => new Date(at).toISOString();
  const said = manifest && {
    ...{ ...manifest, madeAt: time(manifest.madeAt), confirmedAt: time(manifest.confirmedAt) },
    ageMs: manifest.ageMs === null ? null : Math.round(manifest.ageMs),
  };
  process.stdout.write(`${JSON.stringify({ gateway: config.id, manifest: said, rules, refused })}\n`);
  return manifest === null || manifest.isOld || refused !== null ? 1 : 0;
}

/** For `manifest.keys` of gateways: the key in force, or the one that `doors.manifestKey` plus one would bring. */
async function printKey(file: string | undefined, isNext: boolean): Promise<number> {
  // The database's room is loaded for this alone.
  const [{ installationKey }, { manifestKey }, { keyText }] = await Promise.all([
    import('../installation-key.ts'),
    import('../manifest-key.ts'),
    import('../../codecs/manifest/index.ts'),
  ]);
  const config = configFor(file);
  const number = config.doors.manifestKey + Number(isNext);
  const key = keyText(manifestKey(await installationKey(config), number).publicKey);
  process.stdout.write(`${JSON.stringify({ number, key })}\n`);
  return 0;
}

function parseYaml(file: string): unknown {
  const text = readText(file);
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause;
    const line = cause.linePos?.[0].line ?? 1;
    throw new InputError('GATEWAY_CONFIG_INVALID', `${file}:${line}: ${cause.message.split('\n')[0]}`, { file }, cause);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InputError('FILE_UNREADABLE', `${file}: cannot be read (${code})`, { file }, cause);
  }
}
