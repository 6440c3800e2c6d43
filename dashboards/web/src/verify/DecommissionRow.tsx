import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DecommissioningView } from '../../../api/index.ts';
import { useNow } from '../live/useNow.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Field } from '../parts/Field.tsx';
import { ConditionMark } from '../parts/Marks.tsx';
import { Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import css from './Decommission.module.css';
import { useCompare, useRevert } from './decommission-queries.ts';

/** One entry of the ledger, with what the national system says of it and what may be done about it. */
export function DecommissionRow({ entry, site }: { entry: DecommissioningView; site: string }) {
  const { act, pack, reason, by, at, answer, revertUntil, revertedBy } = entry;
  const revert = useRevert();
  const now = useNow();
  const [isComparing, setComparing] = useState(false);
  const state = stateOf(entry);
  const why = say(`decommission.reason.${reason}`);
  const mayRevert = revertUntil !== null && revertedBy === null && Date.parse(revertUntil) >= now;
  return (
    <li>
      <ConditionMark state={state} size={20} label={answerText(entry)} />
      <span className={css.pack}>
        <span className="figure strong">{pack.serial}</span>
        <span className="muted figure">{pack.gtin}</span>
      </span>
      <span>
        <span className="strong">{act === 'revert' ? say('decommission.act.revert', { reason: why }) : why}</span>
        <br />
        <span className="muted">
          {say('decommission.by', { who: by, site })}, <When at={at} />
        </span>
      </span>
      <span className={css.answer}>
        <span className={`ink-${state}`}>
          {answer?.alert == null ? null : <b>{answer.alert}: </b>}
          {answerText(entry)}
        </span>
        {answer === null || answer.kind === 'none' ? null : <span className="muted">{answer.next}</span>}
        <span className="buttons">
          {answer?.kind === 'open' && !isComparing ? (
            <Button variant="default" size="xs" onClick={() => setComparing(true)}>
              {say('decommission.compare')}
            </Button>
          ) : null}
          {mayRevert ? (
            <Confirm
              name={say('decommission.revert')}
              question={say('decommission.revert.sure', { serial: pack.serial })}
              action={say('decommission.revert.do')}
              isPending={revert.isPending}
              onConfirm={() => revert.mutate(entry)}
            />
          ) : null}
        </span>
        <Trouble error={revert.error} />
        {isComparing ? <Compare id={entry.id} onDone={() => setComparing(false)} /> : null}
      </span>
    </li>
  );
}

function stateOf({ answer }: DecommissioningView) {
  if (answer === null) return 'unknown';
  if (answer.kind === 'none') return 'inRange';
  return answer.kind === 'investigate' ? 'excursion' : 'warning';
}

function answerText({ answer }: DecommissioningView): string {
  return answer === null ? say('decommission.waits') : say(`decommission.kind.${answer.kind}`);
}

/** What a person reads on the pack, which nobody else can say. */
function Compare({ id, onDone }: { id: string; onDone: () => void }) {
  const compare = useCompare();
  const [printed, setPrinted] = useState({ serial: '', lot: '', expiry: '' });
  return (
    <form
      className={css.compare}
      onSubmit={(event) => {
        event.preventDefault();
        compare.mutate({ id, ...printed }, { onSuccess: onDone });
      }}
    >
      <p className="muted">{say('decommission.compare.lead')}</p>
      {FIELDS.map((name) => (
        <Field
          key={name}
          label={say(`decommission.compare.${name}`)}
          required
          spellCheck={false}
          value={printed[name]}
          onChange={(value) => setPrinted({ ...printed, [name]: value.trim() })}
        />
      ))}
      <Button type="submit" size="xs" loading={compare.isPending}>
        {say('decommission.compare.do')}
      </Button>
      <Trouble error={compare.error} />
    </form>
  );
}

const FIELDS = ['serial', 'lot', 'expiry'] as const;
