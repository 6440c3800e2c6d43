import {
  type BudgetRule,
  type CloneRule,
  excusedAtMost,
  isPassRule,
  type Limits,
  lowerLimit,
  metricByName,
  type PassRule,
  type Rule,
  serverText,
  type TextValues,
  type ThermalMass,
  type ThresholdRule,
  type ToldKey,
  upperLimit,
} from '../../domain/index.ts';

/** Says a text of rules in some language. */
export type SayRule = (key: ToldKey, values?: TextValues) => string;

/** A rule as a person would say it; null for a kind that has no words here yet. */
export function ruleText(rule: Rule, say: SayRule = serverText): string | null {
  const metric = 'metric' in rule ? capital(rule.metric) : '';
  switch (rule.kind) {
    case 'silence':
      return say(rule.onlyGood === true ? 'rule.silence.onlyGood' : 'rule.silence', {
        metric: rule.metric,
        lasting: durationText(rule.afterMs, say),
      });
    case 'mkt': {
      const limit = value(rule.above, rule.metric);
      return say('rule.mkt', { window: durationText(rule.windowMs, say), limit });
    }
    case 'threshold':
      return thresholdText(rule, say);
    case 'rate': {
      const limit = value(Math.abs(rule.limit), rule.metric);
      const way = rule.limit > 0 ? 'up' : 'down';
      return say('rule.rate', { metric, way, limit, window: durationText(rule.windowMs, say) });
    }
    case 'shock': {
      const said = { metric, limit: value(rule.limit, rule.metric) };
      if (rule.keepFiringForMs === 0) return say('rule.shock', said);
      return say('rule.shock.joined', { ...said, joined: durationText(rule.keepFiringForMs, say) });
    }
    case 'interval':
      return say('rule.interval', { metric, journey: durationText(rule.journeyMs, say) });
    case 'freezeThaw':
      return say('rule.freezeThaw', { times: rule.count, window: durationText(rule.windowMs, say) });
    case 'forecast': {
      const side = rule.above === undefined ? 'below' : 'above';
      const limit = value(rule.above ?? rule.below ?? 0, rule.metric);
      return say('rule.forecast', { metric, side, limit, within: durationText(rule.withinMs, say) });
    }
    case 'budget': {
      const said = { share: rule.share, through: throughText(rule, say) };
      if (rule.limits === undefined) return say('rule.budget', said);
      const budgets = rule.limits.map((limit) =>
        say('rule.budget.limit', {
          budget: durationText(limit.budgetMs, say),
          ends: limitsText(limit, 'temperature', say),
        }),
      );
      return say('rule.budget.limits', { ...said, budgets: inWords(budgets, say) });
    }
    case 'cumulative': {
      const said = { ends: limitsText(rule, 'temperature', say), lasting: durationText(rule.forMs, say) };
      return say('rule.cumulative', { ...said, through: throughText(rule, say) });
    }
    case 'goodsMkt': {
      const limit = value(rule.above, 'temperature');
      return say('rule.goodsMkt', { window: durationText(rule.windowMs, say), limit });
    }
    case 'tamper':
      return say('rule.tamper', {
        ...{ light: rule.light, shock: rule.shock ?? 'none', opened: rule.opened ? 'yes' : 'no' },
      });
    case 'goodsFreezeThaw':
      return say('rule.goodsFreezeThaw', { times: rule.count, through: throughText(rule, say) });
    case 'budgetForecast': {
      const said = { window: durationText(rule.windowMs, say), through: throughText(rule, say) };
      return say('rule.budgetForecast', said);
    }
    default:
      return isPassRule(rule) ? passRuleText(rule, say) : null;
  }
}

function passRuleText(rule: PassRule, say: SayRule): string {
  const { atLeast } = rule;
  switch (rule.kind) {
    case 'shortage':
      return say('rule.shortage', { atLeast, when: rule.when, wait: durationText(rule.waitMs, say) });
    case 'noData':
      return say('rule.noData', { atLeast, needs: rule.needs.join(', ') });
    case 'wrongDirection':
      return say('rule.wrongDirection', { atLeast, way: rule.way ?? 'none' });
    case 'wrongPortal':
      return say('rule.wrongPortal', { atLeast, doors: listed(rule.through) });
    case 'expired':
      return say('rule.expired', { atLeast, days: Math.ceil(rule.remainingMs / 86_400_000) });
    case 'clone':
      return cloneText(rule, say);
    case 'dwell':
      return say('rule.dwell', {
        atLeast,
        longer: durationText(rule.longerThanMs, say),
        places: listed(rule.places),
      });
    case 'badData':
      return serverText('rule.badData', { atLeast, checks: rule.checks.join(', ') });
    case 'surge':
      return serverText('rule.surge', { times: rule.times });
    case 'weakReads':
      return serverText('rule.weakReads', { below: rule.below, passes: rule.passes });
    case 'diversion':
      return say('rule.diversion', { atLeast, sites: listed(rule.sites) });
    default:
      return say(`rule.${rule.kind}`, { atLeast });
  }
}

