import { Button } from '@mantine/core';
import type { PushSubscriptionView } from '../../../api/index.ts';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './admin.module.css';
import { browserText } from './browser-name.ts';
import { useTellHere, useTellNoMore, useTestBrowser, useToldBrowsers } from './push-queries.ts';

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
  const test = useTestBrowser();
  const name = browserText(browser) ?? say('push.service', { service });
  return (
    <li>
      <span>
        <b title={browser}>{isThis ? `${name} (${say('push.this')})` : name}</b>{' '}
        <span className="muted">
          <Say text="push.since" values={{ time: <When at={createdAt} /> }} />{' '}
          {toldAt === null ? say('push.untold') : <Say text="push.told" values={{ time: <When at={toldAt} /> }} />}
        </span>
      </span>
      <span className="buttons">
        <Button variant="default" size="xs" loading={test.isPending} onClick={() => test.mutate(id)}>
          {say('push.test')}
        </Button>
        <Button variant="default" size="xs" loading={remove.isPending} onClick={() => remove.mutate({ id, isThis })}>
          {say('push.remove')}
        </Button>
      </span>
      {test.data === undefined ? null : (
        <p role="status" className={test.data.delivered ? undefined : 'trouble'}>
          {test.data.delivered ? say('push.test.ok') : say('push.test.failed', { failure: test.data.failure ?? '' })}
        </p>
      )}
      <Trouble error={remove.error ?? test.error} />
    </li>
  );
}

interface RowProps {
  readonly browser: PushSubscriptionView;
  readonly isThis: boolean;
}
