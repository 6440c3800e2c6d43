/** Readings that are kept and not judged as fact (docs/rules.md, "Quality of a reading"). */
export const suspect = {
  'suspect.title': '{count, plural, one {# reading is} other {# readings are}} not judged as fact (hatched):',
  'suspect.times': '{from} to {to}',
  'suspect.values': '{least} to {most}',
  'suspect.why': '{count, plural, one {{reason}} other {# readings: {reason}}}',
  'suspect.reason.ERROR_CODE': 'an error code of the sensor, not a temperature',
  'suspect.reason.OUT_OF_RANGE': 'no sensor can measure that',
  'suspect.reason.IMPLAUSIBLE_STEP': 'too far from the readings before and after to be true',
  'suspect.reason.SET_ASIDE': 'set aside by quality, or as a sensor that is stuck',
  'suspect.from': 'From',
  'suspect.to': 'To',
  'suspect.setAside': 'Set readings aside',
  'suspect.setAside.hint':
    'Readings that are known to be wrong: kept, shown, and judged by no rule. Alerts that rest on them are taken back.',
  'suspect.setAside.reason': 'Why they are wrong',
  'suspect.setAside.do': 'Set aside',
  'suspect.restore': 'Take them as fact again',
  'suspect.restore.reason': 'Why they are right after all',
  'suspect.restore.do': 'Take as fact',
} as const;
