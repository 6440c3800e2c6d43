import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import {
  IconArrowBackUp,
  IconBellOff,
  IconBellPause,
  IconCheck,
  IconChecks,
  IconHandGrab,
  IconMessage,
  IconSpeakerphone,
  IconUserShare,
} from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { AlertDetail, AlertEntry } from '../../../api/index.ts';
import { useNow } from '../live/useNow.ts';
import { WhenExact } from '../parts/When.tsx';
import { useMay, useSession } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say, wordsOf } from '../text/say.ts';
import { type AlertAction, useAlertAction } from './alert-queries.ts';
import { SilenceAlert } from './SilenceAlert.tsx';
import { SNOOZES, snoozeEnd } from './snoozes.ts';

/** What can be done about it now. What ends an alert, or opens it again, asks for a reason. */
export function AlertActions({ alert }: { alert: AlertDetail }) {
  const act = useAlertAction(alert.id);
  const [asking, setAsking] = useState<AlertAction | null>(null);
  const [isSilencing, setSilencing] = useState(false);
  const { data: session } = useSession();
  const me = session?.user.name;
  const next = alert.notices.find(({ state, step }) => state === 'waiting' && step.startsWith('escalation'));
  const mayDecide = useMay('alert.handle');
  const isOver = alert.state === 'resolved' || alert.state === 'retracted';

  function run(action: AlertAction, given: Readonly<Record<string, unknown>>) {
    // With what was seen, so that nobody overwrites what somebody else did meanwhile.
    const body = action === 'comment' ? given : { ...given, revision: alert.revision };
    act.mutate({ action, body }, { onSuccess: () => setAsking(null) });
  }

  const asks = (action: AlertAction, label: string, icon: ReactNode, variant = 'default') => (
    <Button
      variant={variant}
      leftSection={icon}
      aria-expanded={asking === action}
      onClick={() => setAsking(asking === action ? null : action)}
    >
      {label}
    </Button>
  );

  return (
    <div className="actions">
      <div className="buttons">
        {mayDecide && alert.state === 'open' ? (
          <Button
            leftSection={<IconCheck size={17} />}
            loading={act.isPending}
            aria-expanded={alert.needsComment ? asking === 'acknowledge' : undefined}
            onClick={() => (alert.needsComment ? setAsking('acknowledge') : run('acknowledge', {}))}
          >
            {say('alert.acknowledge')}
          </Button>
        ) : null}
        {mayDecide && !isOver ? (
          <>
            {asks(
              'resolve',
              say('inbox.resolve'),
              <IconChecks size={17} />,
              alert.state === 'open' ? 'default' : 'filled',
            )}
            {asks('assign', say('inbox.assign'), <IconUserShare size={17} stroke={1.6} />)}
            {asks('snooze', say('inbox.snooze'), <IconBellPause size={17} stroke={1.6} />)}
          </>
        ) : null}
        {mayDecide && !isOver && me !== undefined && alert.assignedTo !== me ? (
          <Button
            variant="default"
            leftSection={<IconHandGrab size={17} stroke={1.6} />}
            loading={act.isPending && act.variables?.action === 'assign'}
            onClick={() => run('assign', { to: me })}
          >
            {say('alert.take')}
          </Button>
        ) : null}
        {mayDecide && alert.state === 'open' ? (
          <Button
            variant="default"
            leftSection={<IconSpeakerphone size={17} stroke={1.6} />}
            disabled={next === undefined}
            title={next === undefined ? say('alert.escalate.nobody') : undefined}
            loading={act.isPending && act.variables?.action === 'escalate'}
            onClick={() => run('escalate', {})}
          >
            {next === undefined ? say('alert.escalate') : say('alert.escalate.to', { who: next.who ?? next.channel })}
          </Button>
        ) : null}
        {mayDecide && !isOver ? (
          <Button
            variant="default"
            leftSection={<IconBellOff size={17} stroke={1.6} />}
            aria-expanded={isSilencing}
            onClick={() => setSilencing(!isSilencing)}
          >
            {say('alert.silence')}
          </Button>
        ) : null}
        {mayDecide && alert.state === 'resolved'
          ? asks('reopen', say('alert.openAgain'), <IconArrowBackUp size={17} stroke={1.6} />)
          : null}
        {asks('comment', say('alert.comment'), <IconMessage size={17} stroke={1.6} />)}
      </div>
      <WhoAndUntil alert={alert} />
      {act.error === null ? null : (
        <p className="trouble" role="alert">
          {act.error.message}
        </p>
      )}
      {isSilencing ? <SilenceAlert alert={alert} onClose={() => setSilencing(false)} /> : null}
      {asking === null ? null : (
        <Asked
          key={asking}
          action={asking}
          alert={alert}
          isPending={act.isPending}
          onRun={(body) => run(asking, body)}
          onCancel={() => setAsking(null)}
        />
      )}
    </div>
  );
}

