/** Why a disposition is proposed (quality/disposition). Minutes as {minutes}, temperatures in {unit}. */
export const disposition = {
  'disposition.range': 'It had to stay {limits}.',
  'disposition.range.between': 'between {min} and {max} {unit}',
  'disposition.range.below': 'at {max} {unit} or colder',
  'disposition.range.above': 'at {min} {unit} or warmer',
  'disposition.limits.none': 'Nobody says between which temperatures it had to stay: a person must judge.',
  'disposition.measured': 'It was between {min} and {max} {unit}; its mean kinetic temperature is {mkt} {unit}.',
  'disposition.measured.none': 'Nothing was measured around it: a person must judge.',
  'disposition.inside': 'It was never out of range.',
  'disposition.outside': 'It was {above} min above and {below} min below the limits.',
  'disposition.excused': '{minutes} min of that are excused by a signed step.',
  'disposition.frozen': 'It was at {min} {unit}, and no time out of range pays for freezing: a person must judge.',
  'disposition.budget.none': 'Nobody says how long the product stands that: a person must judge.',
  'disposition.budget.carried': 'It brought {minutes} min out of range along.',
  'disposition.budget.kept':
    'Of {limit} min that the product stands over its whole life, {used} min are used and {left} min are left.',
  'disposition.budget.overdrawn':
    'Of {limit} min that the product stands over its whole life, {used} min are used: {over} min too many.',
  'disposition.unknown': '{unknown} min are without data and {suspect} min with suspect data only.',
  'disposition.unknown.harmless': 'Had it been out of range all that time, the product would still stand it.',
  'disposition.unknown.counted': 'They count as out of range, as the storage profile says.',
  'disposition.unknown.asked':
    'Had it been out of range all that time, the product would not stand it: a person must judge.',
  'disposition.unknown.unbudgeted':
    'Nobody says how long the product stands being out of range: a person must judge that time.',
} as const;
