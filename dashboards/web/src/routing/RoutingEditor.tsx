import { Button, Textarea } from '@mantine/core';
import { useRef } from 'react';
import type { RoutingView } from '../../../api/index.ts';
import { AnswerError } from '../ask.ts';
import { Field } from '../parts/Field.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { Diff } from './Diff.tsx';
import css from './routing.module.css';
import type { useSaveRouting } from './routing-queries.ts';

interface RoutingEditorProps {
  readonly routing: RoutingView;
  readonly save: ReturnType<typeof useSaveRouting>;
  readonly draft: { readonly text: string; readonly reason: string; readonly isDraft: boolean };
  readonly onText: (text: string) => void;
  readonly onReason: (reason: string) => void;
  readonly onReset: () => void;
}

/** The routing as it is written. It is saved as a whole with a reason, or refused as a whole with the line that is wrong. */
export function RoutingEditor({ routing, save, draft, onText, onReason, onReset }: RoutingEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const isAllowed = useMay('routing.change');
  if (routing.source === 'file' || !isAllowed) {
    if (routing.text === null) return null;
    return (
      <section className="panel section" aria-labelledby="written">
        <h2 id="written">{say('routing.written')}</h2>
        <pre className={css.source}>{routing.text}</pre>
      </section>
    );
  }
  const { text, reason, isDraft } = draft;
  const fault = save.error;
  return (
    <section className="panel section" aria-labelledby="edit">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ text, reason, seen: routing.version }, { onError: (error) => show(area.current, text, error) });
        }}
      >
        <h2 id="edit">{say('routing.edit')}</h2>
        <p className="muted">{say('routing.channels', { channels: routing.channels.join(', ') || '–' })}</p>
        <Textarea
          ref={area}
          autosize
          minRows={12}
          maxRows={32}
          spellCheck={false}
          aria-label={say('routing.edit.text')}
          aria-invalid={fault !== null}
          classNames={{ input: css.input ?? '' }}
          value={text}
          onChange={(event) => {
            onText(event.currentTarget.value);
            save.reset();
          }}
        />
        {fault === null ? null : (
          <div role="alert" className={css.fault}>
            <p className="strong">
              {fault instanceof AnswerError && fault.status === 409 ? say('routing.late') : say('routing.refused')}
            </p>
            <p>{fault.message}</p>
            <p className="muted">{say('routing.goesOn')}</p>
          </div>
        )}
        {isDraft ? (
          <details className={css.change}>
            <summary>{say('routing.change')}</summary>
            <Diff before={routing.text ?? ''} after={text} />
          </details>
        ) : null}
        <div className={css.save}>
          <Field
            label={say('routing.reason')}
            required
            minLength={3}
            maxLength={1_000}
            value={reason}
            onChange={onReason}
          />
          <Button type="submit" loading={save.isPending} disabled={!isDraft}>
            {say('routing.save', { version: routing.version + 1 })}
          </Button>
          <Button variant="default" disabled={!isDraft} onClick={onReset}>
            {say('routing.reset')}
          </Button>
        </div>
        {save.isSuccess ? <p role="status">{say('routing.saved')}</p> : null}
      </form>
    </section>
  );
}

/** The line that is wrong, marked in the text. */
function show(area: HTMLTextAreaElement | null, text: string, error: Error): void {
  const line = Number(/^routing:(\d+):/.exec(error.message)?.[1] ?? 0);
  if (area === null || line === 0) return;
  const lines = text.split('\n');
  const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
}
