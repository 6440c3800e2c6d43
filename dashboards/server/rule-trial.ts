import {
  type Facts,
  type Finding,
  type History,
  isGoodsRule,
  isPassRule,
  type Rule,
  type RuleVersion,
  type TimeSource,
} from '../../domain/index.ts';
import { type BesideStep, compared, compareFindings, type Preview, previewRule } from '../../rules/index.ts';
import { type TrialParts, triedOnGoods, triedOnPasses } from './goods-trial.ts';

/** How far back rules on goods and over passes are tried, ms. */
const BACK_MS = 48 * 3_600_000;
/** Someone waits for the answer. */
const BUDGET_MS = 5_000;

export interface RuleTrialParts extends TrialParts {
  readonly facts: Facts;
  readonly history: History;
  readonly time: TimeSource;
}

/** {@link Preview}, and what was looked at. */
export interface TriedRule extends Preview {
  readonly of: 'series' | BesideStep['beside']['what'];
}

/** Two rules over the recent past, as each kind judges: series of readings, or the latest shipments or passes there is time for. */
export async function triedRule(
  rules: { readonly inForce: Rule | null; readonly proposed: Rule | null },
  parts: RuleTrialParts,
): Promise<TriedRule> {
  const both = [rules.proposed, rules.inForce].flatMap((rule) => rule ?? []);
  const isBeside = both.some((rule) => isGoodsRule(rule) || isPassRule(rule));
  if (!isBeside) return { ...(await previewRule(rules, parts)), of: 'series' };
  const { time } = parts;
  const now = time.now();
  const until = time.monotonic() + BUDGET_MS;
  const stretch = { from: now - BACK_MS, to: now };
  const trial = { proposed: versions(rules.proposed), inForce: versions(rules.inForce), ...stretch };
  const latest = { ...trial, isLatestEnough: true };
  const found: Finding[] = [];
  const before: Finding[] = [];
  let last: BesideStep['beside'] = { what: both.some(isGoodsRule) ? 'shipments' : 'passes', all: 0, judged: 0 };
  for (const steps of [triedOnGoods(latest, parts), triedOnPasses(latest, parts)]) {
    for await (const step of steps) {
      found.push(...step.found);
      before.push(...step.before);
      last = step.beside;
      if (time.monotonic() > until) break;
    }
  }
  const [was, will] = [before, found].map((all) => all.filter(isRunning).sort(compareFindings)) as [
    Finding[],
    Finding[],
  ];
  const { opened, closed, kept, changed } = compared(was, will);
  const changes = changed.flatMap(({ after }) => after);
  return {
    ...{ opens: opened, closes: closed, keeps: [...kept, ...changes].sort(compareFindings), changes, running: was },
    ...{ before: before.length, after: found.length, keys: last.all, judged: last.judged, ...stretch, of: last.what },
  };
}

function isRunning({ endedBy }: Finding): boolean {
  return endedBy === null;
}

function versions(rule: Rule | null): RuleVersion[] {
  return rule === null ? [] : [{ rule, version: 1, effectiveFrom: null }];
}
