import {
  type BudgetRule,
  isPassRule,
  type Limits,
  lowerLimit,
  metricByName,
  type PassRule,
  type Rule,
  serverText,
  type ThresholdRule,
  upperLimit,
} from '../../domain/index.ts';

/** A rule as a person would say it; null for a kind that has no words here yet. */
export function ruleText(rule: Rule): string | null {
  const metric = 'metric' in rule ? capital(rule.metric) : '';
  switch (rule.kind) {
    case 'silence':
      return serverText(rule.onlyGood === true ? 'rule.silence.onlyGood' : 'rule.silence', {
        metric: rule.metric,
        lasting: durationText(rule.afterMs),
      });
    case 'mkt': {
      const limit = value(rule.above, rule.metric);
      return serverText('rule.mkt', { window: durationText(rule.windowMs), limit });
    }
    case 'threshold':
      return thresholdText(rule);
    case 'rate': {
      const limit = value(Math.abs(rule.limit), rule.metric);
      const way = rule.limit > 0 ? 'up' : 'down';
      return serverText('rule.rate', { metric, way, limit, window: durationText(rule.windowMs) });
    }
    case 'shock': {
      const said = { metric, limit: value(rule.limit, rule.metric) };
      if (rule.keepFiringForMs === 0) return serverText('rule.shock', said);
      return serverText('rule.shock.joined', { ...said, joined: durationText(rule.keepFiringForMs) });
    }
    case 'interval':
      return serverText('rule.interval', { metric, journey: durationText(rule.journeyMs) });
    case 'freezeThaw':
      return serverText('rule.freezeThaw', { times: rule.count, window: durationText(rule.windowMs) });
    case 'forecast': {
      const side = rule.above === undefined ? 'below' : 'above';
      const limit = value(rule.above ?? rule.below ?? 0, rule.metric);
      return serverText('rule.forecast', { metric, side, limit, within: durationText(rule.withinMs) });
    }
    case 'budget': {
      const said = { share: rule.share, through: throughText(rule) };
      if (rule.limits === undefined) return serverText('rule.budget', said);
      const budgets = rule.limits.map((limit) =>
        serverText('rule.budget.limit', {
          budget: durationText(limit.budgetMs),
          ends: limitsText(limit, 'temperature'),
        }),
      );
      return serverText('rule.budget.limits', { ...said, budgets: inWords(budgets) });
    }
    case 'cumulative': {
      const said = { ends: limitsText(rule, 'temperature'), lasting: durationText(rule.forMs) };
      return serverText('rule.cumulative', { ...said, through: throughText(rule) });
    }
    case 'goodsMkt': {
      const limit = value(rule.above, 'temperature');
      return serverText('rule.goodsMkt', { window: durationText(rule.windowMs), limit });
    }
    case 'tamper':
      return serverText('rule.tamper', {
        ...{ light: rule.light, shock: rule.shock ?? 'none', opened: rule.opened ? 'yes' : 'no' },
      });
    case 'goodsFreezeThaw':
      return serverText('rule.goodsFreezeThaw', { times: rule.count, through: throughText(rule) });
    case 'budgetForecast': {
      const said = { window: durationText(rule.windowMs), through: throughText(rule) };
      return serverText('rule.budgetForecast', said);
    }
    default:
      return isPassRule(rule) ? passRuleText(rule) : null;
  }
}

function passRuleText(rule: PassRule): string {
  const { atLeast } = rule;
  switch (rule.kind) {
    case 'shortage':
      return serverText('rule.shortage', { atLeast, when: rule.when, wait: durationText(rule.waitMs) });
    case 'noData':
      return serverText('rule.noData', { atLeast, needs: rule.needs.join(', ') });
    case 'wrongDirection':
      return serverText('rule.wrongDirection', { atLeast, way: rule.way ?? 'none' });
    case 'wrongPortal':
      return serverText('rule.wrongPortal', { atLeast, doors: listed(rule.through) });
    case 'expired':
      return serverText('rule.expired', { atLeast, days: Math.ceil(rule.remainingMs / 86_400_000) });
    case 'clone':
      return serverText('rule.clone', { atLeast, travel: durationText(rule.travelMs) });
    case 'dwell':
      return serverText('rule.dwell', {
        atLeast,
        longer: durationText(rule.longerThanMs),
        places: listed(rule.places),
      });
    case 'surge':
      return serverText('rule.surge', { times: rule.times });
    case 'weakReads':
      return serverText('rule.weakReads', { below: rule.below, passes: rule.passes });
    case 'diversion':
      return serverText('rule.diversion', { atLeast, sites: listed(rule.sites) });
    default:
      return serverText(`rule.${rule.kind}`, { atLeast });
  }
}

