/** Sentences, names and units that several screens say (words/). */
export const words = {
  'count.serial': '{count, plural, one {# serial} other {# serials}}',
  'count.unit': '{count, plural, one {# unit} other {# units}}',
  'count.logger': '{count, plural, one {# logger} other {# loggers}}',
  'count.minute': '{count, plural, one {# minute} other {# minutes}}',
  'count.open alert': '{count, plural, one {# open alert} other {# open alerts}}',
  'count.settled difference': '{count, plural, one {# settled difference} other {# settled differences}}',

  'alert.headline.silence': 'No reading, overdue for {lasted}',
  'alert.headline.silence.over': 'No reading, was overdue for {lasted}',
  'alert.headline.unexpected': '{serials, plural, =0 {Serials} one {# serial} other {# serials}} nobody expects here',
  'alert.headline.blocked': '{serials, plural, =0 {Serials that} one {# serial} other {# serials}} must not move on',
  'alert.headline.mkt': 'Mean kinetic temperature above {limit}',
  'alert.headline.door': 'Door {side, select, above {open} other {closed}} for {lasted}',
  'alert.headline.beyond': '{side, select, above {Above} other {Below}} {limit} for {lasted}',

  'alert.sentence.blocked':
    '{serials, plural, one {# serial} other {# serials}} went through {place} at {at} and must not move on.',
  'alert.sentence.unexpected':
    '{serials, plural, one {# serial} other {# serials}} went through {place} at {at} and no shipment expects {serials, plural, one {it} other {them}} there.',
  'alert.sentence.portal': 'the portal',
  'alert.sentence.mkt':
    '{serials, plural, =0 {A} one {# serial with a} other {# serials with a}} mean kinetic temperature above {limit}.',
  'alert.sentence.door':
    'The door at {where} {isOver, select, yes {was} other {has been}} {side, select, above {open} other {closed}} for {lasted}.{serials, plural, =0 {} one { # serial was there.} other { # serials were there.}}',
  'alert.sentence.somewhere': 'a place',
  'alert.sentence.logger': 'A logger',
  'alert.sentence.nobody':
    '{isOver, select, yes {{who} was} other {{who} is}} {side, select, above {above} other {below}} {limit}{isOver, select, yes {} other {, so far}} for {lasted}. No serials are known to have been with it.',
  'alert.sentence.beyond':
    '{isOver, select, yes {{serials, plural, one {# serial was} other {# serials were}}} other {{serials, plural, one {# serial is} other {# serials are}}}} {side, select, above {above} other {below}} {limit}{isOver, select, yes {} other {, so far}} for {lasted}.',
  'alert.sentence.silence':
    '{who} has been silent for {lasted} longer than it should.{serials, plural, =0 {} one { # serial travels with it.} other { # serials travel with it.}}',
  'alert.sentence.silence.over':
    '{who} was silent for {lasted} longer than it should have been.{serials, plural, =0 {} one { # serial travelled with it.} other { # serials travelled with it.}}',
  'alert.minutes': '{least} to {most} minutes',
  'alert.state.open': 'Open',
  'alert.state.acknowledged': 'Acknowledged',
  'alert.state.resolved': 'Resolved',
  'alert.state.retracted': 'Taken back',
  'alert.severity.critical': 'Critical',
  'alert.severity.warning': 'Warning',
  'alert.severity.info': 'For information',
  'alert.ended.recovery': 'back in range',
  'alert.ended.silence': 'the logger fell silent',
  'alert.ended.rule': 'the rule changed',

  'value.closed': 'closed',
  'value.open': 'open',

  'gap.around': 'Reads may be missing around {from}: {reason}.',
  'gap.between': 'Reads may be missing from {from} to {to}: {reason}.',

  'shipment.state.created': 'Announced',
  'shipment.state.packed': 'Packed',
  'shipment.state.in transit': 'In transit',
  'shipment.state.received': 'Received',
  'shipment.state.closed': 'Closed',
  'profile.between': '{min} to {max}',
  'profile.upTo': 'up to {max}',
  'profile.from': 'from {min}',

  'status.active': 'in circulation',
  'status.inactive': 'decommissioned',
  'status.retail_sold': 'sold',

  'stretch.6h': '6 h',
  'stretch.48h': '2 days',
  'stretch.14d': '2 weeks',

  'when.now': 'just now',
  'when.minutes': '{count} min ago',
  'when.hours': '{count} h ago',
  'when.days': '{count} days ago',
  'when.zone': '{name} time',

  'rule.kind.threshold': 'Limit',
  'rule.kind.silence': 'Silence',
  'rule.kind.mkt': 'Mean kinetic temperature',
  'rule.kind.rate': 'Rate of change',
  'rule.kind.shock': 'Shock',
  'rule.kind.interval': 'Recording interval',
  'rule.kind.freezeThaw': 'Freeze-thaw',
  'rule.kind.forecast': 'Forecast',
  'rule.kind.unexpected': 'Unexpected serials',
  'rule.kind.blocked': 'Stopped serials',
  'rule.maker.unknown': 'not known',
  'rule.maker.file': 'the rule file',
  'rule.finding.goesOn': 'still going on',
  'rule.obstacle.empty': 'There is no rule here. Write one, or load the page again.',
  'rule.obstacle.id.unreadable':
    'The line with the id cannot be read: write it at the very left, `id: too-warm`, of small letters, digits and dashes, at most 64.',
  'rule.obstacle.id.missing':
    'The rule needs a line with its id, `id: too-warm`: small letters, digits and dashes, at most 64.',
  'rule.obstacle.tab': 'Line {line} begins with a tab. YAML wants blanks there.',
  'rule.obstacle.unchanged': 'Nothing is changed yet, so there is nothing to save.',
} as const;
