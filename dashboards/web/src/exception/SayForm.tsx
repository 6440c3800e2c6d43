import { Button, NativeSelect, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { EXCEPTION_ANSWERS } from '../../../../domain/index.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './exception.module.css';

type Meaning = (typeof EXCEPTION_ANSWERS)[number] | 'settled' | 'withdrawn';

export interface Said {
  readonly text: string;
  readonly answer: Meaning | null;
}

interface SayFormProps {
  readonly title: string;
  readonly action: string;
  /** What this side can mean by it. */
  readonly meanings: readonly Meaning[];
  readonly sending: { readonly isPending: boolean; readonly isSuccess: boolean; readonly error: Error | null };
  /** Whether it may go as it stands. */
  readonly isReady: (text: string) => boolean;
  /** @param onSent empties the form: what did not arrive stays */
  readonly onSay: (said: Said, onSent: () => void) => void;
  /** Before the text. */
  readonly before?: ReactNode;
  /** After what it means. */
  readonly after?: ReactNode;
  /** Said where it arrived. */
  readonly sent?: string;
}

/** One side says something of an exception, and what it means. */
export function SayForm(props: SayFormProps) {
  const { title, action, meanings, sending, isReady, onSay, before, after, sent } = props;
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState<Meaning | null>(null);
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        onSay({ text: text.trim(), answer }, () => {
          setText('');
          setAnswer(null);
        });
      }}
    >
      <h2>{title}</h2>
      {before}
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
        value={answer ?? ''}
        data={[
          { value: '', label: say('exception.answer.none') },
          ...meanings.map((value) => ({ value, label: say(`exception.answer.${value}`) })),
        ]}
        onChange={({ currentTarget: { value } }) => setAnswer(meanings.find((one) => one === value) ?? null)}
      />
      {after}
      <Trouble error={sending.error} />
      <div className="buttons">
        <Button type="submit" loading={sending.isPending} disabled={!isReady(text.trim())}>
          {action}
        </Button>
      </div>
      {sent !== undefined && sending.isSuccess ? <p role="status">{sent}</p> : null}
    </form>
  );
}
