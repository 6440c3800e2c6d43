import { Button, Checkbox, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { CaseView } from '../../../api/case.ts';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { fromText } from '../words/when.ts';
import { Clock } from './CaseClocks.tsx';
import css from './case.module.css';
import { type NewTraceRequest, type TraceRequest, useCaseAction, useTraceRequests } from './case-queries.ts';
import { groupText } from './case-words.ts';

/** Who asked for transaction information of product of the case, or was asked by us; what is not answered has its clock. */
export function CaseTraces({ one, now }: { one: CaseView; now: number }) {
  const mayHandle = useMay('case.handle') && one.state !== 'closed';
  const isUsual = one.kind === 'suspect product';
  const hasSome = one.clocks.some(({ id }) => id.startsWith('dscsa.trace.'));
  const { data, error, isPending, refetch } = useTraceRequests(one.id, one.revision, isUsual || hasSome);
  const [isAsking, setAsking] = useState(false);
  if (!isUsual && !hasSome) return null;
  return (
    <section className="panel section" aria-labelledby="traces">
      <h2 id="traces">{say('case.traces')}</h2>
      {isPending ? (
        <Loading rows={2} height={44} />
      ) : data === undefined ? (
        <Failed error={error ?? new Error('')} what={say('case.traces')} onRetry={() => void refetch()} />
      ) : data.items.length === 0 ? (
        <p className="muted">{say('case.traces.none')}</p>
      ) : (
        <ul className={css.entries}>
          {data.items.map((request) => (
            <li key={request.number} className={css.entry}>
              <Request one={one} request={request} now={now} mayHandle={mayHandle} />
            </li>
          ))}
        </ul>
      )}
      {!mayHandle ? null : isAsking ? (
        <RequestForm one={one} onDone={() => setAsking(false)} />
      ) : (
        <div className={css.under}>
          <Button variant="default" size="compact-sm" onClick={() => setAsking(true)}>
            {say('case.trace.add')}
          </Button>
        </div>
      )}
    </section>
  );
}

function Request({
  one,
  request: { number, direction, partner, official, text, at, due, madeBy, answer, answeredAt, answeredBy },
  now,
  mayHandle,
}: {
  one: CaseView;
  request: TraceRequest;
  now: number;
  mayHandle: boolean;
}) {
  const clock = one.clocks.find(({ id }) => id === `dscsa.trace.${number}`);
  return (
    <>
      <b>{say(direction === 'in' ? 'case.trace.in' : 'case.trace.out', { number, partner })}</b>{' '}
      {official ? <span className="tag">{say('case.trace.official')}</span> : null}{' '}
      {clock === undefined ? null : <Clock clock={clock} now={now} />}
      <p>{text}</p>
      <div className="muted">
        <Say
          text={direction === 'in' ? 'case.trace.received' : 'case.trace.sent'}
          values={{ at: <WhenExact at={at} />, due: <WhenExact at={due} />, who: madeBy }}
        />
      </div>
      {answeredAt === null ? (
        mayHandle ? (
          <Answer id={one.id} number={number} partner={partner} />
        ) : null
      ) : (
        <div className={css.signatures}>
          <p>{answer}</p>
          <div className="muted">
            <Say text="case.trace.answered" values={{ who: answeredBy ?? '', at: <WhenExact at={answeredAt} /> }} />
          </div>
        </div>
      )}
    </>
  );
}

function Answer({ id, number, partner }: { id: string; number: number; partner: string }) {
  const send = useCaseAction<{ answer: string }>(id, `/trace-requests/${number}/answer`);
  const [isAsking, setAsking] = useState(false);
  const [answer, setAnswer] = useState('');
  const label = say('case.trace.answer.of', { number, partner });
  if (!isAsking)
    return (
      <Button
        className={css.under ?? ''}
        variant="default"
        size="compact-sm"
        aria-label={label}
        onClick={() => setAsking(true)}
      >
        {say('case.trace.answer')}
      </Button>
    );
  return (
    <form
      className={css.small}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        if (!send.isPending) send.mutate({ answer: answer.trim() }, { onSuccess: () => setAsking(false) });
      }}
    >
      <TextLines label={say('case.trace.answer.text')} most={10_000} value={answer} onChange={setAnswer} />
      <Trouble error={send.error} />
      <div className="buttons">
        <Button type="submit" loading={send.isPending} disabled={answer.trim().length < 3}>
          {say('case.trace.answer.record')}
        </Button>
        <Button variant="subtle" color="gray" onClick={() => setAsking(false)}>
          {say('case.decide.cancel')}
        </Button>
      </div>
    </form>
  );
}

