import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { IconShare } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { SharedContent, ShareView } from '../../../api/index.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Field } from '../parts/Field.tsx';
import { QrCode } from '../parts/QrCode.tsx';
import { Trouble } from '../parts/States.tsx';
import { When, WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { CopyButton } from './CopyButton.tsx';
import css from './Sharing.module.css';
import { useExtendShare, useMakeShare, useRevokeShare, useShares } from './share-queries.ts';

const DAY_MS = 86_400_000;
const DAYS = [1, 7, 30, 90, 366] as const;
const CONTENTS = ['chart', 'serials', 'report', 'sharer'] as const;

/** Links by which customers see this shipment: whom for, until when, how often they looked; made and withdrawn here. */
export function Sharing({ id }: { id: string }) {
  const may = useMay('shipment.share');
  const { data, error } = useShares(id, may);
  const [isMaking, setMaking] = useState(false);
  if (!may) return null;
  return (
    <section className={`panel section ${css.stack}`} aria-labelledby="sharing">
      <div className="head">
        <h2 id="sharing">{say('share.title')}</h2>
        <span className="spring" />
        {isMaking ? null : (
          <Button variant="default" size="xs" leftSection={<IconShare size={15} />} onClick={() => setMaking(true)}>
            {say('share.make')}
          </Button>
        )}
      </div>
      <Trouble error={error} />
      {isMaking ? <ShareForm id={id} onDone={() => setMaking(false)} /> : null}
      {data === undefined ? null : data.items.length === 0 ? (
        <p className="muted">{say('share.none')}</p>
      ) : (
        <ul className={css.list}>
          {data.items.map((share) => (
            <Share key={share.id} shipment={id} share={share} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ShareForm({ id, onDone }: { id: string; onDone: () => void }) {
  const make = useMakeShare(id);
  const [recipient, setRecipient] = useState('');
  const [days, setDays] = useState<number>(7);
  const [contents, setContents] = useState<readonly SharedContent[]>(['chart']);
  const toggle = (content: SharedContent, isChosen: boolean) => {
    const others = contents.filter((one) => one !== content && !(content === 'serials' && one === 'report'));
    const added: readonly SharedContent[] = content === 'report' ? ['serials', 'report'] : [content];
    setContents(isChosen ? [...new Set([...others, ...added])] : others);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ recipient: recipient.trim(), contents, endsAt: new Date(Date.now() + days * DAY_MS).toISOString() });
  };
  if (make.data !== undefined) {
    const link = `${window.location.origin}${make.data.path}`;
    return (
      <div className={`ask ${css.stack}`} role="status">
        <p>{say('share.made', { recipient: make.data.recipient })}</p>
        <code className={css.link}>{link}</code>
        <div className="buttons">
          <CopyButton text={link} />
          <Button variant="subtle" color="gray" size="xs" onClick={onDone}>
            {say('share.done')}
          </Button>
        </div>
        <QrCode text={link} label={say('share.qr')} />
      </div>
    );
  }
  return (
    <form className={`ask ${css.stack}`} onSubmit={submit}>
      <Field
        label={say('share.recipient')}
        hint={say('share.recipient.hint')}
        required
        maxLength={200}
        value={recipient}
        onChange={setRecipient}
      />
      <NativeSelect
        label={say('share.until')}
        data={DAYS.map((value) => ({ value: String(value), label: say('share.days', { days: value }) }))}
        value={String(days)}
        onChange={({ currentTarget: { value } }) => setDays(Number(value))}
      />
      <fieldset className={css.contents}>
        <legend>{say('share.contents')}</legend>
        <Checkbox label={say('share.content.state')} checked readOnly disabled />
        {CONTENTS.map((content) => (
          <Checkbox
            key={content}
            label={say(`share.content.${content}`)}
            checked={contents.includes(content)}
            onChange={({ currentTarget: { checked } }) => toggle(content, checked)}
          />
        ))}
      </fieldset>
      <p className="muted">{say('share.warning')}</p>
      <div className="buttons">
        <Button type="submit" loading={make.isPending} disabled={recipient.trim() === ''}>
          {say('share.make')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('shipment.cancel')}
        </Button>
      </div>
      <Trouble error={make.error} />
    </form>
  );
}

function Share({ shipment, share }: { shipment: string; share: ShareView }) {
  const revoke = useRevokeShare(shipment);
  const [isExtending, setExtending] = useState(false);
  const { recipient, state, contents, endsAt, madeAt, madeBy, revokedAt, revokedBy, views, viewedAt } = share;
  const isAlive = state !== 'revoked';
  return (
    <li className={css.share}>
      <div className="head">
        <b>{recipient}</b>
        <span className={state === 'open' ? '' : 'muted'}>
          {state === 'open' ? (
            <Say text="share.state.open" values={{ at: <WhenExact at={endsAt} /> }} />
          ) : state === 'ended' ? (
            <Say text="share.state.ended" values={{ at: <WhenExact at={endsAt} /> }} />
          ) : state === 'revoked' ? (
            <Say
              text="share.state.revoked"
              values={{ at: <WhenExact at={revokedAt ?? endsAt} />, by: revokedBy ?? '' }}
            />
          ) : (
            say('share.state.withoutRight', { madeBy })
          )}
        </span>
        <span className="spring" />
        {isAlive && !isExtending ? (
          <Button variant="default" size="xs" onClick={() => setExtending(true)}>
            {say('share.extend')}
          </Button>
        ) : null}
        {isAlive ? (
          <Confirm
            name={say('share.revoke')}
            question={say('share.revoke.ask', { recipient })}
            action={say('share.revoke')}
            isPending={revoke.isPending}
            onConfirm={() => revoke.mutate(share.id)}
          />
        ) : null}
      </div>
      <div className="muted">
        {[say('share.content.state'), ...contents.map((content) => say(`share.content.${content}`))].join(' · ')}
      </div>
      <div className="muted">
        <Say text="share.by" values={{ madeBy, at: <When at={madeAt} /> }} />{' '}
        {viewedAt === null ? (
          say('share.notViewed')
        ) : (
          <Say text="share.viewed" values={{ views, at: <When at={viewedAt} /> }} />
        )}
      </div>
      {isExtending ? <ExtendForm shipment={shipment} share={share.id} onDone={() => setExtending(false)} /> : null}
      <Trouble error={revoke.error} />
    </li>
  );
}

function ExtendForm({ shipment, share, onDone }: { shipment: string; share: number; onDone: () => void }) {
  const extend = useExtendShare(shipment);
  const [days, setDays] = useState<number>(7);
  const [reason, setReason] = useState('');
  return (
    <form
      className={`ask ${css.stack}`}
      onSubmit={(event) => {
        event.preventDefault();
        const endsAt = new Date(Date.now() + days * DAY_MS).toISOString();
        extend.mutate({ id: share, endsAt, reason: reason.trim() }, { onSuccess: onDone });
      }}
    >
      <NativeSelect
        label={say('share.until')}
        data={DAYS.map((value) => ({ value: String(value), label: say('share.days', { days: value }) }))}
        value={String(days)}
        onChange={({ currentTarget: { value } }) => setDays(Number(value))}
      />
      <Field label={say('shipment.reason')} required maxLength={1000} value={reason} onChange={setReason} />
      <div className="buttons">
        <Button type="submit" size="xs" loading={extend.isPending} disabled={reason.trim().length < 3}>
          {say('share.extend')}
        </Button>
        <Button variant="subtle" color="gray" size="xs" onClick={onDone}>
          {say('shipment.cancel')}
        </Button>
      </div>
      <Trouble error={extend.error} />
    </form>
  );
}
