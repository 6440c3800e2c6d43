/** A rule as a person would say it. `{metric}` begins a sentence with a capital where it stands first. */
export const rule = {
  'rule.silence': 'No {metric} reading for {lasting}.',
  'rule.silence.onlyGood': 'Readings come, and no good {metric} among them for {lasting}: a broken sensor.',
  'rule.mkt': 'Mean kinetic temperature over {window} above {limit}.',
  'rule.rate': '{metric} {way, select, up {rises} other {falls}} by more than {limit} within {window}.',
  'rule.shock': '{metric} of {limit} or more.',
  'rule.shock.joined': '{metric} of {limit} or more, taken together within {joined}.',
  'rule.interval': '{metric} readings further apart than EN 12830 allows for a journey of {journey}.',
  'rule.freezeThaw': 'Thawed {times} times or more within {window}.',
  'rule.forecast': '{metric} on its way {side, select, above {above} other {below}} {limit} within {within}.',
  'rule.budget': 'More than {share} % of the time that goods stand out of range is used{through}.',
  'rule.budget.limits': 'Goods are longer than {budgets} in all, at {share} % of it{through}.',
  'rule.budget.limit': '{budget} {ends}',
  'rule.cumulative': 'Goods {ends} for {lasting} in all since they were packed{through}.',
  'rule.goodsMkt': 'Mean kinetic temperature of goods over {window} of their journey above {limit}.',
  'rule.goodsFreezeThaw':
    'Goods thawed after freezing {times, plural, one {once} other {# times}} on their journey{through}.',
  'rule.tamper':
    'Signs on the way that a seal did not hold: light of {light} lux or more{shock, select, none {} other {, a shock of {shock} g or more}}{opened, select, yes {, something taken out of its unit} other {}}.',
  'rule.budgetForecast': 'At the pace of the last {window} the budget of goods runs out before they arrive{through}.',
  'rule.through.goods': ', by the temperature of goods that follow the air with a time constant of {constant}',
  'rule.through.goodsOfProduct':
    ', by the temperature of goods that follow the air with the time constant of their product{otherwise, select, none {, without one by the air itself} other {, without one with {otherwise}}}',
  'rule.through.unless': ', not counting while {metric} is {ends}, {most} of it at most',
  'rule.threshold':
    '{metric} {ends}{lasts, select, yes { for {lasting} or longer} other {}}{clear, select, yes {, until it is {clears}} other {}}{through}.',
  'rule.door':
    'Door {side, select, above {open} other {closed}}{lasts, select, yes { for {lasting} or longer} other {}}.',
  'rule.end.above': 'above {limit}',
  'rule.end.atOrAbove': '{limit} or above',
  'rule.end.below': 'below {limit}',
  'rule.end.atOrBelow': '{limit} or below',
  'rule.clear.above': '{limit} or less',
  'rule.clear.below': '{limit} or more',
  'rule.either': '{one} or {other}',
  'rule.duration.day': '{count, plural, one {# day} other {# days}}',
  'rule.duration.hour': '{count, plural, one {# hour} other {# hours}}',
  'rule.duration.minute': '{count, plural, one {# minute} other {# minutes}}',
  'rule.duration.second': '{count, plural, one {# second} other {# seconds}}',
  'rule.duration.ms': '{count} ms',
} as const;
