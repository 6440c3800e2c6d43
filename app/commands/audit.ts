import { InputError, systemTime } from '../../domain/index.ts';
import { type Erasable, effectsOf, PostgresAuditTrail, verifyAudit } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { keptAuditHead } from '../audit-head.ts';
import { commandOrigination } from '../command-actor.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'audit verify | audit erase --entry ID|--actor ID --reason TEXT [--config FILE]';

/**
 * `isotherm audit verify`: recomputes every hash of the audit trail; prints what was found as JSON, and on stderr a line
 * a row that does not fit. `audit erase` erases personal values (docs/keeping.md); the act is an entry itself.
 * @returns 1 where a row does not fit
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {
    entry: { type: 'string' },
    actor: { type: 'string' },
    reason: { type: 'string' },
  });
  const [action, ...more] = positionals;
  const config = configFor(values.config);
  const isErase = action === 'erase';
  const hasOptions = [values.entry, values.actor, values.reason].some((value) => value !== undefined);
  if (more.length > 0 || (!isErase && (action !== 'verify' || hasOptions))) throw usageError(USAGE);
  if (isErase) {
    const which = erasable(values.entry, values.actor);
    const reason = values.reason?.trim() ?? '';
    if (reason === '') throw new InputError('REASON_REQUIRED', '--reason: say why it is erased');
    const erased = await withDatabase(config, (database) =>
      database.transaction((client) =>
        new PostgresAuditTrail({ database }).erase(effectsOf(client), which, {
          ...commandOrigination(),
          ...{ at: systemTime.now(), reason },
        }),
      ),
    );
    process.stdout.write(`${JSON.stringify({ ...which, erased })}\n`);
    return 0;
  }
  const verdict = await withDatabase(config, async (database) => verifyAudit(database, await keptAuditHead(config)));
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
  for (const { place, entry, fault } of verdict.faults) {
    process.stderr.write(
      `${[place === null ? '' : `place ${place}`, entry ?? ''].filter(Boolean).join(', ')}: ${fault}\n`,
    );
  }
  return verdict.faults.length === 0 ? 0 : 1;
}

/** @throws {InputError} COMMAND_USAGE */
function erasable(entry: string | undefined, actor: string | undefined): Erasable {
  if (entry !== undefined && actor === undefined) return { entry };
  if (actor !== undefined && entry === undefined) return { actor };
  throw usageError(USAGE);
}
