import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Confirm } from '../parts/Confirm.tsx';
import { Field } from '../parts/Field.tsx';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './routing.module.css';
import { patchOf, type RoutingDraft } from './routing-draft.ts';
import type { RoutingChangeGiven } from './routing-queries.ts';

interface EntryFormProps {
  readonly section: RoutingChangeGiven['section'];
  readonly title: string;
  readonly draft: RoutingDraft;
  readonly id: string;
  /** Of one that is added; absent: the id stays. */
  readonly onId?: (id: string) => void;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>>;
  readonly onDone: () => void;
  readonly children: ReactNode;
}

/** One person, team or schedule: what is other goes into the text that is saved below. */
export function EntryForm({ section, title, draft, id, onId, before, after, onDone, children }: EntryFormProps) {
  const { change, error, isPending } = draft;
  return (
    <form
      className={`panel section ${css.entry}`}
      onSubmit={(event) => {
        event.preventDefault();
        const value = patchOf(before ?? {}, after);
        change({ section, id, value }, say(`routing.reason.${section}`, { id }), onDone);
      }}
    >
      <h3>{title}</h3>
      {onId === undefined ? null : (
        <Field
          label={say('routing.entry.id')}
          hint={say(section === 'people' ? 'routing.entry.id.person' : 'routing.entry.id.hint')}
          required
          pattern="[a-z0-9\-]{1,64}"
          spellCheck={false}
          autoCapitalize="none"
          value={id}
          onChange={onId}
        />
      )}
      {children}
      <Trouble error={error} />
      <div className="buttons">
        <Button type="submit" loading={isPending}>
          {say('routing.entry.do')}
        </Button>
        <Button variant="default" onClick={onDone}>
          {say('admin.cancel')}
        </Button>
        {before === null ? null : (
          <Confirm
            name={say('routing.entry.remove')}
            question={say('routing.entry.remove.sure', { id })}
            action={say('routing.entry.remove')}
            isPending={isPending}
            onConfirm={() => change({ section, id, value: null }, say('routing.reason.gone', { id }), onDone)}
          />
        )}
      </div>
    </form>
  );
}
