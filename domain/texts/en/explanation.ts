/** What each reading that mattered changed, in one sentence (docs/rules.md, "Explanation"). */
export const explanation = {
  'explanation.ruleChanged': 'Another version of the rule took over.',
  'explanation.pass.unexpected':
    '{serials, plural, one {# serial} other {# serials}} in this pass that no shipment expects there: an alert.',
  'explanation.goods.recovered': 'Here it is no longer so.',
  'explanation.goods.gap': 'Nothing is known of the air here: what was found ends.',
  'explanation.goods.budget':
    'From here on {serials, plural, one {# serial has} other {# serials have}} used more than {limit} min out of range; {extreme} min by now: an alert.',
  'explanation.goods.cumulative':
    'From here on {serials, plural, one {# serial has} other {# serials have}} been beyond the limit for {limit} min in all; {extreme} min by now: an alert.',
  'explanation.goods.goodsMkt':
    'The mean kinetic temperature of {serials, plural, one {# serial} other {# serials}} is above {limit} °C, at most {extreme} °C: an alert.',
  'explanation.goods.goodsFreezeThaw':
    '{serials, plural, one {# serial has} other {# serials have}} thawed after freezing {limit, plural, one {once} other {# times}} by here; {extreme, plural, one {once} other {# times}} by now: an alert.',
  'explanation.goods.tamper':
    '{extreme, plural, one {A sign} other {# signs}} that the seal of {serials, plural, one {# serial} other {# serials}} did not hold on the way: an alert.',
  'explanation.goods.budgetForecast':
    'At this pace {extreme} min of the {limit} min that {serials, plural, one {# serial stands} other {# serials stand}} are used by arrival: an alert.',
  'explanation.pass.blocked':
    '{serials, plural, one {# serial} other {# serials}} in this pass that may not move on: an alert.',
  'explanation.pass.found': '{said}: an alert.',

  'explanation.silence.last': 'The last reading before the silence.',
  'explanation.silence.opened': 'No reading for {lasting}: an alert.',
  'explanation.silence.heard': 'A reading again.',
  'explanation.silence.heard.after': 'A reading again, {silent} after the last.',

  'explanation.shock.opened': '{value}, {limit} or more: an alert.',
  'explanation.shock.counted': '{value}, within {joined} of the one before: the same alert.',
  'explanation.shock.furthest': '{value}: the hardest.',

  'explanation.interval.opened':
    '{lasting} to the next reading; EN 12830 allows {allowed} on such a journey: an alert.',
  'explanation.interval.counted': '{lasting} to the next reading; EN 12830 allows {allowed} on such a journey.',
  'explanation.interval.recovered': 'From here the readings are close enough again.',

  'explanation.freezeThaw.frozen': '{value}, below {limit}: frozen.',
  'explanation.freezeThaw.thawed': '{value}, above {limit}: thawed.',
  'explanation.freezeThaw.opened':
    '{value}, above {limit}: thawed: the {nth, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} within {window}, an alert.',

  'explanation.threshold.beyond':
    '{value}, {side, select, above {above {limit}} below {below {limit}} atOrAbove {at {limit} or above} atOrBelow {at {limit} or below} other {outside}}.',
  'explanation.threshold.extended':
    '{value}, {side, select, above {above {limit}} below {below {limit}} atOrAbove {at {limit} or above} atOrBelow {at {limit} or below} other {outside}}, {after} after it ended: within {keeps} the same alert goes on.',
  'explanation.threshold.crossed':
    '{value}, {side, select, above {above {limit}} below {below {limit}} atOrAbove {at {limit} or above} atOrBelow {at {limit} or below} other {outside}}, straight from the other side.',
  'explanation.threshold.unknown': 'No reading for {lasting}; the rule takes the worst for it.',
  'explanation.threshold.held': '{value}: within the limit, but outside.',
  'explanation.threshold.held.until':
    '{value}: within the limit, but outside until {clear} or {side, select, above {less} other {more}}.',
  'explanation.threshold.opened.atOnce': 'An alert at once.',
  'explanation.threshold.opened': 'Outside for {lasting}: an alert.',
  'explanation.threshold.recovered': '{value}: back inside.',
  'explanation.threshold.recovered.unseen': 'Back inside.',
  'explanation.threshold.excused': 'Not counted: {metric} reported from {from} to {to} UTC.',
  'explanation.threshold.ended.excused': '{value}: not counted from here.',
  'explanation.threshold.gap': 'No reading for {lasting} after this: nothing is known there.',
  'explanation.threshold.gap.open': 'No reading after this for too long: nothing is known.',
  'explanation.threshold.furthest': '{value}, {beyond} beyond the limit: the furthest.',

  'explanation.gap': 'No reading after this for too long: nothing is known there.',

  'explanation.rate.opened.unseen': 'More than {limit} in {window}: an alert.',
  'explanation.rate.opened': '{way, select, up {Up} other {Down}} {change} in {window}, more than {limit}: an alert.',
  'explanation.rate.furthest': '{way, select, up {Up} other {Down}} {change} in {window}: the fastest.',
  'explanation.rate.recovered': '{value}: no longer more than {limit} in {window}.',

  'explanation.forecast.opened': 'The trend of the last {window} is sure to reach {limit} within {within}: a warning.',
  'explanation.forecast.reached': '{value}: {limit} is reached, {after} after the warning.',
  'explanation.forecast.nearest': 'At the nearest the trend left about {minutes} min to {limit}.',
  'explanation.forecast.recovered': '{value}: back within {limit}.',

  'explanation.mkt.opened': 'The mean kinetic temperature over {window} is {mkt}, above {limit}: an alert.',
  'explanation.mkt.opened.unseen': 'The mean kinetic temperature over {window} is above {limit}: an alert.',
  'explanation.mkt.furthest': '{mkt} over {window}: the highest.',
  'explanation.mkt.recovered': 'The mean kinetic temperature over {window} is {mkt}, no longer above {limit}.',
  'explanation.mkt.recovered.unseen': 'The mean kinetic temperature over {window} is no longer above {limit}.',
  'explanation.mkt.gap': 'No reading for longer than is usual: nothing is known of the hours from here on.',
} as const;
