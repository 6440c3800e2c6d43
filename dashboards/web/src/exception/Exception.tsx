import { Button, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { EXCEPTION_ANSWERS } from '../../../../domain/index.ts';
import type { ExceptionDetailView } from '../../../api/index.ts';
import { Secret } from '../admin/Secret.tsx';
import { isNowhere, segment } from '../ask.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Field } from '../parts/Field.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { ExceptionFacts, Fact } from './ExceptionFacts.tsx';
import css from './exception.module.css';
import { sayOf, shareOf, tellOf, unshareOf, useException, useExceptionAction } from './exception-queries.ts';
import { SayForm } from './SayForm.tsx';
import { Thread } from './Thread.tsx';

const DAY_MS = 86_400_000;
/** Only our side ends it. */
const OUR_MEANINGS = [...EXCEPTION_ANSWERS, 'settled', 'withdrawn'] as const;

/** One exception: what it is, what both sides said, and how the partner is told. */
export function ExceptionPage() {
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = useException(id);
  const mayHandle = useMay('exception.handle');
  useTitle(data?.id ?? (isNowhere(error) ? say('exception.nowhere') : say('exceptions.title')));
  if (isPending) return <Loading rows={4} />;
  if (isNowhere(error))
    return (
      <Nothing
        level="h1"
        title={say('exception.nowhere')}
        action={<Link to="/admin/exceptions">{say('exception.nowhere.all')}</Link>}
      >
        {say('exception.nowhere.hint')}
      </Nothing>
    );
  if (data === undefined)
    return (
      <Failed isScreen error={error ?? new Error('')} what={say('exceptions.title')} onRetry={() => void refetch()} />
    );
  const isOver = data.closedAt !== null;
  return (
    <>
      <p className="crumbs">
        <Link to="/admin/exceptions">{say('exceptions.title')}</Link>
      </p>
      <div className="head">
        <h1>{`${data.id} ${data.title}`}</h1>
      </div>
      <ExceptionFacts exception={{ ...data, shipment: null }}>
        <Fact name={say('exceptions.partner')}>{data.partnerName}</Fact>
        <Fact name={say('exceptions.now')}>{say(`exception.state.${data.state}`)}</Fact>
        {data.shipment === null ? null : (
          <Fact name={say('exceptions.shipment')}>
            <Link to={`/shipments/${segment(data.shipment)}`}>{data.shipment}</Link>
          </Fact>
        )}
      </ExceptionFacts>
      <Thread
        entries={data.thread}
        partner={data.partnerName}
        fileOf={(entry) => `/api/v1/exceptions/${data.id}/files/${entry}`}
      />
      {mayHandle ? (
        <div className={css.hands}>
          {isOver ? null : <SaySomething id={data.id} />}
          <Telling exception={data} isOver={isOver} />
        </div>
      ) : null}
    </>
  );
}

function SaySomething({ id }: { id: string }) {
  const add = useExceptionAction(sayOf(id));
  return (
    <SayForm
      title={say('exception.say')}
      action={say('exception.say.do')}
      meanings={OUR_MEANINGS}
      sending={add}
      isReady={(text) => text !== ''}
      onSay={(said, onSent) => add.mutate(said, { onSuccess: onSent })}
    />
  );
}

/** What the partner's webhook has not taken yet. */
function Untold({ telling: { attempts, failure, nextAt } }: { telling: NonNullable<ExceptionDetailView['telling']> }) {
  if (attempts === 0) return <p className="muted">{say('exception.telling')}</p>;
  const said = { failure: failure ?? '', attempts };
  return (
    <p className="trouble">
      {nextAt === null ? (
        say('exception.untold', said)
      ) : (
        <Say text="exception.untold.next" values={{ ...said, at: <WhenExact at={nextAt} /> }} />
      )}
    </p>
  );
}

function Telling({ exception: { id, links, telling }, isOver }: { exception: ExceptionDetailView; isOver: boolean }) {
  const tell = useExceptionAction(tellOf(id));
  const share = useExceptionAction(shareOf(id));
  const withdraw = useExceptionAction(unshareOf(id));
  const [recipient, setRecipient] = useState('');
  const [days, setDays] = useState(14);
  return (
    <section className={`panel section ${css.form}`} aria-labelledby="telling">
      <h2 id="telling">{say('exception.share')}</h2>
      {telling === null ? null : <Untold telling={telling} />}
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
