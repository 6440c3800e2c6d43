import { Button, FileInput, NativeSelect, Textarea } from '@mantine/core';
import { IconLinkOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useParams } from 'react-router';
import { EXCEPTION_ANSWERS } from '../../../../domain/index.ts';
import type { LinkedExceptionView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { Field } from '../parts/Field.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { WhenExact } from '../parts/When.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './exception.module.css';
import { isNowhere, sayVisited, useAnswer, useLinked } from './exception-queries.ts';
import { Thread } from './Thread.tsx';

/** One exception as a partner sees and answers it by a link: no account, no menu, nothing else of the installation. */
export function Answer() {
  const { token = '' } = useParams();
  const { data, error, isPending, refetch } = useLinked(token);
  useTitle(data === undefined || error !== null ? say('answer.title') : data.id);
  const isSeen = data !== undefined;
  useEffect(() => {
    if (isSeen) void sayVisited(token).catch(() => {});
  }, [isSeen, token]);
  return (
    <div className={css.whole}>
      <main className={css.page}>
        {isNowhere(error) ? (
          <Nothing level="h1" title={say('answer.nowhere')} icon={<IconLinkOff size={32} stroke={1.4} />}>
            {say('answer.nowhere.next')}
          </Nothing>
        ) : isPending ? (
          <Loading rows={4} />
        ) : data === undefined ? (
          <Failed isScreen error={error ?? new Error('')} what={say('answer.title')} onRetry={() => void refetch()} />
        ) : (
          <Shown exception={data} token={token} />
        )}
      </main>
    </div>
  );
}

function Shown({ exception, token }: { exception: LinkedExceptionView; token: string }) {
  const { id, title, kind, state, organisation, recipient, endsAt, due, overdue, shipment, epcs, thread } = exception;
  return (
    <>
      <header>
        <p className="muted">
          {organisation ?? say('frame.isotherm')}{' '}
          <Say text="answer.for" values={{ recipient, until: <WhenExact at={endsAt} /> }} />
        </p>
        <h1>{`${id} ${title}`}</h1>
      </header>
      <dl className={`panel section ${css.facts}`}>
        <div>
          <dt className="muted">{say('exceptions.kind')}</dt>
          <dd>{kind}</dd>
        </div>
        <div>
          <dt className="muted">{say('exceptions.due')}</dt>
          <dd>
            <WhenExact at={due} /> {overdue ? <b className="trouble">{say('exceptions.late')}</b> : null}
          </dd>
        </div>
        {shipment === null ? null : (
          <div>
            <dt className="muted">{say('exceptions.shipment')}</dt>
            <dd>{shipment}</dd>
          </div>
        )}
        {epcs.length === 0 ? null : (
          <div>
            <dt className="muted">{say('exception.epcs')}</dt>
            <dd>{epcs.join(', ')}</dd>
          </div>
        )}
      </dl>
      <Thread entries={thread} partner={null} fileOf={(entry) => `/api/v1/answer/${segment(token)}/files/${entry}`} />
      {state === 'settled' || state === 'withdrawn' ? (
        <p className="muted">{say('answer.over')}</p>
      ) : (
        <Answering token={token} />
      )}
    </>
  );
}

function Answering({ token }: { token: string }) {
  const answering = useAnswer(token);
  const [author, setAuthor] = useState('');
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState('');
  const [file, setFile] = useState<File | null>(null);
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        answering.mutate(
          { author: author.trim(), text: text.trim(), answer: answer === '' ? null : answer, file },
          {
            onSuccess: () => {
              setText('');
              setFile(null);
            },
          },
        );
      }}
    >
      <h2>{say('answer.do')}</h2>
      <Field
        label={say('answer.author')}
        required
        maxLength={100}
        autoComplete="name"
        value={author}
        onChange={setAuthor}
      />
      <Textarea
        label={say('exception.say.text')}
        autosize
        minRows={3}
        maxLength={4_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <NativeSelect
        label={say('exception.say.answer')}
        value={answer}
        data={[
          { value: '', label: say('exception.answer.none') },
          ...EXCEPTION_ANSWERS.map((value) => ({ value, label: say(`exception.answer.${value}`) })),
        ]}
        onChange={(event) => setAnswer(event.currentTarget.value)}
      />
      <FileInput label={say('answer.file')} clearable value={file} onChange={setFile} />
      <Trouble error={answering.error} />
      <Button
        type="submit"
        loading={answering.isPending}
        disabled={author.trim() === '' || (text.trim() === '' && file === null)}
      >
        {say('answer.do')}
      </Button>
      {answering.isSuccess ? <p role="status">{say('answer.sent')}</p> : null}
    </form>
  );
}