/** Who is on it, and until when it is put off. */
function WhoAndUntil({ alert }: { alert: AlertDetail }) {
  const now = useNow();
  const isSnoozed = alert.snoozedUntil !== null && Date.parse(alert.snoozedUntil) > now;
  if (alert.acknowledgedBy === null && alert.assignedTo === null && !isSnoozed && alert.reopened === 0) return null;
  return (
    <p className="muted">
      {[
        alert.acknowledgedBy === null ? null : say('alert.acknowledgedBy', { name: alert.acknowledgedBy }),
        alert.assignedTo === null ? null : `${say('alert.assignedTo', { name: alert.assignedTo })}.`,
        alert.reopened === 0 ? null : say('alert.openedAgain', { count: alert.reopened }),
      ]
        .filter((text) => text !== null)
        .join(' ')}{' '}
      {isSnoozed && alert.snoozedUntil !== null ? (
        <Say text="alert.snoozedUntilTheChannelsAre" values={{ whenExact: <WhenExact at={alert.snoozedUntil} /> }} />
      ) : null}
    </p>
  );
}

const FIELDS: Readonly<Record<AlertAction, string>> = wordsOf({
  acknowledge: 'alert.whatIsDone',
  comment: 'alert.comment',
  resolve: 'inbox.reason.resolve',
  reopen: 'alert.whyOpenedAgain',
  assign: 'inbox.reason.assign',
  snooze: 'inbox.reason.snooze',
  escalate: 'inbox.reason.assign',
});

const BUTTONS: Readonly<Record<AlertAction, string>> = wordsOf({
  acknowledge: 'alert.acknowledge',
  comment: 'alert.addComment',
  resolve: 'alert.resolveAlert',
  reopen: 'alert.openAgain',
  assign: 'inbox.assign',
  snooze: 'inbox.snooze',
  escalate: 'alert.escalate',
});

interface AskedProps {
  readonly action: AlertAction;
  readonly alert: AlertDetail;
  readonly isPending: boolean;
  readonly onRun: (body: Readonly<Record<string, unknown>>) => void;
  readonly onCancel: () => void;
}

/** The form of one action. */
function Asked({ action, alert, isPending, onRun, onCancel }: AskedProps) {
  const { data: session } = useSession();
  const [text, setText] = useState('');
  const [to, setTo] = useState(alert.assignedTo ?? session?.user.name ?? '');
  const [minutes, setMinutes] = useState('60');
  const isTextRequired =
    action === 'comment' || action === 'resolve' || action === 'reopen' || action === 'acknowledge';

  function body(): Readonly<Record<string, unknown>> {
    const comment = text.trim();
    const said = comment === '' ? {} : { comment };
    if (action === 'assign') return { ...said, to: to.trim() === '' ? null : to.trim() };
    if (action === 'snooze') return { ...said, until: snoozeEnd(minutes, Date.now()) };
    return action === 'resolve' || action === 'reopen' ? { reason: comment } : said;
  }

  return (
    <form
      className="panel section ask"
      onSubmit={(event) => {
        event.preventDefault();
        onRun(body());
      }}
    >
      {action === 'assign' ? (
        <TextInput
          label={say('alert.whoLooksAfterIt')}
          description={say('alert.aUserNameLeftEmpty')}
          autoFocus
          maxLength={64}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
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
        data-autofocus={isTextRequired}
        autoFocus={isTextRequired}
        label={FIELDS[action]}
        required={isTextRequired}
        withAsterisk={false}
        maxLength={4000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className="buttons">
        <Button type="submit" loading={isPending} disabled={isTextRequired && text.trim() === ''}>
          {BUTTONS[action]}
        </Button>
        <Button variant="subtle" color="gray" onClick={onCancel}>
          {say('alert.cancel')}
        </Button>
      </div>
    </form>
  );
}

const ACTION_WORDS: Readonly<Record<string, string>> = wordsOf({
  opened: 'alert.raisedTheAlert',
  acknowledged: 'alert.acknowledgedIt',
  acknowledge: 'alert.acknowledgedIt',
  commented: 'alert.wrote',
  comment: 'alert.wrote',
  judged: 'alert.judgedIt',
  resolved: 'alert.resolvedIt',
  resolve: 'alert.resolvedIt',
  retracted: 'alert.tookItBack',
  reopened: 'alert.openedItAgain',
  assigned: 'alert.gaveItToSomebody',
  snoozed: 'alert.putItOff2',
  woken: 'alert.saidThatTheSnoozeIs',
  muted: 'alert.mutedIt',
  unmuted: 'alert.unmutedIt',
  steadied: 'alert.steadiedIt',
  escalated: 'alert.toldWhoeverIsNext',
  reminded: 'alert.remindedWhoeverWasTold',
  merged: 'alert.joinedItWithAnotherAlert',
  split: 'alert.splitIt',
  changed: 'alert.changedTheEvidence',
  affected: 'alert.changedTheListOfSerials',
});

export function AlertHistory({ alert }: { alert: AlertDetail }) {
  return (
    <section className="panel section" aria-labelledby="history">
      <h2 id="history">{say('alert.whatHappenedSince')}</h2>
      {alert.history.length === 0 ? <p className="muted">{say('alert.nobodyHasActedOnIt')}</p> : null}
      <ol className="history">
        {alert.history.map((entry) => (
          <Entry key={`${entry.at}|${entry.action}|${entry.comment ?? ''}`} entry={entry} />
        ))}
      </ol>
    </section>
  );
}

function Entry({ entry }: { entry: AlertEntry }) {
  return (
    <li>
      <div>
        <b>{entry.by ?? say('alert.isotherm')}</b> {ACTION_WORDS[entry.action] ?? entry.action}{' '}
        <span className="muted">
          <WhenExact at={entry.at} />
        </span>
      </div>
      {entry.comment === null ? null : <p>{entry.comment}</p>}
    </li>
  );
}