const FIELDS = ['partner', 'text', 'at', 'due'] as const;

function RequestForm({ one, onDone }: { one: CaseView; onDone: () => void }) {
  const zone = useZone();
  const add = useCaseAction<NewTraceRequest>(one.id, '/trace-requests');
  const [direction, setDirection] = useState<'in' | 'out'>('in');
  const [partner, setPartner] = useState('');
  const [official, setOfficial] = useState(false);
  // What such a request is of, to be made shorter or longer.
  const [text, setText] = useState(() =>
    [...new Set(one.groups.map(groupText))].filter((line) => line !== '').join('\n'),
  );
  const [at, setAt] = useState('');
  const [due, setDue] = useState('');
  const [atMs, dueMs] = [fromText(at, zone), fromText(due, zone)];
  const isTimed = (at.trim() === '' || atMs !== null) && (due.trim() === '' || dueMs !== null);
  const isReady = partner.trim() !== '' && text.trim().length >= 3 && isTimed;
  return (
    <form
      className={css.small}
      aria-label={say('case.trace.add')}
      onSubmit={(event) => {
        event.preventDefault();
        if (add.isPending || !isReady) return;
        const asked = {
          direction,
          partner: partner.trim(),
          official: official && direction === 'in',
          text: text.trim(),
        };
        add.mutate({ ...asked, at: atMs, due: dueMs }, { onSuccess: onDone });
      }}
    >
      <SegmentedControl
        aria-label={say('case.trace.direction')}
        data={[
          { value: 'in', label: say('case.trace.direction.in') },
          { value: 'out', label: say('case.trace.direction.out') },
        ]}
        value={direction}
        onChange={(value) => setDirection(value === 'out' ? 'out' : 'in')}
      />
      <Field
        label={say(direction === 'in' ? 'case.trace.partner.in' : 'case.trace.partner.out')}
        required
        maxLength={200}
        fault={faultAt(add.error, 'partner')}
        value={partner}
        onChange={setPartner}
      />
      {direction === 'in' ? (
        <Checkbox
          label={say('case.trace.official.hint')}
          checked={official}
          onChange={(event) => setOfficial(event.currentTarget.checked)}
        />
      ) : null}
      <TextLines label={say('case.trace.text')} most={4_000} value={text} onChange={setText} />
      <div className={css.two}>
        <TimeField
          label={say(direction === 'in' ? 'case.trace.at.in' : 'case.trace.at.out')}
          value={at}
          zone={zone}
          isOptional
          onChange={setAt}
        />
        <TimeField label={say('case.trace.due')} value={due} zone={zone} isOptional onChange={setDue} />
      </div>
      {[faultAt(add.error, 'at'), faultAt(add.error, 'due')].map((fault) =>
        fault === undefined ? null : (
          <p key={fault} className="trouble" role="alert">
            {fault}
          </p>
        ),
      )}
      <Trouble error={faultElsewhere(add.error, FIELDS)} />
      <div className="buttons">
        <Button type="submit" loading={add.isPending} disabled={!isReady}>
          {say('case.trace.record')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('case.decide.cancel')}
        </Button>
      </div>
    </form>
  );
}

function TextLines({
  label,
  most,
  value,
  onChange,
}: {
  label: string;
  most: number;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Textarea
      label={label}
      autosize
      minRows={2}
      required
      withAsterisk={false}
      maxLength={most}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
