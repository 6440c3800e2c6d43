import { FileInput } from '@mantine/core';
import { useState } from 'react';
import { useParams } from 'react-router';
import { EXCEPTION_ANSWERS } from '../../../../domain/index.ts';
import type { LinkedExceptionView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { Field } from '../parts/Field.tsx';
import { WhenExact } from '../parts/When.tsx';
import { HeadByLink, PageByLink } from '../share/PageByLink.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { ExceptionFacts } from './ExceptionFacts.tsx';
import { useAnswer, useLinked } from './exception-queries.ts';
import { SayForm } from './SayForm.tsx';
import { Thread } from './Thread.tsx';

/** One exception as a partner sees and answers it by a link: no account, no menu, nothing else of the installation. */
export function Answer() {
  const { token = '' } = useParams();
  const asked = useLinked(token);
  return (
    <PageByLink asked={asked} text="answer.title" titleOf={({ id }) => id} visits={`/answer/${segment(token)}/visits`}>
      {(exception) => <Shown exception={exception} token={token} />}
    </PageByLink>
  );
}

function Shown({ exception, token }: { exception: LinkedExceptionView; token: string }) {
  const { id, title, state, organisation, recipient, endsAt, thread } = exception;
  return (
    <>
      <HeadByLink title={`${id} ${title}`}>
        {organisation ?? say('frame.isotherm')}{' '}
        <Say text="answer.for" values={{ recipient, until: <WhenExact at={endsAt} /> }} />
      </HeadByLink>
      <ExceptionFacts exception={exception} />
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
  const [file, setFile] = useState<File | null>(null);
  return (
    <SayForm
      title={say('answer.do')}
      action={say('answer.do')}
      meanings={EXCEPTION_ANSWERS}
      sending={answering}
      isReady={(text) => author.trim() !== '' && (text !== '' || file !== null)}
      onSay={(said, onSent) =>
        answering.mutate(
          { ...said, author: author.trim(), file },
          {
            onSuccess: () => {
              onSent();
              setFile(null);
            },
          },
        )
      }
      before={
        <Field
          label={say('answer.author')}
          required
          maxLength={100}
          autoComplete="name"
          value={author}
          onChange={setAuthor}
        />
      }
      after={
        <FileInput
          label={say('answer.file')}
          placeholder={say('answer.file.choose')}
          clearable
          value={file}
          onChange={setFile}
        />
      }
      sent={say('answer.sent')}
    />
  );
}
