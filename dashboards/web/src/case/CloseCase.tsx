import { Button } from '@mantine/core';
import { useState } from 'react';
import type { CaseView } from '../../../api/case.ts';
import { Field } from '../parts/Field.tsx';
import { Trouble } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import css from './case.module.css';
import { useCaseAction } from './case-queries.ts';

/** Once every serial is decided; it is never opened again. */
export function CloseCase({ one: { id, state } }: { one: CaseView }) {
  const mayHandle = useMay('case.handle');
  const close = useCaseAction<{ reason: string }>(id, '/close');
  const [reason, setReason] = useState('');
  if (!mayHandle || state !== 'decided') return null;
  return (
    <form
      className={`panel section ${css.small}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!close.isPending) close.mutate({ reason: reason.trim() });
      }}
    >
      <h2>{say('case.close')}</h2>
      <Field
        label={say('case.close.reason')}
        hint={say('case.close.hint')}
        required
        minLength={3}
        maxLength={4_000}
        value={reason}
        onChange={setReason}
      />
      <div className="buttons">
        <Button type="submit" loading={close.isPending} disabled={reason.trim().length < 3}>
          {say('case.close')}
        </Button>
      </div>
      <Trouble error={close.error} />
    </form>
  );
}
