import { changeYaml, InputError, isMapping, readYaml, YamlFault } from '../../domain/index.ts';
import { parseRule, ruleKindFields } from '../../rules/index.ts';
import type { RuleDraftView } from '../api/index.ts';
import { ruleText } from './rule-text.ts';

/**
 * What a rule says as somebody writes it, and what a change by a form makes of the text.
 *
 * @throws {InputError} RULE_FILE_BAD where the text is no YAML that can be changed, RULE_CHANGE_UNABLE where only the text itself can be
 */
export function draftRule(text: string, change: Readonly<Record<string, unknown>> = {}): RuleDraftView {
  const changed = Object.keys(change).length === 0 ? { text, lost: [] } : changedText(text, change);
  const values = valuesOf(changed.text);
  return { text: changed.text, values, lost: [...changed.lost], ...judged(changed.text) };
}

function changedText(text: string, change: Readonly<Record<string, unknown>>) {
  try {
    const changed = changeYaml(text, { ...strangers(text, change.kind), ...change });
    if (changed !== null) return changed;
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    throw new InputError('RULE_FILE_BAD', `the rule is no YAML: ${error.message}`, {}, error);
  }
  const keys = Object.keys(change).join(', ');
  throw new InputError(
    'RULE_CHANGE_UNABLE',
    `${keys}: written in a way that a form cannot change (an alias repeats it, say); change it in the text`,
  );
}

/** Keys that go with a change of kind, which does not know them: as they stand they would be mistakes. */
function strangers(text: string, kind: unknown): Readonly<Record<string, null>> {
  const known = ruleKindFields().find((one) => one.kind === kind);
  if (known === undefined) return {};
  const keys = new Set(['kind', ...known.fields.map(({ key }) => key)]);
  return Object.fromEntries(Object.keys(valuesOf(text)).flatMap((key) => (keys.has(key) ? [] : [[key, null]])));
}

/** None where the text is no map yet: it is being typed. */
function valuesOf(text: string): Record<string, unknown> {
  try {
    const values = readYaml(text);
    return isMapping(values) ? { ...values } : {};
  } catch (error) {
    if (error instanceof YamlFault) return {};
    throw error;
  }
}

function judged(text: string): Pick<RuleDraftView, 'said' | 'errors'> {
  try {
    return { said: ruleText(parseRule(text).rule), errors: [] };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { errors } = error.details;
    return { said: null, errors: Array.isArray(errors) ? errors : [{ path: '', message: error.message }] };
  }
}
