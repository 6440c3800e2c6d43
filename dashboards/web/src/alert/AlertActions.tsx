import { Button, Textarea } from '@mantine/core';
import { IconCheck, IconChecks, IconMessage } from '@tabler/icons-react';
import { useState } from 'react';
import type { AlertDetail, AlertEntry } from '../../../api/index.ts';
import { WhenExact } from '../parts/When.tsx';
import { type AlertAction, useAlertAction, useMay } from '../queries.ts';

/** What can be done about it now. A resolution asks for a reason first. */
export function AlertActions({ alert }: { alert: AlertDetail }) {
  const act = useAlertAction(alert.id);
  const [asking, setAsking] = useState<AlertAction | null>(null);
  const [text, setText] = useState('');
  const mayDecide = useMay('alert.handle');
  const isOver = alert.state === 'resolved' || alert.state === 'retracted';

  function run(action: AlertAction, comment: string) {
    act.mutate(
      { action, comment },
      {
        onSuccess: () => {
          setAsking(null);
          setText('');
        },
      },
    );
  }

  return (
    <div className="actions">
      <div className="buttons">
        {mayDecide && alert.state === 'open' ? (
          <Button leftSection={<IconCheck size={17} />} loading={act.isPending} onClick={() => run('acknowledge', '')}>
            Acknowledge
          </Button>
        ) : null}
        {mayDecide && !isOver ? (
          <Button
            variant={alert.state === 'open' ? 'default' : 'filled'}
            leftSection={<IconChecks size={17} />}
            aria-expanded={asking === 'resolve'}
            onClick={() => setAsking(asking === 'resolve' ? null : 'resolve')}
          >
            Resolve
          </Button>
        ) : null}
        <Button
          variant="default"
          leftSection={<IconMessage size={17} stroke={1.6} />}
          aria-expanded={asking === 'comment'}
          onClick={() => setAsking(asking === 'comment' ? null : 'comment')}
        >
          Comment
        </Button>
        {alert.acknowledgedBy === null ? null : <span className="muted">{alert.acknowledgedBy} is on it</span>}
      </div>
      {act.error === null ? null : (
        <p className="trouble" role="alert">
          {act.error.message}
        </p>
      )}
      {asking === null ? null : (
        <form
          className="panel section ask"
          onSubmit={(event) => {
            event.preventDefault();
            run(asking, text.trim());
          }}
        >
          <Textarea
            autosize
            minRows={2}
            data-autofocus
            autoFocus
            label={asking === 'resolve' ? 'What was found, what was done' : 'Comment'}
            required={asking === 'comment'}
            withAsterisk={false}
            maxLength={4000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <div className="buttons">
            <Button type="submit" loading={act.isPending} disabled={asking === 'comment' && text.trim() === ''}>
              {asking === 'resolve' ? 'Resolve alert' : 'Add comment'}
            </Button>
            <Button variant="subtle" color="gray" onClick={() => setAsking(null)}>
              Cancel
            </Button>
          </div>
        </form>
      )}
    </div>
  );
}

const ACTION_WORDS: Readonly<Record<string, string>> = {
  opened: 'raised the alert',
  acknowledged: 'acknowledged it',
  acknowledge: 'acknowledged it',
  commented: 'wrote',
  comment: 'wrote',
  resolved: 'resolved it',
  resolve: 'resolved it',
  retracted: 'took it back',
  reopened: 'opened it again',
  merged: 'joined it with another alert',
  split: 'split it',
  changed: 'changed the evidence',
  affected: 'changed the list of serials',
};

export function AlertHistory({ alert }: { alert: AlertDetail }) {
  const zone = alert.about.zone;
  return (
    <section className="panel section" aria-labelledby="history">
      <h2 id="history">What happened since</h2>
      {alert.history.length === 0 ? <p className="muted">Nobody has acted on it yet.</p> : null}
      <ol className="history">
        {alert.history.map((entry) => (
          <Entry key={`${entry.at}|${entry.action}|${entry.comment ?? ''}`} entry={entry} zone={zone} />
        ))}
      </ol>
    </section>
  );
}

function Entry({ entry, zone }: { entry: AlertEntry; zone: string | null }) {
  return (
    <li>
      <div>
        <b>{entry.by ?? 'Isotherm'}</b> {ACTION_WORDS[entry.action] ?? entry.action}{' '}
        <span className="muted">
          <WhenExact at={entry.at} zone={zone} />
        </span>
      </div>
      {entry.comment === null ? null : <p>{entry.comment}</p>}
    </li>
  );
}
