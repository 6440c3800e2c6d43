import { Button, NativeSelect, NumberInput, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useParams } from 'react-router';
import { EXCEPTION_ANSWERS } from '../../../../domain/index.ts';
import type { ExceptionDetailView } from '../../../api/index.ts';
import { Secret } from '../admin/Secret.tsx';
import { Confirm } from '../parts/Confirm.tsx';
import { Field } from '../parts/Field.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './exception.module.css';
import { isNowhere, sayOf, shareOf, tellOf, unshareOf, useException, useExceptionAction } from './exception-queries.ts';
import { Thread } from './Thread.tsx';

const DAY_MS = 86_400_000;
const ENDS = ['settled', 'withdrawn'] as const;

/** One exception: what it is, what both sides said, and how the partner is told. */
export function ExceptionPage() {
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = useException(id);
  const mayHandle = useMay('exception.handle');
  useTitle(data?.id ?? (isNowhere(error) ? say('exception.nowhere') : say('exceptions.title')));
  if (isPending) return <Loading rows={4} />;
  if (isNowhere(error)) return <Nothing level="h1" title={say('exception.nowhere')} />;
  if (data === undefined)
    return (
      <Failed isScreen error={error ?? new Error('')} what={say('exceptions.title')} onRetry={() => void refetch()} />
    );
  const isOver = data.closedAt !== null;
  return (
    <>
      <div className="head">
        <h1>{`${data.id} ${data.title}`}</h1>
      </div>
      <dl className={`panel section ${css.facts}`}>
        <Fact name={say('exceptions.kind')}>{data.kind}</Fact>
        <Fact name={say('exceptions.partner')}>{data.partnerName}</Fact>
        <Fact name={say('exceptions.now')}>{say(`exception.state.${data.state}`)}</Fact>
        <Fact name={say('exceptions.due')}>
          <WhenExact at={data.due} /> {data.overdue ? <b className="trouble">{say('exceptions.late')}</b> : null}
        </Fact>
        {data.shipment === null ? null : <Fact name={say('exceptions.shipment')}>{data.shipment}</Fact>}
        {data.epcs.length === 0 ? null : <Fact name={say('exception.epcs')}>{data.epcs.join(', ')}</Fact>}
      </dl>
      <Thread
        entries={data.thread}
        partner={data.partnerName}
        fileOf={(entry) => `/api/v1/exceptions/${data.id}/files/${entry}`}
      />
      {mayHandle && !isOver ? <SaySomething id={data.id} /> : null}
      {mayHandle ? <Telling exception={data} isOver={isOver} /> : null}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function SaySomething({ id }: { id: string }) {
  const add = useExceptionAction(sayOf(id));
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState('');
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        const said = { text: text.trim(), answer: answer === '' ? null : answer };
        add.mutate(said, { onSuccess: () => setText('') });
      }}
    >
      <h2>{say('exception.say')}</h2>
      <Textarea
        label={say('exception.say.text')}
        required
        withAsterisk={false}
        autosize
        minRows={2}
        maxLength={4_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <NativeSelect
        label={say('exception.say.answer')}
        value={answer}
        data={[
          { value: '', label: say('exception.answer.none') },
          ...[...EXCEPTION_ANSWERS, ...ENDS].map((value) => ({ value, label: say(`exception.answer.${value}`) })),
        ]}
        onChange={(event) => setAnswer(event.currentTarget.value)}
      />
      <Trouble error={add.error} />
      <Button type="submit" loading={add.isPending} disabled={text.trim() === ''}>
        {say('exception.say.do')}
      </Button>
    </form>
  );
}

function Telling({ exception: { id, links }, isOver }: { exception: ExceptionDetailView; isOver: boolean }) {
  const tell = useExceptionAction(tellOf(id));
  const share = useExceptionAction(shareOf(id));
  const withdraw = useExceptionAction(unshareOf(id));
  const [recipient, setRecipient] = useState('');
  const [days, setDays] = useState(14);
  return (
    <section className={`panel section ${css.form}`} aria-labelledby="telling">
      <h2 id="telling">{say('exception.share')}</h2>
      {links.length === 0 ? null : (
        <ul className={css.links}>
          {links.map((link) => (
            <li key={link.id}>
              <Say
                text="exception.link"
                values={{ recipient: link.recipient, until: <WhenExact at={link.endsAt} /> }}
              />{' '}
              <span className="muted">
                {link.revokedAt === null
                  ? say('exception.link.views', { views: link.views })
                  : say('exception.link.ended')}
              </span>{' '}
              {link.revokedAt === null ? (
                <Confirm
                  name={say('exception.link.withdraw')}
                  question={say('exception.link.withdraw.sure', { recipient: link.recipient })}
                  action={say('exception.link.withdraw')}
                  isPending={withdraw.isPending}
                  onConfirm={() => withdraw.mutate(link.id)}
                />
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {share.data === undefined ? null : (
        <Secret
          title={say('exception.link.title')}
          secret={`${window.location.origin}${share.data.path}`}
          onDone={() => share.reset()}
        />
      )}
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          const endsAt = new Date(Date.now() + days * DAY_MS).toISOString();
          share.mutate({ recipient: recipient.trim(), endsAt }, { onSuccess: () => setRecipient('') });
        }}
      >
        <Field
          label={say('exception.share.recipient')}
          required
          maxLength={200}
          value={recipient}
          onChange={setRecipient}
        />
        <NumberInput
          label={say('exception.share.days')}
          min={1}
          max={365}
          allowDecimal={false}
          value={days}
          onChange={(value) => setDays(typeof value === 'number' && value >= 1 && value <= 365 ? value : 14)}
        />
        <Trouble error={share.error ?? withdraw.error} />
        <div className="buttons">
          <Button type="submit" loading={share.isPending} disabled={recipient.trim() === '' || isOver}>
            {say('exception.share')}
          </Button>
          <Button variant="default" loading={tell.isPending} onClick={() => tell.mutate(undefined)}>
            {say('exception.tell')}
          </Button>
        </div>
      </form>
      {tell.data === undefined ? null : (
        <p role="status" className={tell.data.failure === null ? undefined : 'trouble'}>
          {tell.data.failure === null
            ? say('exception.told')
            : say('exception.told.failed', { failure: tell.data.failure })}
        </p>
      )}
      <Trouble error={tell.error} />
    </section>
  );
}
