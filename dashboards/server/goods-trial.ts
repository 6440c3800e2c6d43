import {
  type Finding,
  type GoodsDesk,
  InputError,
  isGoodsRule,
  isPassRule,
  type RuleVersion,
} from '../../domain/index.ts';
import { type BesideStep, compileAppliesTo, GoodsRules } from '../../rules/index.ts';
import type { TraceQueries } from '../../trace/index.ts';

/** Each is some ten milliseconds. */
export const MOST_SHIPMENTS = 2_000;

export interface TrialParts {
  readonly goods: Pick<GoodsDesk, 'goods' | 'shipmentsDuring'>;
  readonly trace: Pick<TraceQueries, 'triedRules'>;
}

/** What to try, and with what it is compared, on what has a moment in [from, to), epoch ms UTC. */
export interface GoodsTrial {
  readonly proposed: readonly RuleVersion[];
  readonly inForce: readonly RuleVersion[];
  readonly from: number;
  readonly to: number;
  /** This one alone; absent: all that were under way then. */
  readonly shipment?: string | undefined;
  /** Of too many the latest are tried; without it they are refused. */
  readonly isLatestEnough?: boolean;
}

/**
 * What rules on goods find in the shipments that were under way then, the latest to depart first, each loaded once. Whoever
 * stops asking stops it.
 *
 * @throws {InputError} BACKTEST_TOO_LARGE past {@link MOST_SHIPMENTS}
 */
export async function* triedOnGoods(
  trial: GoodsTrial,
  { goods: desk }: Pick<TrialParts, 'goods'>,
): AsyncGenerator<BesideStep> {
  const { proposed, inForce, from, to, shipment } = trial;
  if (![...proposed, ...inForce].some(({ rule }) => isGoodsRule(rule))) return;
  const [after, before] = [new GoodsRules(proposed), new GoodsRules(inForce)];
  const shipments = shipment === undefined ? await desk.shipmentsDuring(from, to, MOST_SHIPMENTS + 1) : [shipment];
  if (shipments.length > MOST_SHIPMENTS && trial.isLatestEnough !== true) {
    const what = `more than ${MOST_SHIPMENTS} shipments with goods in one backtest`;
    throw new InputError('BACKTEST_TOO_LARGE', `${what}, allowed: fewer; ask for a shorter time or one shipment`, {});
  }
  const metrics = [...new Set([...after.metrics, ...before.metrics])].sort();
  for (const [index, one] of shipments.slice(0, MOST_SHIPMENTS).entries()) {
    const goods = await desk.goods(one, to, metrics);
    const foundBy = (rules: GoodsRules): readonly Finding[] =>
      goods === null
        ? []
        : rules
            .judge(goods, to)
            .found.map(({ finding }) => finding)
            .filter((finding) => finding.from < to && (finding.to === null || finding.to > from));
    yield {
      beside: { what: 'shipments', all: shipments.length, judged: index + 1 },
      ...{ found: foundBy(after), before: foundBy(before) },
    };
  }
}

/** What rules over passes find in the passes that begin in [from, to). */
export async function* triedOnPasses(
  trial: GoodsTrial,
  { trace }: Pick<TrialParts, 'trace'>,
): AsyncGenerator<BesideStep> {
  if (![...trial.proposed, ...trial.inForce].some(({ rule }) => isPassRule(rule))) return;
  const { to: now } = trial;
  for await (const { passes, tried, found, before } of trace.triedRules({
    ...trial,
    now,
    compileApplies: compileAppliesTo,
  })) {
    yield { beside: { what: 'passes', all: passes, judged: tried }, found, before };
  }
}
