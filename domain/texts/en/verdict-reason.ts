/** What a pass showed, in a line: why its verdict is as it is. At a door in the language of the site. */
export const verdictReason = {
  'pass.reason.blocked': '{count} may not move on ({statuses})',
  'pass.reason.status': '{status, select, retail_sold {retail sold} other {{status}}}',
  'pass.reason.unexpected': '{count} not expected here',
  'pass.reason.missing': '{count} missing',
  'pass.reason.missing.soFar': '{count} missing so far',
  'pass.reason.all': 'all {count} expected serials were read',
  'pass.reason.units': '{count, plural, one {a unit} other {{count} units}} went through as expected',
  'pass.reason.strays': 'only strays of a neighbouring portal',
  'pass.reason.nothing': 'nothing was expected and nothing was read',
  'pass.reason.gap': 'reads of {reader} may be missing from {from} to {to} UTC: {reason}',
} as const;

/** What names a part of the reason of a verdict. */
export type VerdictReasonKey = keyof typeof verdictReason;
/** The same in another language. */
export type VerdictReasonTexts = Readonly<Record<VerdictReasonKey, string>>;
