import { Button, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import type { CaseView } from '../../../api/case.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './case.module.css';
import { type CaseStepInput, useCaseAction } from './case-queries.ts';
import { SignFields, useSignState } from './SignFields.tsx';

/** What is said of the evidence, or which step is taken back. */
export type StepWish = { readonly step: CaseStepInput } | { readonly undo: number };

interface StepBody {
  readonly revision: number;
  readonly step?: CaseStepInput;
  readonly reason: string;
  readonly signature: { readonly meaning: string; readonly password: string };
}

/** A word on the evidence, signed by password; it is undone only by another one. */
export function StepForm({
  one,
  wish,
  title,
  onDone,
}: {
  one: CaseView;
  wish: StepWish;
  title: string;
  onDone: () => void;
}) {
  const add = useCaseAction<StepBody>(one.id, 'undo' in wish ? `/steps/${wish.undo}/undo` : '/steps');
  const how = { ...one.signing, methods: one.signing.methods.filter((method) => method === 'password') };
  const sign = useSignState(how);
  const [reason, setReason] = useState('');
  // What was seen when this was opened.
  const [revision] = useState(one.revision);
  const isUnderWay = useRef(false);
  const isReady = reason.trim().length >= 3 && sign.signing !== null;
  return (
    <form
      className={css.small}
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        const { signing } = sign;
        if (isUnderWay.current || !isReady || signing?.method !== 'password') return;
        isUnderWay.current = true;
        const { method: _, ...typed } = signing;
        const signature = { meaning: title, ...typed };
        const step = 'undo' in wish ? {} : { step: wish.step };
        add.mutate(
          { revision, ...step, reason: reason.trim(), signature },
          {
            onSuccess: onDone,
            onError: sign.refused,
            onSettled: () => {
              isUnderWay.current = false;
            },
          },
        );
      }}
    >
      <Textarea
        label={say('case.decide.reason')}
        autosize
        minRows={2}
        required
        withAsterisk={false}
        maxLength={4_000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <SignFields state={sign} how={how} meanings={[title]} />
      <Trouble error={add.error} />
      <div className="buttons">
        <Button type="submit" loading={add.isPending} disabled={!isReady}>
          {say('case.sign')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('case.decide.cancel')}
        </Button>
      </div>
    </form>
  );
}

/** A button that opens the form of one step. */
export function StepButton({
  one,
  wish,
  title,
  label,
}: {
  one: CaseView;
  wish: StepWish;
  title: string;
  label: string;
}) {
  const [isAsking, setAsking] = useState(false);
  if (isAsking) return <StepForm one={one} wish={wish} title={title} onDone={() => setAsking(false)} />;
  return (
    <div>
      <Button variant="default" size="compact-sm" onClick={() => setAsking(true)}>
        {label}
      </Button>
    </div>
  );
}
