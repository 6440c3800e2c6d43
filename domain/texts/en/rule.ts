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
  'rule.threshold':
    '{metric} {ends}{lasts, select, yes { for {lasting} or longer} other {}}{clear, select, yes {, until it is {clears}} other {}}.',
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