function cloneText({ atLeast, travelMs, signs = ['travel'] }: CloneRule, say: SayRule): string {
  const travel = durationText(travelMs, say);
  if (signs.every((sign) => sign === 'travel')) return say('rule.clone', { atLeast, travel });
  return say('rule.cloneSigns', {
    atLeast,
    signs: signs.map((sign) => say(`rule.cloneSign.${sign}`, { travel })).join('; '),
  });
}

function listed(ids: readonly string[] | undefined): string {
  return ids?.join(', ') ?? 'none';
}

/** By what temperature, where not by that of the air. */
function massText({ thermalMassMs }: ThresholdRule, say: SayRule): string {
  return thermalMassMs === undefined ? '' : say('rule.through.goods', { constant: durationText(thermalMassMs, say) });
}

function thermalMassText(goods: ThermalMass, say: SayRule): string {
  if ('timeConstantMs' in goods)
    return say('rule.through.goods', { constant: durationText(goods.timeConstantMs, say) });
  const { otherwiseMs } = goods;
  return say('rule.through.goodsOfProduct', {
    otherwise: otherwiseMs === undefined ? 'none' : durationText(otherwiseMs, say),
  });
}

/** What of the air counts, where not all of it does. */
function throughText({ goods, unless }: Pick<BudgetRule, 'goods' | 'unless'>, say: SayRule): string {
  const parts = [
    goods === undefined ? '' : thermalMassText(goods, say),
    unless === undefined
      ? ''
      : say('rule.through.unless', {
          metric: unless.metric,
          ends: limitsText(unless, unless.metric, say),
          most: durationText(excusedAtMost(unless), say),
        }),
  ];
  return parts.join('');
}

/** `a`, `a or b`, `a or b or c`. */
function inWords(parts: readonly string[], say: SayRule): string {
  return parts.reduce((one, other) => (one === '' ? other : say('rule.either', { one, other })), '');
}

function thresholdText(rule: ThresholdRule, say: SayRule): string {
  const { metric, clearAbove, clearBelow, forMs } = rule;
  const [upper, lower] = [upperLimit(rule), lowerLimit(rule)];
  const lasting = { lasts: forMs > 0 ? 'yes' : 'no', lasting: durationText(forMs, say) };
  // A door is open (1) or closed (0): nobody says "above 0".
  if (metric === 'door') return say('rule.door', { side: upper === undefined ? 'below' : 'above', ...lasting });
  const clears = [
    upper === undefined || clearAbove === undefined
      ? null
      : say('rule.clear.above', { limit: value(clearAbove, metric) }),
    lower === undefined || clearBelow === undefined
      ? null
      : say('rule.clear.below', { limit: value(clearBelow, metric) }),
  ];
  const clear = either(clears, say);
  return say('rule.threshold', {
    ...{ metric: capital(metric), ends: limitsText(rule, metric, say), ...lasting },
    ...{ clear: clear === '' ? 'no' : 'yes', clears: clear, through: massText(rule, say) + throughText(rule, say) },
  });
}

/** `above 8 °C or at 2 °C or below`. */
function limitsText(limits: Limits, metric: string, say: SayRule): string {
  const { above, atOrAbove, below, atOrBelow } = limits;
  return either(
    [
      above === undefined ? null : say('rule.end.above', { limit: value(above, metric) }),
      atOrAbove === undefined ? null : say('rule.end.atOrAbove', { limit: value(atOrAbove, metric) }),
      below === undefined ? null : say('rule.end.below', { limit: value(below, metric) }),
      atOrBelow === undefined ? null : say('rule.end.atOrBelow', { limit: value(atOrBelow, metric) }),
    ],
    say,
  );
}

/** One, or both with `or` between them; empty where there is none. */
function either(parts: readonly (string | null)[], say: SayRule): string {
  const [one, other] = parts.filter((part) => part !== null);
  if (one === undefined) return '';
  return other === undefined ? one : say('rule.either', { one, other });
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
function durationText(ms: number, say: SayRule): string {
  const unit = UNITS.find(([, size]) => ms >= size && ms % size === 0);
  return unit === undefined ? say('rule.duration.ms', { count: ms }) : say(unit[0], { count: ms / unit[1] });
}
