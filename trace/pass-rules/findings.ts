import { type Finding, serverWords } from '../../domain/index.ts';
import { type PassRuleVersion, passName, type Trigger } from '../passes/index.ts';
import { kindOf } from './kinds/index.ts';
import { contextOf, type FoundFact, type FoundGoods, type PassFacts, type Waiting } from './pass-facts.ts';

/** As many facts as a person reads; of more the first are kept. */
const MOST_FACTS = 40;

/** What rules find in one pass, and when to look again. */
export interface PassFindings {
  readonly findings: readonly Finding[];
  readonly waiting: Waiting;
}

/** Judges one pass by the rules in force then. Pure (docs/rules.md, "Rules over passes"). */
export function findingsOf(
  facts: PassFacts,
  rules: readonly PassRuleVersion[],
  detected: Trigger & { readonly isLate: boolean },
): PassFindings {
  const findings: Finding[] = [];
  const waiting: Waiting[] = [];
  for (const version of rules) {
    const { rule } = version;
    if (rule.portals !== undefined && !rule.portals.includes(facts.portal.id)) continue;
    const kind = kindOf(rule);
    const goods = byEpc(kind.find(rule, facts)).filter(({ epc }) => version.applies(contextOf(facts, epc)));
    if (goods.length >= rule.atLeast) findings.push(findingOf(facts, version, goods, detected));
    if (kind.waitsFor !== undefined) waiting.push(kind.waitsFor(rule, facts));
  }
  return {
    findings,
    waiting: {
      clock: earliest(waiting.map(({ clock }) => clock)),
      complete: earliest(waiting.map(({ complete }) => complete)),
    },
  };
}

function findingOf(
  facts: PassFacts,
  { rule, version }: PassRuleVersion,
  goods: readonly FoundGoods[],
  detected: Trigger & { readonly isLate: boolean },
): Finding {
  const { pass } = facts.evidence;
  const kind = kindOf(rule);
  const statuses = goods.map(({ status = '' }) => status);
  const told = factsOf(goods);
  const words = kind.say?.(rule, goods, facts) ?? null;
  return {
    rule: rule.id,
    ruleVersion: version,
    kind: rule.kind,
    severity: rule.severity,
    key: `portal:${pass.portal}`,
    from: pass.from,
    to: endOf(goods, pass.to),
    // A pass is over, but what stands at the door is for a person to settle, or for a late fact to explain.
    endedBy: null,
    // What it is beyond is days or minutes, not what a metric measures: the sentence says it, and each status.
    ...{ extreme: null, limit: null },
    readings: 0,
    minutesOutOfRange: null,
    runs: [],
    portal: {
      ...{ portal: pass.portal, pass: passName(pass.id), epcs: goods.map(({ epc }) => epc) },
      ...(statuses.some((status) => status !== '') && { statuses }),
      ...(words !== null && { said: serverWords(words), words }),
      ...(told.length > 0 && { facts: told }),
    },
    detectedAt: detected.at,
    detectedLate: detected.isLate,
  };
}

/** null while it goes on for any of them. */
function endOf(goods: readonly FoundGoods[], passEnd: number): number | null {
  let end = passEnd;
  for (const { to } of goods) {
    if (to === null) return null;
    end = Math.max(end, to ?? passEnd);
  }
  return end;
}

/** Each EPC once, ascending: what two shipments list is found once. */
function byEpc(goods: readonly FoundGoods[]): FoundGoods[] {
  const once = new Map<string, FoundGoods>();
  for (const one of goods) if (!once.has(one.epc)) once.set(one.epc, one);
  return [...once.values()].sort((a, b) => (a.epc < b.epc ? -1 : 1));
}

function factsOf(goods: readonly FoundGoods[]): FoundFact[] {
  const told = new Map<string, FoundFact>();
  for (const { facts = [] } of goods) for (const fact of facts) told.set(`${fact.at} ${fact.text}`, fact);
  return [...told.values()].sort((a, b) => a.at - b.at || (a.text < b.text ? -1 : 1)).slice(0, MOST_FACTS);
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}
