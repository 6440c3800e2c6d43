/** One line for a person, of an alert whose rule has no words of its own (alerts/summary.ts). */
export const alert = {
  'summary.threshold':
    '{device} {side, select, above {above} at {at} other {below}} {limit}{unit, select, none {} other { {unit}}} for {duration}',
  'summary.silence': '{device}: no {metric} reading, overdue since {since}',
  'summary.silence.over': '{device}: no {metric} reading, overdue for {duration}',
  'summary.mkt': '{device}: mean kinetic temperature above {limit} {unit}, up to {extreme} {unit}',
  'summary.rate': '{device}: {metric} moved by {extreme} {unit}, more than {limit} {unit}',
  'summary.shock': '{device}: {metric} of {extreme} {unit}',
  'summary.interval': '{device}: {metric} readings up to {extreme} minutes apart',
  'summary.freezeThaw': '{device}: thawed after it was frozen',
  'summary.forecast': '{device}: {metric} on its way to {limit} {unit}, {minutes} min away at its nearest',
  'summary.budget':
    '{shipment}: {serials, plural, one {# serial} other {# serials}} out of range for {extreme} min, more than their budget of {limit} min',
  'summary.cumulative':
    '{shipment}: {serials, plural, one {# serial} other {# serials}} beyond the limit for {extreme} min in all, {limit} min are an alarm',
  'summary.goodsMkt':
    '{shipment}: mean kinetic temperature of {serials, plural, one {# serial} other {# serials}} above {limit} {unit}, up to {extreme} {unit}',
  'summary.goodsFreezeThaw':
    '{shipment}: {serials, plural, one {# serial} other {# serials}} thawed after freezing {extreme, plural, one {once} other {# times}}',
  'summary.tamper':
    '{shipment}: {serials, plural, one {# serial} other {# serials}} with {extreme, plural, one {a sign} other {# signs}} of tampering on the way',
  'summary.budgetForecast':
    '{shipment}: the budget of {serials, plural, one {# serial} other {# serials}} runs out before arrival, {extreme} min expected of {limit} min',
  'summary.unexpected': '{serials, plural, one {# serial} other {# serials}} nobody expects at {portal}',
  'summary.blocked': '{serials, plural, one {# serial} other {# serials}} at {portal} may not move on ({reasons})',

  'summary.group.opened': '{about}: {alerts, plural, one {# alert} other {# alerts}}, {running, number} going on',
  'summary.group.changed':
    '{about}: {alerts, plural, one {# alert} other {# alerts}}, {running, number} going on, {added, number} of them new, {retracted, number} taken back',
  'summary.group.escalated':
    '{about}: nobody has acknowledged {open, plural, one {# alert} other {# alerts}} of {alerts, number}, {running, number} going on',
  'summary.group.reminded':
    '{about}: still nobody has acknowledged {open, plural, one {# alert} other {# alerts}} of {alerts, number}, {running, number} going on',
  'summary.group.ended':
    '{about}: over; {alerts, plural, one {# alert} other {# alerts}}, {open, number} of them acknowledged by nobody, {retracted, number} taken back',

  'summary.health': 'Isotherm itself: {part} fails and is tried again',
  'summary.health.disk': 'Isotherm itself: the disk of the data directory fills up',
  'summary.health.log-size': 'Isotherm itself: the log fills up; once it is full nothing is acknowledged',
  'summary.health.backup': 'Isotherm itself: the last backup is too old',
  'summary.health.device': 'Isotherm itself: nothing is taken of {name}',
  'summary.health.calibration due': 'Isotherm itself: the calibration of {name} is due',
  'summary.health.calibration overdue': 'Isotherm itself: the calibration of {name} is overdue',
  'summary.health.certificate': 'Isotherm itself: the certificate of {name} has to be seen to',
  'summary.health.append': 'Isotherm itself: nothing can be taken in',
  'summary.health.writer': 'Isotherm itself: readings are taken in and not stored',
  'summary.health.writer checkpoint': 'Isotherm itself: readings are taken in and not stored',
  'summary.health.tracer': 'Isotherm itself: shipments and passes are not followed',
  'summary.health.tracer checkpoint': 'Isotherm itself: shipments and passes are not followed',
  'summary.health.evaluator': 'Isotherm itself: rules are not judged, alerts may be missing',
  'summary.health.evaluator checkpoint': 'Isotherm itself: rules are not judged, alerts may be missing',
  'summary.health.alerts': 'Isotherm itself: some alerts cannot be worked out',
  'summary.health.notifier': 'Isotherm itself: messages are not sent',
  'summary.health.archive': 'Isotherm itself: messages as received are not archived',
  'summary.health.archive checkpoint': 'Isotherm itself: messages as received are not archived',
  'summary.health.retention': 'Isotherm itself: what is past its retention is not deleted',
  'summary.health.dead-records': 'Isotherm itself: records could not be taken and wait for a person',
  'summary.health.routing': 'Isotherm itself: the routing of alerts names what is not there any more',
  'summary.health.heartbeat': 'Isotherm itself: the watchdog outside does not take its heartbeat',
  'summary.health.undelivered-messages': 'Isotherm itself: messages were given up and wait for a person',
} as const;
