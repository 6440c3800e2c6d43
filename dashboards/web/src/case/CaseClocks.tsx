import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { CaseView } from '../../../api/case.ts';
import { Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { span } from '../words/when.ts';
import css from './case.module.css';
import { useCaseAction } from './case-queries.ts';
import { clockState } from './case-words.ts';

type CaseClock = CaseView['clocks'][number];

/** How much time is left, or by how much it is over. */
export function Clock({ clock, now }: { clock: CaseClock; now: number }) {
  const state = clockState(clock, now);
  const apart = span(Math.abs(Date.parse(clock.due) - now));
  return (
    <span className={css.clock} data-state={state} title={clock.name}>
      {state === 'kept' || state === 'missed' ? say(`case.clock.${state}`) : null}
      {state === 'running' ? say('case.clock.due', { span: apart }) : null}
      {state === 'over' ? say('case.clock.over', { span: apart }) : null}
    </span>
  );
}

/** The site's own target and the legal ones, each with its clause, and what a person says to stop it. */
export function CaseClocks({ one, now }: { one: CaseView; now: number }) {
  const mayHandle = useMay('case.handle') && one.state !== 'closed';
  if (one.clocks.length === 0) return null;
  return (
    <section className="panel section" aria-labelledby="clocks">
      <h2 id="clocks">{say('case.clocks')}</h2>
      <ul className={css.entries}>
        {one.clocks.map((clock) => (
          <li key={clock.id} className={css.entry}>
            <b>{clock.name}</b> <Clock clock={clock} now={now} />
            <div className="muted">
              <WhenExact at={clock.due} /> · {clock.source ?? say('case.target')}
            </div>
            {mayHandle && clock.doneAt === null ? <Stop id={one.id} clock={clock} /> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The last decision stops the target; a finding ends the investigation; a person says of the others that it is done. */
function Stop({ id, clock }: { id: string; clock: CaseClock }) {
  const [isAsking, setAsking] = useState(false);
  // Nobody says that a request was answered without saying what.
  if (clock.id === 'target' || clock.id.startsWith('dscsa.trace.')) return null;
  const isFinding = clock.id === 'dscsa.investigation';
  const label = say(isFinding ? 'case.finding' : 'case.clock.done');
  if (!isAsking)
    return (
      <Button
        className={css.under ?? ''}
        variant="default"
        size="compact-sm"
        aria-label={say('case.clock.done.of', { what: label, name: clock.name })}
        onClick={() => setAsking(true)}
      >
        {label}
      </Button>
    );
  const close = () => setAsking(false);
  return isFinding ? <Finding id={id} onDone={close} /> : <Done id={id} clock={clock} onDone={close} />;
}

function Done({ id, clock, onDone }: { id: string; clock: CaseClock; onDone: () => void }) {
  const done = useCaseAction<{ reason: string }>(id, `/clocks/${encodeURIComponent(clock.id)}/done`);
  const [reason, setReason] = useState('');
  return (
    <form
      className={css.small}
      aria-label={say('case.clock.done.of', { what: say('case.clock.done'), name: clock.name })}
      onSubmit={(event) => {
        event.preventDefault();
        if (!done.isPending) done.mutate({ reason: reason.trim() }, { onSuccess: onDone });
      }}
    >
      <Reason label={say('case.clock.reason')} value={reason} onChange={setReason} />
      <Trouble error={done.error} />
      <Ends
        isReady={reason.trim().length >= 3}
        isPending={done.isPending}
        text={say('case.clock.done')}
        onDone={onDone}
      />
    </form>
  );
}

/** What the investigation of suspect product found; illegitimate product starts the clock of its notification. */
function Finding({ id, onDone }: { id: string; onDone: () => void }) {
  const find = useCaseAction<{ illegitimate: boolean; reason: string }>(id, '/finding');
  const [found, setFound] = useState('');
  const [reason, setReason] = useState('');
  return (
    <form
      className={css.small}
      aria-label={say('case.finding')}
      onSubmit={(event) => {
        event.preventDefault();
        if (!find.isPending)
          find.mutate({ illegitimate: found === 'illegitimate', reason: reason.trim() }, { onSuccess: onDone });
      }}
    >
      <SegmentedControl
        aria-label={say('case.finding')}
        data={[
          { value: '', label: say('case.finding.open') },
          { value: 'cleared', label: say('case.finding.cleared') },
          { value: 'illegitimate', label: say('case.finding.illegitimate') },
        ]}
        value={found}
        onChange={setFound}
      />
      {found === 'illegitimate' ? <span>{say('case.finding.notify')}</span> : null}
      <Reason label={say('case.decide.reason')} value={reason} onChange={setReason} />
      <Trouble error={find.error} />
      <Ends
        isReady={found !== '' && reason.trim().length >= 3}
        isPending={find.isPending}
        text={say('case.finding.record')}
        onDone={onDone}
      />
    </form>
  );
}

function Reason({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <Textarea
      label={label}
      autosize
      minRows={2}
      required
      withAsterisk={false}
      maxLength={4_000}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function Ends({
  isReady,
  isPending,
  text,
  onDone,
}: {
  isReady: boolean;
  isPending: boolean;
  text: string;
  onDone: () => void;
}) {
  return (
    <div className="buttons">
      <Button type="submit" loading={isPending} disabled={!isReady}>
        {text}
      </Button>
      <Button variant="subtle" color="gray" onClick={onDone}>
        {say('case.decide.cancel')}
      </Button>
    </div>
  );
}
