/** Protocols of `isotherm validate` (app/validation). */
export const validation = {
  'validation.title': '{kind} of Isotherm',
  'validation.subtitle': 'Version {version} on {machine}, {at}.',
  'validation.passed': 'All {checks} checks passed.',
  'validation.failed': '{failed} of {checks} checks failed.',
  'validation.by': 'Run by',
  'validation.column.check': 'Check',
  'validation.column.what': 'What',
  'validation.column.expected': 'Expected',
  'validation.column.found': 'Found',
  'validation.column.result': 'Result',
  'validation.column.requirements': 'Shows',
  'validation.result.passed': 'passed',
  'validation.result.failed': 'FAILED',
  'validation.approval': 'Review and approval',
  'validation.reviewed': 'Reviewed: name, date',
  'validation.approved': 'Approved: name, date',
  'validation.signed':
    'The files protocol.json and protocol.note are inside. The note is signed by the key of this installation (isotherm ledger key): it holds the SHA-256 of the JSON.',
  'validation.file.protocol': 'This protocol, as JSON',
  'validation.file.note': 'The SHA-256 of protocol.json, signed (C2SP signed-note)',
} as const;
