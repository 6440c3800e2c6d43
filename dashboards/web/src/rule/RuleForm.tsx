import { NativeSelect } from '@mantine/core';
import type { RuleFieldView } from '../../../api/index.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { KIND_WORDS } from '../words/rule.ts';
import { RuleField } from './RuleField.tsx';
import css from './rule.module.css';
import { fieldHint, fieldLabel } from './rule-fields.ts';
import { type RuleEdits, useRuleDraft, useRuleKinds } from './useRuleDraft.ts';

/** Limits of a door, which is open or closed. */
const LIMITS = ['above', 'atOrAbove', 'below', 'atOrBelow'];

/** The rule by its fields, in words and units; the text beside it says the same. */
export function RuleForm({ text, onText }: { text: string; onText: (text: string) => void }) {
  const { data: kinds } = useRuleKinds();
  const { draft, error, lost, change } = useRuleDraft(text, onText);
  if (kinds === undefined || draft === undefined) return <div className={css.ruleForm} aria-busy="true" />;
  const { values, said, errors } = draft;
  const kindId = String(values.kind ?? '');
  const kind = kinds.find((one) => one.kind === kindId);
  const isDoor = kindId === 'threshold' && values.metric === 'door' && isPlainDoor(values);
  const shown = (kind?.fields ?? []).filter(({ key, type }) => {
    if (type === 'other') return false;
    return !(isDoor && (LIMITS.includes(key) || key.startsWith('clear')));
  });
  const metric = String(values.metric ?? metricOf(kind?.fields));
  const known = new Set(['kind', ...(isDoor ? LIMITS : []), ...shown.map(({ key }) => key)]);
  const kept = Object.keys(values).filter((key) => !known.has(key));

  return (
    <div className={css.ruleForm}>
      <h3>{say('rule.form')}</h3>
      {Object.keys(values).length === 0 && text.trim() !== '' ? (
        <p className="muted">{say('rule.form.unread')}</p>
      ) : (
        <>
          {said === null ? null : (
            <p className={css.ruleSaid} role="status">
              {said}
            </p>
          )}
          <NativeSelect
            label={say('rule.form.kind')}
            value={kind?.kind ?? ''}
            data={[
              ...(kind === undefined ? [{ value: '', label: say('rule.form.unset') }] : []),
              ...kinds.map((one) => ({ value: one.kind, label: KIND_WORDS[one.kind] ?? one.kind })),
            ]}
            onChange={({ currentTarget: { value } }) => change({ kind: value })}
          />
          {isDoor ? <Door values={values} onChange={change} /> : null}
          <div className={css.ruleFields}>
            {shown.map((field) => (
              <RuleField
                key={`${kind?.kind}.${field.key}`}
                field={field}
                label={fieldLabel(kindId, field.key, metric)}
                hint={fieldHint(kindId, field.key)}
                value={values[field.key]}
                error={errors.find(({ path }) => path === field.key)?.message}
                onChange={(value) => change({ [field.key]: value })}
              />
            ))}
          </div>
        </>
      )}
      {kept.length === 0 ? null : <p className="muted">{say('rule.form.kept', { keys: kept.join(', ') })}</p>}
      {lost.length === 0 ? null : (
        <p className={css.ruleWarning} role="status">
          {say('rule.form.lost', { comments: lost.join(' ') })}
        </p>
      )}
      <Trouble error={error} />
    </div>
  );
}

/** What it measures where nothing is written. */
function metricOf(fields: readonly RuleFieldView[] | undefined): string {
  return String(fields?.find(({ key }) => key === 'metric')?.default ?? 'temperature');
}

/** One limit that says open or closed, and no more. */
function isPlainDoor(values: RuleEdits): boolean {
  const limits = LIMITS.filter((key) => values[key] !== undefined);
  const isClearing = values.clearAbove !== undefined || values.clearBelow !== undefined;
  return !isClearing && limits.length <= 1;
}

/** Nobody says "door above 0". */
function Door({ values, onChange }: { values: RuleEdits; onChange: (change: RuleEdits) => void }) {
  const isOpen = values.above !== undefined || values.atOrAbove !== undefined;
  const none = Object.fromEntries(LIMITS.map((key) => [key, null]));
  return (
    <NativeSelect
      label={say('rule.form.door')}
      value={isOpen ? 'open' : 'closed'}
      data={(['open', 'closed'] as const).map((value) => ({ value, label: say(`rule.form.door.${value}`) }))}
      onChange={({ currentTarget: { value } }) =>
        onChange({ ...none, ...(value === 'open' ? { above: 0 } : { below: 1 }) })
      }
    />
  );
}
