import { type Finding, InputError, type RuleVersion } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { type CompileApplies, judgePass, passesById, Registry } from '../passes/index.ts';
import { factsOfPass } from './facts-of-pass.ts';
import { findingsOf } from './findings.ts';

/** Rules to try, on passes that begin in [from, to), epoch ms UTC. */
export interface RuleTrial {
  readonly proposed: readonly RuleVersion[];
  /** What they are compared with. */
  readonly inForce: readonly RuleVersion[];
  readonly compileApplies: CompileApplies;
  readonly from: number;
  readonly to: number;
  /** The clock as it is to be then. */
  readonly now: number;
  /** Of more than {@link MOST_PASSES} the latest are tried; without it more are refused. */
  readonly isLatestEnough?: boolean;
}

/** What was found in some of the passes, the latest first. */
export interface TriedPasses {
  /** How many passes there are in that time, and how many were tried by now. */
  readonly passes: number;
  readonly tried: number;
  readonly found: readonly Finding[];
  /** By those in force. */
  readonly before: readonly Finding[];
}

/** Some minutes of work. */
export const MOST_PASSES = 5_000;
const AT_ONCE = 20;

/**
 * What rules over passes find in the passes as they stand, on all that is known now, some passes at a time; nothing is kept, and
 * whoever stops asking stops it. Other rules are passed over.
 *
 * @throws {InputError} BACKTEST_TOO_LARGE past {@link MOST_PASSES}
 */
export async function* tryRules(database: Database, trial: RuleTrial): AsyncGenerator<TriedPasses> {
  const facts = { keep: async () => {}, all: async () => [] };
  const registries = [trial.proposed, trial.inForce].map((versions) =>
    Registry.load(database.pool, facts, versions, trial.compileApplies),
  );
  const [proposed, inForce] = await Promise.all(registries);
  const { rows } = await database.query<{ id: number }>(
    'SELECT id FROM passes WHERE since >= $1 AND since < $2 ORDER BY since DESC, id DESC LIMIT $3',
    [trial.from, trial.to, MOST_PASSES + 1],
  );
  if (rows.length > MOST_PASSES && trial.isLatestEnough !== true) {
    const message = `more than ${MOST_PASSES} passes in one backtest, allowed: fewer; ask for a shorter time`;
    throw new InputError('BACKTEST_TOO_LARGE', message, { passes: MOST_PASSES });
  }
  for (let start = 0; start < Math.min(rows.length, MOST_PASSES); start += AT_ONCE) {
    const ids = rows.slice(start, start + AT_ONCE).map(({ id }) => id);
    const found: Finding[] = [];
    const before: Finding[] = [];
    await database.transaction(async (client) => {
      for (const pass of await passesById(client, ids)) {
        for (const [registry, into] of [[proposed, found] as const, [inForce, before] as const]) {
          const portal = registry?.portals.get(pass.portal);
          const rules = registry?.rulesAt(pass.from) ?? [];
          if (registry === undefined || portal === undefined || rules.length === 0) continue;
          const judged = await judgePass(client, registry, portal, pass);
          const known = await factsOfPass(client, registry, judged, trial.now);
          into.push(...findingsOf(known, rules, { at: trial.now, isLate: false }).findings);
        }
      }
    });
    yield { passes: rows.length, tried: start + ids.length, found, before };
  }
}
