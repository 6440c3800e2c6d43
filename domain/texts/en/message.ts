/** What a message about an alert says (alerts/message). */
export const message = {
  'message.alert.opened': 'An alert opened.',
  'message.alert.escalated': 'Nobody has acknowledged this alert yet; you are asked to step in.',
  'message.alert.reminded': 'Nobody has acknowledged this alert yet.',
  'message.alert.snoozeEnded': 'The alert was put off, and its time is over.',
  'message.alert.acknowledged': 'Acknowledged by {who}.',
  'message.alert.resolved': 'Resolved by {who}.',
  'message.alert.retracted': 'This did not happen: later data or facts say otherwise. The alert is taken back.',
  'message.alert.changed': 'What this alert touches changed since somebody acted on it. Look at its serials again.',
  'message.alert.flapping':
    'It opens and closes too often: {opened, number} times within {withinMinutes, number} minutes. What opens from here on is held until that is over.',
  'message.alert.flappingEnded': 'It no longer opens and closes all the time. What still stands is told from here on.',
  'message.group.standing': 'These alerts came together and are told together.',
  'message.group.ended': 'It is over: none of these alerts is open any more.',
  'message.silence.title': 'A silence of yours ended: {reason}',
  'message.silence':
    'It ended at {until}. {muted, plural, =0 {It muted no alert.} one {It muted # alert.} other {It muted # alerts.}} What still stands is told from here on.',
  'message.other': 'Something changed about an alert.',
  'message.clock.site': '{time} ({site} at the site)',
  'message.code': '{code} is your code',
  'message.code.sentence':
    'Enter it under Account to be told of alerts at this address. If you did not ask for it, do nothing.',
  'message.link.account': 'Your account',
  'message.channel.test': 'This is a test',
  'message.channel.test.sentence':
    'A person sent it from Isotherm to see whether messages arrive by the channel {channel}. Nothing is wrong.',

  'message.severity': '{severity, select, critical {Critical} warning {Warning} info {Notice} other {{severity}}}',
  'message.title': '{taken, select, true {Taken back: } other {}}{severity}: {summary}',
  'message.state':
    '{state, select, open {open} acknowledged {acknowledged} resolved {resolved} retracted {taken back} other {{state}}}',

  'message.fact.serials': 'Serials touched',
  'message.fact.serials.value': '{count, plural, =0 {none} one {# serial} other {# serials}}',
  'message.fact.alerts': 'Alerts',
  'message.fact.alerts.value':
    '{alerts, plural, one {# alert} other {# alerts}}, {open, number} open, {running, number} going on',
  'message.fact.exposure': 'Worst exposure',
  'message.fact.exposure.minutes': '{minutes, plural, one {# minute} other {# minutes}} out of range',
  'message.fact.exposure.extreme': 'up to {extreme}',
  'message.fact.exposure.limit': '{extreme}, where {limit} is the limit',
  'message.fact.place': 'Where',
  'message.fact.since': 'Since',
  'message.fact.until': '{from} to {to}',
  'message.fact.for': 'For',
  'message.fact.stake': 'At stake',
  'message.fact.stake.class': '{serials, plural, one {# serial} other {# serials}} of value class {valueClass, number}',
  'message.fact.stake.budget':
    '{minutes, plural, one {# minute} other {# minutes}} of stability budget left at the least',
  'message.fact.late': 'Found late',
  'message.fact.late.value': 'the readings came after the fact',

  'message.serials.more': '{count, plural, one {and # more} other {and # more}}',

  'message.do': 'What to do now',
  'message.do.threshold':
    'Bring the goods back into their range, then look at the cause. Do not release what was touched: quality decides.',
  'message.do.silence':
    'Look at the logger and its gateway: power, network, battery. Until it reports, the air is unknown.',
  'message.do.mkt': 'Hold the goods; the mean of the whole time is too warm. Quality decides.',
  'message.do.rate': 'Look whether a door stands open or the cooling stopped.',
  'message.do.shock': 'Look at the goods and their packing for damage.',
  'message.do.interval': 'Set the logger to report more often, or put another one beside it.',
  'message.do.freezeThaw': 'Hold the goods; they were frozen and thawed. Quality decides.',
  'message.do.forecast': 'There is still time: act before the limit is reached.',
  'message.do.unexpected': 'Stop the pallet at the door and compare it with its papers.',
  'message.do.blocked': 'Do not let these goods move on. Put them aside and ask quality.',
  'message.do.group': 'Look for the one cause: power, network or cooling of the whole place.',
  'message.do.health': 'Look at Administration, Health: it says what fails and what to do.',
  'message.do.other': 'Look at the alert and decide who handles it.',

  'message.mention': '{by} mentions you in {case}',
  'message.fact.case': 'Case',
  'message.link.case': 'See the case',
  'message.link.alert': 'Open the alert',
  'message.link.alerts': 'Open the alerts',
  'message.pin': 'Answer {pin} to acknowledge.',
  'message.link.acknowledge': 'Acknowledge…',
  'message.footer': 'Isotherm sends this because a route of alerts leads here.',

  'acknowledge.title': 'Acknowledge an alert',
  'acknowledge.will':
    'The button below acknowledges this alert as {who}. Reminders and escalation end; the alert stays open to be resolved. Nothing was done yet.',
  'acknowledge.comment': 'What is done about it (this site asks for it)',
  'acknowledge.button': 'Acknowledge',
  'acknowledge.done': 'Acknowledged as {who}. You may close this page.',
  'acknowledge.noLonger': 'Nothing was done: the alert is {state} by now.',
  'acknowledge.noLonger.by': 'Nothing was done: the alert is {state} by now, by {who}.',
  'acknowledge.changed':
    'Nothing was done yet: the alert changed since the message was sent. This is how it stands now.',
  'acknowledge.used': 'Nothing was done: the alert was opened again since this message was sent. Open it on the page.',
  'acknowledge.past': 'This link is past its end. Open the alert on the page instead.',
  'acknowledge.unknown': 'This link leads to no alert. Copy it whole from the message.',
} as const;

/** The same texts in another language: those of messages that leave the house. */
export type MessageTexts = Readonly<
  Record<Exclude<keyof typeof message, 'message.state' | `acknowledge.${string}`>, string>
>;
