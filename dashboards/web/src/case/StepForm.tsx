import { Button } from '@mantine/core';
import { type ReactNode, useRef, useState } from 'react';
import type { CaseView } from '../../../api/case.ts';
import { AnswerError } from '../ask.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { ChangedSince } from './ChangedSince.tsx';
import css from './case.module.css';
import { type CaseStepInput, useSignStep } from './case-queries.ts';
import { ReasonArea } from './fields.tsx';
import { SignFields, useSignState } from './SignFields.tsx';

/** What is said of the evidence, or which step is taken back. */
export type StepWish = { readonly step: CaseStepInput } | { readonly undo: number };

/** A word on the evidence, signed; it is undone only by another one. */
export function StepForm({
  one,
  wish,
  title,
  onDone,
  children,
}: {
  one: CaseView;
  /** null: something of it is missing. */
  wish: StepWish | null;
  title: string;
  onDone: () => void;
  children?: ReactNode;
}) {
  const add = useSignStep(one.id, wish !== null && 'undo' in wish ? `/steps/${wish.undo}/undo` : '/steps');
  const sign = useSignState(one.signing);
  const [reason, setReason] = useState('');
  // What was seen when this was opened, until what came since was looked at.
  const [revision, setRevision] = useState(one.revision);
  const isConflict = add.error instanceof AnswerError && add.error.status === 409;
  const isChanged = one.revision !== revision && !add.isPending;
  const isUnderWay = useRef(false);
  const isReady = wish !== null && reason.trim().length >= 3 && sign.signing !== null;
  return (
    <form
      className={css.small}
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        const { signing } = sign;
        if (isUnderWay.current || !isReady || isChanged || wish === null || signing === null) return;
        isUnderWay.current = true;
        const step = { revision, reason: reason.trim(), ...('undo' in wish ? {} : { step: wish.step }) };
        add.mutate(
          { step, meaning: title, signing },
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
      {children}
      <ReasonArea value={reason} onChange={setReason} />
      <SignFields state={sign} how={one.signing} meanings={[title]} />
      {isChanged ? (
        <ChangedSince
          id={one.id}
          revision={revision}
          now={one.revision}
          text={say(isConflict ? 'case.step.conflict' : 'case.step.changed')}
          again={say('case.step.again')}
          onAgain={() => {
            add.reset();
            setRevision(one.revision);
          }}
        />
      ) : (
        <Trouble error={add.error} />
      )}
      <div className="buttons">
        <Button type="submit" loading={add.isPending} disabled={!isReady || isChanged}>
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
    <div className={css.under}>
      <Button variant="default" size="compact-sm" onClick={() => setAsking(true)}>
        {label}
      </Button>
    </div>
  );
}
