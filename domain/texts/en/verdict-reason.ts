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
  // Why reads may be missing. What a gateway tells is the English one: known again by it, said in another language.
  'pass.gap.notReading': 'the reader was not reading: it has restarted or was configured by someone else',
  'pass.gap.unheld': 'the connection was lost and the reader cannot hold its reports',
  'pass.gap.broken': 'the connection broke: reports under way may be missing',
  'pass.gap.overflow': "the reader's report buffer overflowed",
  'pass.gap.killed': 'the gateway was killed: reports under way may be missing',
  'pass.gap.damaged': "the gateway's disk gave back other bytes than it took: reads may be missing",
} as const;

/** What names a part of the reason of a verdict. */
export type VerdictReasonKey = keyof typeof verdictReason;
/** The same in another language. */
export type VerdictReasonTexts = Readonly<Record<VerdictReasonKey, string>>;
