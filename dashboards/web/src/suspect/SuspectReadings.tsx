import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Suspect } from '../chart/suspects.ts';
import { Trouble } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { useZone } from '../parts/Zone.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { valueText } from '../words/figures.ts';
import { clock, fromText, toText } from '../words/when.ts';
import css from './SuspectReadings.module.css';
import { useSetAside } from './suspect-queries.ts';

interface SuspectReadingsProps {
  readonly device: string;
  readonly metric: string;
  readonly unit: string;
  readonly suspects: readonly Suspect[];
}

/** What is kept and not judged as fact, and why; quality sets readings aside here, and takes that back. */
export function SuspectReadings({ device, metric, unit, suspects }: SuspectReadingsProps) {
  const mayCorrect = useMay('readings.correct');
  const [isAsking, setAsking] = useState(false);
  if (suspects.length === 0 && !mayCorrect) return null;
  return (
    <div className={css.suspects}>
      {suspects.length === 0 ? null : (
        <>
          <p className="strong">
            {say('suspect.title', { count: suspects.reduce((sum, { count }) => sum + count, 0) })}
          </p>
          <ul>
            {suspects.map((suspect) => (
              <Row key={suspect.from} device={device} metric={metric} unit={unit} suspect={suspect} />
            ))}
          </ul>
        </>
      )}
      {!mayCorrect ? null : isAsking ? (
        <SetAside device={device} metric={metric} onDone={() => setAsking(false)} />
      ) : (
        <p className="buttons">
          <Button variant="default" size="xs" onClick={() => setAsking(true)}>
            {say('suspect.setAside')}
          </Button>
        </p>
      )}
    </div>
  );
}

interface RowProps {
  readonly device: string;
  readonly metric: string;
  readonly unit: string;
  readonly suspect: Suspect;
}

function Row({ device, metric, unit, suspect }: RowProps) {
  const zone = useZone();
  const mayCorrect = useMay('readings.correct');
  const [isAsking, setAsking] = useState(false);
  const { from, to, count, least, most, reason } = suspect;
  const times =
    from === to ? clock(from, zone) : say('suspect.times', { from: clock(from, zone), to: clock(to, zone) });
  const values =
    least === most
      ? valueText(least, unit)
      : say('suspect.values', { least: valueText(least, unit), most: valueText(most, unit) });
  return (
    <li>
      <span className="figure">{times}</span> <b className="figure">{values}</b>{' '}
      <span className="muted">{say('suspect.why', { count, reason: say(`suspect.reason.${reason}`) })}</span>{' '}
      {reason !== 'SET_ASIDE' || !mayCorrect ? null : isAsking ? (
        <Restore device={device} metric={metric} suspect={suspect} onDone={() => setAsking(false)} />
      ) : (
        <Button variant="default" size="compact-xs" onClick={() => setAsking(true)}>
          {say('suspect.restore')}
        </Button>
      )}
    </li>
  );
}

interface FormProps {
  readonly device: string;
  readonly metric: string;
  readonly onDone: () => void;
}

/** What the form of a day ago would ask about first. */
const BACK_MS = 3_600_000;

function SetAside({ device, metric, onDone }: FormProps) {
  const zone = useZone();
  const [from, setFrom] = useState(() => toText(Date.now() - BACK_MS, zone));
  const [to, setTo] = useState(() => toText(Date.now(), zone));
  const [reason, setReason] = useState('');
  const act = useSetAside(device, metric, 'set-aside');
  const [fromMs, toMs] = [fromText(from, zone), fromText(to, zone)];
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (fromMs === null || toMs === null) return;
        act.mutate({ from: fromMs, to: toMs, reason: reason.trim() }, { onSuccess: onDone });
      }}
    >
      <p>{say('suspect.setAside.hint')}</p>
      <TimeField label={say('suspect.from')} value={from} zone={zone} onChange={setFrom} />
      <TimeField label={say('suspect.to')} value={to} zone={zone} onChange={setTo} />
      <TextInput
        label={say('suspect.setAside.reason')}
        required
        withAsterisk={false}
        maxLength={1000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <p className="buttons">
        <Button type="submit" size="xs" loading={act.isPending} disabled={reason.trim() === ''}>
          {say('suspect.setAside.do')}
        </Button>
        <Button variant="subtle" color="gray" size="xs" onClick={onDone}>
          {say('admin.cancel')}
        </Button>
      </p>
      <Trouble error={act.error} />
    </form>
  );
}

function Restore({ device, metric, suspect, onDone }: FormProps & { suspect: Suspect }) {
  const [reason, setReason] = useState('');
  const act = useSetAside(device, metric, 'restore');
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        // To the end of the last reading's millisecond.
        act.mutate({ from: suspect.from, to: suspect.to + 1, reason: reason.trim() }, { onSuccess: onDone });
      }}
    >
      <TextInput
        label={say('suspect.restore.reason')}
        required
        withAsterisk={false}
        autoFocus
        maxLength={1000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <p className="buttons">
        <Button type="submit" size="xs" loading={act.isPending} disabled={reason.trim() === ''}>
          {say('suspect.restore.do')}
        </Button>
        <Button variant="subtle" color="gray" size="xs" onClick={onDone}>
          {say('admin.cancel')}
        </Button>
      </p>
      <Trouble error={act.error} />
    </form>
  );
}
