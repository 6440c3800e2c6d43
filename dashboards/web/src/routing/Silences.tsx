import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { SilenceView } from '../../../api/index.ts';
import { AdminPage } from '../admin/AdminPage.tsx';
import css from '../admin/admin.module.css';
import { useNow } from '../live/useNow.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Field } from '../parts/Field.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { When } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { fromText, toText } from '../words/when.ts';
import { useAddSilence, useEndSilence, useSilences } from './routing-queries.ts';

/** What a silence can be made for here; the API and the command line know more. */
const BY = ['site', 'device', 'shipment', 'rule', 'gateway', 'kind', 'severity'] as const;
const HOUR_MS = 3_600_000;

/** Of which alerts nobody is told for a while: always with a reason, and always with an end. */
export function Silences() {
  return (
    <AdminPage text="silences.title" permission="alert.handle">
      <p className={css.lead}>{say('silences.lead')}</p>
      <NewSilence />
      <List />
    </AdminPage>
  );
}

function NewSilence() {
  const zone = useZone();
  const now = useNow(60_000);
  const add = useAddSilence();
  const [by, setBy] = useState<string>('site');
  const [of, setOf] = useState('');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState(() => toText(now + 4 * HOUR_MS, zone));
  const end = fromText(until, zone);
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (end === null) return;
        add.mutate(
          { match: { [by]: namesIn(of) }, reason: reason.trim(), until: end },
          {
            onSuccess: () => {
              setOf('');
              setReason('');
            },
          },
        );
      }}
    >
      <h2>{say('silences.add')}</h2>
      <NativeSelect
        label={say('silences.by')}
        value={by}
        data={BY.map((value) => ({ value, label: say(`silences.by.${value}`) }))}
        onChange={(event) => setBy(event.currentTarget.value)}
      />
      <Field
        label={say('silences.of')}
        hint={say('silences.of.hint')}
        required
        spellCheck={false}
        value={of}
        onChange={setOf}
      />
      <TimeField label={say('silences.until')} value={until} zone={zone} onChange={setUntil} />
      <Field label={say('silences.reason')} required maxLength={1_000} value={reason} onChange={setReason} />
      <Button type="submit" loading={add.isPending}>
        {say('silences.do')}
      </Button>
      <Trouble error={add.error} />
      {add.data === undefined ? null : <p role="status">{say('silences.added')}</p>}
    </form>
  );
}

function namesIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function List() {
  const { data, error, isPending, refetch } = useSilences();
  if (isPending) return <Loading rows={3} height={64} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('silences.title')} onRetry={() => void refetch()} />;
  const standing = data.filter(({ endedAt }) => endedAt === null);
  const over = data.filter(({ endedAt }) => endedAt !== null);
  return (
    <>
      <section className="section-open" aria-labelledby="standing">
        <h2 id="standing">{say('silences.standing')}</h2>
        {standing.length === 0 ? (
          <Nothing title={say('silences.none')}>{say('silences.none.hint')}</Nothing>
        ) : (
          <ul className={`panel ${css.waitingList}`}>
            {standing.map((silence) => (
              <Row key={silence.id} silence={silence} />
            ))}
          </ul>
        )}
      </section>
      {over.length === 0 ? null : (
        <section className="section-open" aria-labelledby="over">
          <h2 id="over">{say('silences.over')}</h2>
          <ul className={`panel ${css.waitingList}`}>
            {over.slice(0, 20).map((silence) => (
              <Row key={silence.id} silence={silence} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Row({ silence }: { silence: SilenceView }) {
  const { id, match, reason, author, from, until, endedAt, endedBy, muted } = silence;
  const stop = useEndSilence();
  return (
    <li className={css.waiting}>
      <div>
        <b>{matchWords(match)}</b>
        <p>{reason}</p>
        <p className="muted">
          {endedAt === null ? (
            <Say
              text="silences.row"
              values={{
                author,
                from: <When at={from} />,
                until: <When at={until} />,
                muted: say('silences.muted', { muted }),
              }}
            />
          ) : (
            <Say
              text="silences.row.over"
              values={{
                ...{ author, from: <When at={from} />, until: <When at={endedAt} /> },
                by: endedBy === null ? say('silences.byItself') : say('silences.endedBy', { who: endedBy }),
              }}
            />
          )}
        </p>
        <Trouble error={stop.error} />
      </div>
      {endedAt === null ? (
        <Confirm
          name={say('silences.end')}
          question={say('silences.end.sure', { muted })}
          action={say('silences.end.do')}
          isPending={stop.isPending}
          onConfirm={() => stop.mutate(id)}
        />
      ) : null}
    </li>
  );
}

/** `site: site:berlin · rule: too-warm`, as it was asked for. */
function matchWords(match: SilenceView['match']): string {
  return Object.entries(match)
    .map(([name, value]) => {
      const values = Array.isArray(value) ? value : Object.entries(value ?? {}).map(([key, one]) => `${key}=${one}`);
      return `${name}: ${values.join(', ')}`;
    })
    .join(' · ');
}
