import { Button } from '@mantine/core';
import type { PushSubscriptionView } from '../../../api/index.ts';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './admin.module.css';
import { useTellHere, useTellNoMore, useToldBrowsers } from './push-queries.ts';

/** The browsers on which somebody is told of alerts, and the button that makes this one of them. */
export function ThisDevice() {
  const { data, error, isPending, refetch } = useToldBrowsers();
  const tell = useTellHere();
  if (isPending) return <Loading rows={1} height={80} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('push.title')} onRetry={() => void refetch()} />;
  const { items, thisId, hindrance } = data;
  return (
    <section className={`panel section ${css.form}`}>
      <h2>{say('push.title')}</h2>
      <p className="muted">{hindrance === null ? say('push.hint') : say(`push.hint.${hindrance}`)}</p>
      {items.length === 0 ? null : (
        <ul className={`${css.whole} ${css.passkeys}`}>
          {items.map((browser) => (
            <Row key={browser.id} browser={browser} isThis={browser.id === thisId} />
          ))}
        </ul>
      )}
      {hindrance === null && thisId === null ? (
        <Button loading={tell.isPending} onClick={() => tell.mutate()}>
          {say('push.tell')}
        </Button>
      ) : null}
      <Trouble error={tell.error} />
    </section>
  );
}

function Row({ browser: { id, browser, service, createdAt, toldAt }, isThis }: RowProps) {
  const remove = useTellNoMore();
  return (
    <li>
      <span>
        <b>{isThis ? say('push.this') : browser === '' ? service : browser}</b>{' '}
        <span className="muted">
          <Say text="push.since" values={{ time: <When at={createdAt} /> }} />{' '}
          {toldAt === null ? say('push.untold') : <Say text="push.told" values={{ time: <When at={toldAt} /> }} />}
        </span>
      </span>
      <span className="buttons">
        <Button variant="default" size="xs" loading={remove.isPending} onClick={() => remove.mutate({ id, isThis })}>
          {say('push.remove')}
        </Button>
      </span>
      <Trouble error={remove.error} />
    </li>
  );
}

interface RowProps {
  readonly browser: PushSubscriptionView;
  readonly isThis: boolean;
}