function listed(ids: readonly string[] | undefined): string {
  return ids?.join(', ') ?? 'none';
}

/** What of the air counts, where not all of it does. */
function throughText({ goods, unless }: Pick<BudgetRule, 'goods' | 'unless'>): string {
  const parts = [
    goods === undefined ? '' : serverText('rule.through.goods', { constant: durationText(goods.timeConstantMs) }),
    unless === undefined
      ? ''
      : serverText('rule.through.unless', { metric: unless.metric, ends: limitsText(unless, unless.metric) }),
  ];
  return parts.join('');
}

/** `a`, `a or b`, `a or b or c`. */
function inWords(parts: readonly string[]): string {
  return parts.reduce((one, other) => (one === '' ? other : serverText('rule.either', { one, other })), '');
}

function thresholdText(rule: ThresholdRule): string {
  const { metric, clearAbove, clearBelow, forMs } = rule;
  const [upper, lower] = [upperLimit(rule), lowerLimit(rule)];
  const lasting = { lasts: forMs > 0 ? 'yes' : 'no', lasting: durationText(forMs) };
  // A door is open (1) or closed (0): nobody says "above 0".
  if (metric === 'door') return serverText('rule.door', { side: upper === undefined ? 'below' : 'above', ...lasting });
  const clears = [
    upper === undefined || clearAbove === undefined
      ? null
      : serverText('rule.clear.above', { limit: value(clearAbove, metric) }),
    lower === undefined || clearBelow === undefined
      ? null
      : serverText('rule.clear.below', { limit: value(clearBelow, metric) }),
  ];
  const clear = either(clears);
  return serverText('rule.threshold', {
    ...{ metric: capital(metric), ends: limitsText(rule, metric), ...lasting },
    ...{ clear: clear === '' ? 'no' : 'yes', clears: clear },
  });
}

/** `above 8 °C or at 2 °C or below`. */
function limitsText(limits: Limits, metric: string): string {
  const { above, atOrAbove, below, atOrBelow } = limits;
  return either([
    above === undefined ? null : serverText('rule.end.above', { limit: value(above, metric) }),
    atOrAbove === undefined ? null : serverText('rule.end.atOrAbove', { limit: value(atOrAbove, metric) }),
    below === undefined ? null : serverText('rule.end.below', { limit: value(below, metric) }),
    atOrBelow === undefined ? null : serverText('rule.end.atOrBelow', { limit: value(atOrBelow, metric) }),
  ]);
}

/** One, or both with `or` between them; empty where there is none. */
function either(parts: readonly (string | null)[]): string {
  const [one, other] = parts.filter((part) => part !== null);
  if (one === undefined) return '';
  return other === undefined ? one : serverText('rule.either', { one, other });
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function value(limit: number, metric: string): string {
  const unit = metricByName(metric)?.unit ?? '';
  return unit === '' ? String(limit) : `${limit}${unit === '°' ? '' : ' '}${unit}`;
}

const UNITS = [
  ['rule.duration.day', 86_400_000],
  ['rule.duration.hour', 3_600_000],
  ['rule.duration.minute', 60_000],
  ['rule.duration.second', 1_000],
] as const;

/** `10 minutes`: in the largest unit that it is whole in. */
function durationText(ms: number): string {
  const unit = UNITS.find(([, size]) => ms >= size && ms % size === 0);
  return unit === undefined
    ? serverText('rule.duration.ms', { count: ms })
    : serverText(unit[0], { count: ms / unit[1] });
}
