import { Button } from '@mantine/core';
import type { ChannelView } from '../../../api/index.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { NewChannel } from './NewChannel.tsx';
import { useChannels, usePutChannel, useRemoveChannel, useTestChannel } from './setup-queries.ts';

/** Where alerts are sent besides the page; each can be tried with a real message. */
export function Channels() {
  return (
    <AdminPage text="channels.title" permission="installation.manage">
      <p className={css.lead}>{say('channels.lead')}</p>
      <NewChannel />
      <List />
    </AdminPage>
  );
}

function List() {
  const { data, error, isPending, refetch } = useChannels();
  if (isPending) return <Loading rows={3} height={52} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('channels.title')} onRetry={() => void refetch()} />;
  return (
    <section className="section-open">
      {data.items.length === 0 ? (
        <Nothing title={say('channels.empty')}>{say('channels.empty.hint')}</Nothing>
      ) : (
        <div className="panel scroll">
          <table className={`table cards ${css.table}`}>
            <thead>
              <tr>
                <th scope="col">{say('channels.id')}</th>
                <th scope="col">{say('channels.kind')}</th>
                <th scope="col">{say('channels.url')}</th>
                <th scope="col">{say('channels.told')}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {data.items.map((channel) => (
                <Row key={channel.id} channel={channel} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ channel }: { channel: ChannelView }) {
  const { id, kind, url, settings, told, configured } = channel;
  const put = usePutChannel();
  const remove = useRemoveChannel();
  const test = useTestChannel();
  return (
    <tr>
      <td>
        <b>{id}</b> {configured ? <span className="muted">{say('channels.configured')}</span> : null}
      </td>
      <td data-label={say('channels.kind')}>{say(`channels.kind.${kind}`)}</td>
      <td data-label={say('channels.url')}>
        <div>
          <span className="epc">{url}</span>
          {settings.to === undefined ? null : <div className="muted">{settings.to.join(', ')}</div>}
          {settings.chat === undefined ? null : <div className="muted">{settings.chat}</div>}
        </div>
      </td>
      <td data-label={say('channels.told')}>{told ? say('channels.told.yes') : say('channels.told.no')}</td>
      <td>
        <span className="buttons">
          <Button
            variant="default"
            size="xs"
            loading={test.isPending}
            aria-label={say('channels.test.of', { id })}
            onClick={() => test.mutate(id)}
          >
            {say('channels.test')}
          </Button>
          {configured ? null : (
            <>
              <Button
                variant="default"
                size="xs"
                loading={put.isPending}
                onClick={() => put.mutate({ id, told: !told })}
              >
                {told ? say('channels.tellNot') : say('channels.tell')}
              </Button>
              <Confirm
                name={say('channels.remove')}
                question={say('channels.remove.sure', { id })}
                action={say('channels.remove.do')}
                isPending={remove.isPending}
                onConfirm={() => remove.mutate(id)}
              />
            </>
          )}
        </span>
        {test.data === undefined ? null : (
          <p role="status" className={test.data.delivered ? undefined : 'trouble'}>
            {test.data.delivered
              ? say('channels.test.ok')
              : say('channels.test.failed', { failure: test.data.failure ?? '' })}
          </p>
        )}
        <Trouble error={test.error ?? put.error ?? remove.error} />
      </td>
    </tr>
  );
}
