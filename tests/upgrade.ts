/**
 * `npm run upgrade -- --from COMMIT`: an installation of that version in five processes over one PostgreSQL, with a gateway and a page
 * that stays open, is made one of this version under load (`upgrade/rolling-upgrade.ts`). Prints what each step made the load wait; exit
 * code 1 where something is wrong. `rolling-upgrade.test.ts` is the short form.
 */
import { parseArgs } from 'node:util';
import { systemPart } from './parts.ts';
import { commitOf } from './upgrade/program-of.ts';
import { rollingUpgrade, type Stage } from './upgrade/rolling-upgrade.ts';

const WORKER = 'ingest,trace,rules,alerts';
const STAGES: readonly Stage[] = [
  ['worker-1', WORKER],
  ['worker-2', WORKER],
  ['web-1', 'web,storage'],
  ['broker-1', 'broker'],
  ['broker-2', 'broker'],
];
const LOGGERS = 4;

process.exit(await main());

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      'beside-seconds': { type: 'string', default: '5' },
      nats: { type: 'string', default: '0' },
      with: { type: 'string', default: 'gateway,page' },
    },
  });
  const commit = values.from === undefined ? null : commitOf(values.from);
  const besideMs = Number(values['beside-seconds']) * 1_000;
  const servers = ([0, 1, 3] as const).find((count) => String(count) === values.nats);
  const also = new Set(values.with.split(',').filter((name) => name !== ''));
  const isKnown = [...also].every((name) => name === 'gateway' || name === 'page');
  if (commit === null || !Number.isFinite(besideMs) || servers === undefined || !isKnown) {
    const given = values.from === undefined || commit !== null ? '' : `: this clone has no commit "${values.from}"`;
    const allowed = '--from COMMIT [--beside-seconds S] [--nats 0|1|3] [--with gateway,page]';
    process.stderr.write(`upgrade: allowed: ${allowed}${given}\n`);
    return 2;
  }
  const program = servers === 0 ? null : systemPart('nats-server');
  if (servers !== 0 && program === null) return 2;
  const wrong = await rollingUpgrade({
    ...{ from: commit, stages: STAGES, loggers: LOGGERS, warmUpMs: 3 * besideMs, besideMs, say },
    ...{ hasGateway: also.has('gateway'), hasPage: also.has('page') },
    ...(servers !== 0 && program !== null && { nats: { program, servers } }),
  });
  for (const text of wrong) process.stderr.write(`WRONG ${text}\n`);
  return wrong.length === 0 ? 0 : 1;
}

function say(text: string): void {
  process.stdout.write(`${(performance.now() / 1_000).toFixed(1).padStart(7)} s  ${text}\n`);
}
