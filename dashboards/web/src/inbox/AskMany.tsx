import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { SNOOZES, snoozeEnd } from '../alert/snoozes.ts';
import { Trouble } from '../parts/States.tsx';
import { useMay, useSession } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { Dialog } from './Dialog.tsx';
import { type ActionOnMany, usePeople } from './inbox-queries.ts';

interface AskManyProps {
  readonly action: ActionOnMany['action'];
  readonly alerts: ActionOnMany['alerts'];
  readonly isPending: boolean;
  readonly done: number;
  readonly error: Error | null;
  readonly onRun: (action: ActionOnMany) => void;
  readonly onClose: () => void;
}

/** What one action on many alerts needs to know, asked once. */
export function AskMany({ action, alerts, isPending, done, error, onRun, onClose }: AskManyProps) {
  const { data: session } = useSession();
  const { data: people = [] } = usePeople(useMay('case.comment') && action === 'assign');
  const [reason, setReason] = useState('');
  const [to, setTo] = useState(session?.user.name ?? '');
  const [minutes, setMinutes] = useState('60');
  const isReasonRequired = action === 'resolve' || action === 'acknowledge';

  function run() {
    const said = reason.trim() === '' ? {} : { reason: reason.trim() };
    const assigned = { to: to.trim() === '' ? null : to.trim() };
    onRun({
      ...{ action, alerts, ...said },
      ...(action === 'assign' && assigned),
      ...(action === 'snooze' && { until: snoozeEnd(minutes, Date.now()) }),
    });
  }

  return (
    <Dialog title={say(`inbox.ask.${action}`, { alerts: alerts.length })} onClose={onClose}>
      <form
        className="ask"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        {action === 'assign' ? (
          <>
            <TextInput
              label={say('alert.whoLooksAfterIt')}
              description={say('alert.aUserNameLeftEmpty')}
              autoFocus
              list="people"
              maxLength={64}
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
            <datalist id="people">
              {people.map(({ name }) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </>
        ) : null}
        {action === 'snooze' ? (
          <NativeSelect
            label={say('alert.putItOff')}
            description={say('alert.itStaysOpenAndSays')}
            data={SNOOZES}
            value={minutes}
            onChange={(event) => setMinutes(event.currentTarget.value)}
          />
        ) : null}
        <Textarea
          autosize
          minRows={2}
          label={say(`inbox.reason.${action}`)}
          description={alerts.length > 1 ? say('inbox.reason.hint') : undefined}
          autoFocus={isReasonRequired}
          required={isReasonRequired}
          withAsterisk={false}
          maxLength={4_000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Trouble error={error} />
        <div className="buttons">
          <Button type="submit" loading={isPending} disabled={isReasonRequired && reason.trim() === ''}>
            {say(`inbox.${action}`)}
          </Button>
          <Button variant="subtle" color="gray" onClick={onClose}>
            {say('alert.cancel')}
          </Button>
          {isPending && done > 0 ? (
            <span role="status">{say('inbox.progress', { done, alerts: alerts.length })}</span>
          ) : null}
        </div>
      </form>
    </Dialog>
  );
}
