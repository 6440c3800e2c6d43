/** A rule over passes as a person would say it (docs/rules.md, "Rules over passes"). */
export const passRule = {
  'rule.unexpected': '{atLeast} or more serials in a pass that no shipment expects there.',
  'rule.blocked':
    '{atLeast} or more serials in a pass that may not move on: recalled, stolen, expired or decommissioned.',
  'rule.shortage':
    '{atLeast} or more serials of a shipment that do not {when, select, departure {leave} receipt {come} other {leave or come}} with the rest; units are waited for {wait} after the last one.',
  'rule.noData': '{atLeast} or more serials in a pass of which not enough is known: {needs}.',
  'rule.wrongDirection':
    '{atLeast} or more serials that move against {way, select, none {the way of their shipment} other {the way of the door, which is for what goes {way}}}.',
  'rule.wrongPortal':
    '{atLeast} or more serials that go through {doors, select, none {another door than most of their shipment} other {a door other than {doors}}}.',
  'rule.expired':
    '{atLeast} or more serials that move {days, plural, =0 {past their expiry} one {with less than # day left to their expiry} other {with less than # days left to their expiry}}.',
  'rule.clone': '{atLeast} or more serials read at two sites within {travel}: sooner than they can travel.',
  'rule.cloneSigns': '{atLeast} or more serials whose tag may be a copy: {signs}.',
  'rule.cloneSign.travel': 'read at two sites within {travel}',
  'rule.cloneSign.tid': 'answered by another tag than before',
  'rule.cloneSign.ended': 'read though destroyed, dispensed or decommissioned',
  'rule.dwell':
    '{atLeast} or more serials that stay longer than {longer} {places, select, none {where a door brought them} other {at {places}}}.',
  'rule.crossRead': '{atLeast} or more tags read at a door that went through another one.',
  'rule.diversion':
    '{atLeast} or more serials at a site that is {sites, select, none {no end of their shipment} other {none of {sites}}}.',
  'rule.badData': '{atLeast} or more serials in a pass of which notices and events say what cannot be: {checks}.',
  'rule.surge': 'More than {times} times as many tags read at a door as usual in that hour.',
  'rule.weakReads': 'A door, or an antenna of it, reads less than {below} % of its usual share, over {passes} passes.',
} as const;
