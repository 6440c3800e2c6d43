import { Button, FileButton, NativeSelect, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CaseView } from '../../../api/case.ts';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Trouble } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { uploadFile } from '../read-out/upload.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { fromText } from '../words/when.ts';
import css from './case.module.css';
import { useCaseAction, useCasePeople } from './case-queries.ts';

/** What people say of the case: comments, tasks, attachments. */
export function CaseTalk({ one }: { one: CaseView }) {
  return (
    <div className="columns">
      <Comments one={one} />
      <Tasks one={one} />
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

function Tasks({ one: { id, tasks } }: { one: CaseView }) {
  const mayHandle = useMay('case.handle');
  const add = useCaseAction<{ text: string; owner: string | null; due: number | null }>(id, '/tasks');
  const zone = useZone();
  const people = useCasePeople(mayHandle).data?.items ?? [];
  const [text, setText] = useState('');
  const [owner, setOwner] = useState('');
  const [due, setDue] = useState('');
  const dueMs = fromText(due, zone);
  return (
    <section className="panel section" aria-labelledby="tasks">
      <h2 id="tasks">{say('case.tasks')}</h2>
      {tasks.length === 0 ? <p className="muted">{say('case.tasks.none')}</p> : null}
      <ul className={css.entries}>
        {tasks.map((task) => (
          <Task key={task.number} id={id} task={task} />
        ))}
      </ul>
      {mayHandle ? (
        <form
          className={css.small}
          onSubmit={(event) => {
            event.preventDefault();
            if (add.isPending) return;
            add.mutate(
              { text: text.trim(), owner: owner.trim() === '' ? null : owner.trim(), due: dueMs },
              {
                onSuccess: () => {
                  setText('');
                  setOwner('');
                  setDue('');
                },
              },
            );
          }}
        >
          <Field label={say('case.task')} maxLength={1_000} value={text} onChange={setText} />
          <NativeSelect
            label={say('case.task.owner')}
            error={faultAt(add.error, 'owner')}
            value={owner}
            data={[
              { value: '', label: say('case.assignee.none') },
              ...people.map(({ name }) => ({ value: name, label: name })),
            ]}
            onChange={(event) => setOwner(event.currentTarget.value)}
          />
          <TimeField label={say('case.task.dueAt')} value={due} zone={zone} isOptional onChange={setDue} />
          <div className="buttons">
            <Button
              type="submit"
              variant="default"
              loading={add.isPending}
              disabled={text.trim() === '' || (due.trim() !== '' && dueMs === null)}
            >
              {say('case.task.add')}
            </Button>
          </div>
          <Trouble error={faultElsewhere(add.error, ['owner'])} />
        </form>
      ) : null}
    </section>
  );
}

function Task({ id, task }: { id: string; task: CaseView['tasks'][number] }) {
  const { number, text, owner, due, doneAt, doneBy } = task;
  const done = useCaseAction<Record<string, never>>(id, `/tasks/${number}/done`);
  return (
    <li className={css.entry}>
      {text}
      <div className="muted">
        {owner === null ? null : <>{say('case.task.for', { who: owner })} </>}
        {due === null ? null : <Say text="case.task.due" values={{ time: <WhenExact at={due} /> }} />}{' '}
        {doneAt === null ? null : say('case.task.doneBy', { who: doneBy ?? '' })}
      </div>
      {doneAt === null ? (
        <Button
          className={css.under ?? ''}
          variant="default"
          size="compact-sm"
          aria-label={say('case.task.done.of', { text })}
          loading={done.isPending}
          onClick={() => done.mutate({})}
        >
          {say('case.task.done')}
        </Button>
      ) : null}
      <Trouble error={done.error} />
    </li>
  );
}

function Attachments({ one: { id, attachments } }: { one: CaseView }) {
  const client = useQueryClient();
  const attach = useMutation({
    mutationFn: (file: File) => uploadFile<unknown>(`/cases/${encodeURIComponent(id)}/attachments`, file, {}, () => {}),
    onSettled: () => client.invalidateQueries({ queryKey: ['case', id] }),
  });
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
      <div className={css.under}>
        <FileButton onChange={(file) => (file === null ? undefined : attach.mutate(file))}>
          {(props) => (
            <Button {...props} variant="default" loading={attach.isPending}>
              {say('case.attach')}
            </Button>
          )}
        </FileButton>
        <Trouble error={attach.error} />
      </div>
    </section>
  );
}
