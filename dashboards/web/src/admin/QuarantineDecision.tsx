import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './admin.module.css';
import { type Decided, useDecideQuarantine } from './admin-queries.ts';

type Verb = 'adopt' | 'discard';

/** Adopts or discards one entry, or all of a sender, for a reason; says what came of it. */
export function QuarantineDecision({ of }: { of: Decided }) {
  const [verb, setVerb] = useState<Verb | null>(null);
  const [reason, setReason] = useState('');
  const decide = useDecideQuarantine(of);
  const isAll = 'source' in of;
  if (verb === null) {
    return (
      <span className="buttons">
        <Button variant="default" size="xs" onClick={() => setVerb('adopt')}>
          {isAll ? say('quarantine.adopt.all', { source: of.source }) : say('quarantine.adopt')}
        </Button>
        <Button variant="default" size="xs" onClick={() => setVerb('discard')}>
          {isAll ? say('quarantine.discard.all', { source: of.source }) : say('quarantine.discard')}
        </Button>
        {decide.data === undefined ? null : <Outcome outcome={decide.data} />}
      </span>
    );
  }
  return (
    <form
      className={css.decide}
      onSubmit={(event) => {
        event.preventDefault();
        decide.mutate(
          { verb, reason: reason.trim() },
          {
            onSuccess: () => {
              setVerb(null);
              setReason('');
            },
          },
        );
      }}
    >
      <p>{say(`quarantine.${verb}.effect`)}</p>
      <TextInput
        label={say(`quarantine.${verb}.reason`)}
        required
        withAsterisk={false}
        autoFocus
        minLength={3}
        maxLength={1000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <span className="buttons">
        <Button type="submit" size="xs" loading={decide.isPending} disabled={reason.trim().length < 3}>
          {say(`quarantine.${verb}`)}
        </Button>
        <Button variant="subtle" color="gray" size="xs" onClick={() => setVerb(null)}>
          {say('admin.cancel')}
        </Button>
      </span>
      <Trouble error={decide.error} />
    </form>
  );
}

function Outcome({ outcome }: { outcome: NonNullable<ReturnType<typeof useDecideQuarantine>['data']> }) {
  return (
    <span role="status">
      {say('quarantine.outcome', { entries: outcome.entries, readings: outcome.readings })}{' '}
      {outcome.left.length === 0 ? null : (
        <span className="trouble">
          {say('quarantine.left', { count: outcome.left.length })} {outcome.left[0]?.reason}
        </span>
      )}
    </span>
  );
}
