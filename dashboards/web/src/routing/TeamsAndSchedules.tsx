import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { say } from '../text/say.ts';
import css from './routing.module.css';
import type { RoutingDraft } from './routing-draft.ts';
import { ScheduleForm } from './ScheduleForm.tsx';
import { TeamForm } from './TeamForm.tsx';

/** The teams and schedules there are, each with a form. */
export function TeamsAndSchedules({ draft, isEditable }: { draft: RoutingDraft; isEditable: boolean }) {
  const { parts } = draft;
  if (parts === null) return null;
  return (
    <>
      <Register
        title={say('routing.teams')}
        add={say('routing.teams.add')}
        isEditable={isEditable && parts.people.length > 0}
        items={parts.teams.map((team) => ({ id: team.id, text: team.members.join(', ') }))}
        formOf={(id, onDone) => (
          <TeamForm team={parts.teams.find((one) => one.id === id) ?? null} draft={draft} onDone={onDone} />
        )}
      />
      <Register
        title={say('routing.schedules')}
        add={say('routing.schedules.add')}
        isEditable={isEditable && parts.people.length > 0}
        items={parts.schedules.map(({ id, people, days, handOver, zone }) => ({
          id,
          text: say('routing.schedules.of', { people: people.join(', '), days, handOver, zone }),
        }))}
        formOf={(id, onDone) => (
          <ScheduleForm schedule={parts.schedules.find((one) => one.id === id) ?? null} draft={draft} onDone={onDone} />
        )}
      />
    </>
  );
}

interface RegisterProps {
  readonly title: string;
  readonly add: string;
  readonly isEditable: boolean;
  readonly items: readonly { readonly id: string; readonly text: string }[];
  /** Of one that there is, or of a new one (null). */
  readonly formOf: (id: string | null, onDone: () => void) => ReactNode;
}

function Register({ title, add, isEditable, items, formOf }: RegisterProps) {
  const [edited, setEdited] = useState<{ readonly id: string | null } | null>(null);
  if (items.length === 0 && !isEditable) return null;
  return (
    <section className="section-open">
      <h2>{title}</h2>
      {items.length === 0 ? null : (
        <ul className={`panel ${css.entries}`}>
          {items.map(({ id, text }) => (
            <li key={id}>
              <span>
                <b>{id}</b> <span className="muted">{text}</span>
              </span>
              {isEditable ? (
                <Button
                  variant="default"
                  size="xs"
                  aria-label={say('routing.entry.change.of', { id })}
                  onClick={() => setEdited({ id })}
                >
                  {say('routing.entry.change')}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {edited === null ? (
        isEditable ? (
          <Button variant="default" className={css.add} onClick={() => setEdited({ id: null })}>
            {add}
          </Button>
        ) : null
      ) : (
        <div key={edited.id}>{formOf(edited.id, () => setEdited(null))}</div>
      )}
    </section>
  );
}
