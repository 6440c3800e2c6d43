import { Button } from '@mantine/core';
import type { RoutingView } from '../../../api/index.ts';
import { AnswerError } from '../ask.ts';
import { Field } from '../parts/Field.tsx';
import { say } from '../text/say.ts';
import { Diff } from './Diff.tsx';
import css from './routing.module.css';
import type { RoutingDraft } from './routing-draft.ts';
import type { useSaveRouting } from './routing-queries.ts';

interface DraftBarProps {
  readonly routing: RoutingView;
  readonly draft: RoutingDraft;
  readonly save: ReturnType<typeof useSaveRouting>;
  readonly onRefused: (error: Error) => void;
}

/** What would be saved, line by line, and why: it stays in sight while something is not saved. */
export function DraftBar({ routing, draft, save, onRefused }: DraftBarProps) {
  const { text, reason, lost, isDraft } = draft;
  if (!isDraft) return save.isSuccess ? <p role="status">{say('routing.saved')}</p> : null;
  const fault = save.error;
  return (
    <form
      className={`panel section ${css.bar}`}
      aria-label={say('routing.change')}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ text, reason, seen: routing.version }, { onError: onRefused });
      }}
    >
      <details open className={css.change}>
        <summary>{say('routing.change')}</summary>
        <Diff before={routing.text ?? ''} after={text} />
      </details>
      {lost.length === 0 ? null : (
        <div className="ink-warning">
          <p>{say('routing.lost', { count: lost.length })}</p>
          <ul>
            {lost.map((comment) => (
              <li key={comment}>
                <code>{comment}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
      {fault === null ? null : (
        <div role="alert" className={css.fault}>
          <p className="strong">
            {fault instanceof AnswerError && fault.status === 409 ? say('routing.late') : say('routing.refused')}
          </p>
          <p>{fault.message}</p>
          <p className="muted">{say('routing.goesOn')}</p>
        </div>
      )}
      <div className={css.save}>
        <Field
          label={say('routing.reason')}
          required
          minLength={3}
          maxLength={1_000}
          value={reason}
          onChange={draft.setReason}
        />
        <Button type="submit" loading={save.isPending}>
          {say('routing.save', { version: routing.version + 1 })}
        </Button>
        <Button
          variant="default"
          onClick={() => {
            draft.reset();
            save.reset();
          }}
        >
          {say('routing.reset')}
        </Button>
      </div>
    </form>
  );
}
