import { Textarea } from '@mantine/core';
import type { RefObject } from 'react';
import type { RoutingView } from '../../../api/index.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './routing.module.css';
import type { RoutingDraft } from './routing-draft.ts';

interface RoutingEditorProps {
  readonly routing: RoutingView;
  readonly draft: RoutingDraft;
  readonly isEditable: boolean;
  readonly isRefused: boolean;
  readonly area: RefObject<HTMLTextAreaElement | null>;
  readonly onText: (text: string) => void;
}

/** The routing as it is written. What forms change is changed here too: there is one text. */
export function RoutingEditor({ routing, draft, isEditable, isRefused, area, onText }: RoutingEditorProps) {
  if (!isEditable) {
    if (routing.text === null) return null;
    return (
      <section className="panel section" aria-labelledby="written">
        <h2 id="written">{say('routing.written')}</h2>
        <pre className={css.source}>{routing.text}</pre>
      </section>
    );
  }
  return (
    <section className="panel section" aria-labelledby="edit">
      <h2 id="edit">{say('routing.edit')}</h2>
      <p className="muted">{say('routing.channels', { channels: routing.channels.join(', ') || '–' })}</p>
      <Textarea
        ref={area}
        autosize
        minRows={12}
        maxRows={32}
        spellCheck={false}
        aria-label={say('routing.edit.text')}
        aria-invalid={isRefused}
        classNames={{ input: css.input ?? '' }}
        value={draft.text}
        onChange={(event) => onText(event.currentTarget.value)}
        onBlur={draft.read}
      />
      {draft.parts === null && !isRefused ? <Trouble error={draft.error} /> : null}
    </section>
  );
}

/** The line that is wrong, marked in the text. */
export function showLine(area: HTMLTextAreaElement | null, text: string, error: Error): void {
  const line = Number(/^routing:(\d+):/.exec(error.message)?.[1] ?? 0);
  if (area === null || line === 0) return;
  const lines = text.split('\n');
  const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
}
