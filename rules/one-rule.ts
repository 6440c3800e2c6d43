import { formatDuration, InputError, type Rule } from '../domain/index.ts';
import { parseRules, type RuleFileEntry } from './file/rule-file.ts';

/** One rule as someone wrote it, and what is allowed in it but probably not meant. */
export interface OneRule extends Omit<RuleFileEntry, 'line'> {
  readonly warnings: readonly string[];
}

const HEAD = 'rules:\n  -\n';
const HEAD_LINES = 2;
const INDENT = '    ';

/**
 * Reads one rule in the form of a rule file's entry (docs/rules.md, "File"), by the parser of files.
 *
 * @param text YAML, or JSON, which is YAML too
 * @throws {InputError} RULE_FILE_BAD with every mistake in `details.errors` as `{ path, message }`; the message begins
 * with the line
 */
export function parseRule(text: string): OneRule {
  const indented = text.split('\n').map((line) => INDENT + line);
  try {
    const { rules, warnings } = parseRules(HEAD + indented.join('\n'), 'rule');
    const [entry] = rules;
    if (entry === undefined || rules.length !== 1) throw notOne();
    const { rule, effectiveFrom } = entry;
    return { rule, effectiveFrom, warnings: warnings.map((warning) => problemOf(warning).message) };
  } catch (error) {
    if (!(error instanceof InputError) || !Array.isArray(error.details.problems)) throw error;
    const errors = error.details.problems.map((problem) => problemOf(String(problem)));
    const message = errors[0]?.message ?? error.message;
    throw new InputError(error.code, message, { errors }, error);
  }
}

/** `rule:5: rules[0].above: "x", allowed: ...` as it stands in the text of the rule alone. */
function problemOf(text: string): { readonly path: string; readonly message: string } {
  const [, line, rest = text] = /^rule:(\d+): (?:rules\[0\]\.?(?:: )?)?(.*)$/s.exec(text) ?? [];
  const path = /^([\w.[\]]+): /.exec(rest)?.[1] ?? '';
  if (line === undefined) return { path, message: rest };
  return { path, message: `line ${Math.max(1, Number(line) - HEAD_LINES)}: ${rest}` };
}

function notOne(): InputError {
  const message = "expected a map of one rule's keys";
  return new InputError('RULE_FILE_BAD', message, { errors: [{ path: '', message }] });
}

/** Keys of a rule in the order in which one reads them; durations lose their `Ms`. */
const ORDER = [
  ...[
    'id',
    'kind',
    'metric',
    'above',
    'atOrAbove',
    'below',
    'atOrBelow',
    'clearAbove',
    'clearBelow',
    'forMs',
    'afterMs',
    'windowMs',
    'limit',
  ],
  ...['limits', 'share', 'unknown', 'goods', 'unless'],
  ...['count', 'frozenBelow', 'thawedAbove', 'journeyMs', 'atLeast', 'maxGapMs', 'gap', 'keepFiringForMs'],
  ...[
    'when',
    'needs',
    'way',
    'through',
    'remainingMs',
    'signs',
    'travelMs',
    'betweenMs',
    'longerThanMs',
    'places',
    'sites',
  ],
  ...['waitMs', 'portals', 'severity', 'appliesTo', 'summary', 'labels'],
];

/** One duration, or several by name. */
function durations(value: unknown): string {
  if (typeof value === 'number') return formatDuration(value);
  const named = Object.entries(value ?? {}).map(([name, ms]) => [name, formatDuration(Number(ms))]);
  return JSON.stringify(Object.fromEntries(named));
}

/** A rule as a file would give it, so that reading it gives the same rule. */
export function writeRule(rule: Rule): string {
  const places = (key: string) => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  return Object.entries(rule)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => places(a) - places(b))
    .map(([key, value]: [string, unknown]) => {
      if (key.endsWith('Ms')) return `${key.slice(0, -2)}: ${durations(value)}\n`;
      return `${key}: ${typeof value === 'object' ? nested(value) : scalar(value)}\n`;
    })
    .join('');
}

/** Maps and lists on one line, which YAML reads as it is; durations as a file gives them. */
function nested(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(nested).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return scalar(value);
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]) =>
    key.endsWith('Ms') && typeof inner === 'number'
      ? `${key.slice(0, -2)}: ${formatDuration(inner)}`
      : `${/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)}: ${nested(inner)}`,
  );
  return `{ ${entries.join(', ')} }`;
}

/**
 * Plain words stay plain; a text with quotes in it, as CEL is, stands in single ones; everything else is JSON, which YAML
 * reads as it is.
 */
function scalar(value: unknown): string {
  const isPlain =
    typeof value === 'string' &&
    /^[A-Za-z][\w-]*$/.test(value) &&
    !/^(y|n|yes|no|on|off|true|false|null)$/i.test(value);
  if (isPlain) return value;
  const isQuoted = typeof value === 'string' && value.includes('"') && /^[^'\p{Cc}]*$/u.test(value);
  return isQuoted ? `'${value}'` : JSON.stringify(value);
}
