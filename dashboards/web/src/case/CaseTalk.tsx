import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { CaseView } from '../../../api/case.ts';
import { Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import css from './case.module.css';
import { useCaseAction } from './case-queries.ts';

/** What people say of the case: comments, tasks, attachments. */
export function CaseTalk({ one }: { one: CaseView }) {
  return (
    <div className="columns">
      <Comments one={one} />
      <Tasks tasks={one.tasks} />
      <Attachments one={one} />
    </div>
  );
}

function Comments({ one: { id, comments } }: { one: CaseView }) {
  const add = useCaseAction<{ text: string }>(id, '/comments');
  const [text, setText] = useState('');
  return (
    <section className="panel section" aria-labelledby="comments">
      <h2 id="comments">{say('case.comments')}</h2>
      {comments.length === 0 ? <p className="muted">{say('case.comments.none')}</p> : null}
      <ol className={css.entries}>
        {comments.map((comment) => (
          <li key={comment.number} className={css.entry}>
            <b>{comment.by}</b>{' '}
            <span className="muted">
              <WhenExact at={comment.at} />
            </span>
            <p>{withMentions(comment.text, comment.mentions)}</p>
          </li>
        ))}
      </ol>
      <form
        className={css.small}
        onSubmit={(event) => {
          event.preventDefault();
          if (!add.isPending) add.mutate({ text: text.trim() }, { onSuccess: () => setText('') });
        }}
      >
        <Textarea
          label={say('case.comment')}
          description={say('case.comment.hint')}
          autosize
          minRows={2}
          maxLength={4_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div className="buttons">
          <Button type="submit" variant="default" loading={add.isPending} disabled={text.trim() === ''}>
            {say('case.comment.add')}
          </Button>
        </div>
        <Trouble error={add.error} />
      </form>
    </section>
  );
}

/** `@name` stands out where it told somebody. */
function withMentions(text: string, mentions: readonly string[]) {
  let at = 0;
  return text.split(/(@[A-Za-z0-9._-]+)/).map((part) => {
    const key = at;
    at += part.length;
    const isMention = part.startsWith('@') && mentions.includes(part.slice(1));
    return isMention ? (
      <span key={key} className={css.mention}>
        {part}
      </span>
    ) : (
      part
    );
  });
}

function Tasks({ tasks }: { tasks: CaseView['tasks'] }) {
  return (
    <section className="panel section" aria-labelledby="tasks">
      <h2 id="tasks">{say('case.tasks')}</h2>
      {tasks.length === 0 ? <p className="muted">{say('case.tasks.none')}</p> : null}
      <ul className={css.entries}>
        {tasks.map(({ number, text, owner, due, doneAt, doneBy }) => (
          <li key={number} className={css.entry}>
            {text}
            <div className="muted">
              {owner === null ? null : <>{say('case.task.for', { who: owner })} </>}
              {due === null ? null : <Say text="case.task.due" values={{ time: <WhenExact at={due} /> }} />}{' '}
              {doneAt === null ? null : say('case.task.doneBy', { who: doneBy ?? '' })}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Attachments({ one: { id, attachments } }: { one: CaseView }) {
  return (
    <section className="panel section" aria-labelledby="attachments">
      <h2 id="attachments">{say('case.attachments')}</h2>
      {attachments.length === 0 ? <p className="muted">{say('case.attachments.none')}</p> : null}
      <ul className={css.entries}>
        {attachments.map(({ number, name, bytes, sha256, by, at }) => (
          <li key={number} className={css.entry}>
            <a href={`/api/v1/cases/${encodeURIComponent(id)}/attachments/${number}`}>{name}</a>{' '}
            <span className="muted">
              {by}, <WhenExact at={at} />
            </span>
            <div className="muted" title={sha256}>
              {say('case.attachment', { bytes: count(bytes), hash: sha256.slice(0, 12) })}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
