import { Button } from '@mantine/core';
import { useState } from 'react';
import type { RoutingView } from '../../../api/index.ts';
import { Trouble } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { languageName } from './language-name.ts';
import { PersonForm } from './PersonForm.tsx';
import css from './routing.module.css';
import type { RoutingDraft } from './routing-draft.ts';
import { useTestPerson } from './routing-queries.ts';

interface PeopleToldProps {
  readonly routing: RoutingView;
  readonly draft: RoutingDraft;
  readonly isEditable: boolean;
}

/** Whom the routing knows, and by which channels; each can be changed, and tried with a real message. */
export function PeopleTold({ routing: { channels }, draft, isEditable }: PeopleToldProps) {
  const [edited, setEdited] = useState<{ readonly id: string | null } | null>(null);
  const { parts } = draft;
  if (parts === null) {
    return isEditable ? (
      <p className={`muted ${css.unread}`}>
        {draft.error === null ? say('routing.unread') : say('routing.unreadable')}
      </p>
    ) : null;
  }
  const { people } = parts;
  if (people.length === 0 && !isEditable) return null;
  return (
    <section className="section-open" aria-labelledby="people">
      <h2 id="people">{say('routing.people')}</h2>
      {people.length === 0 ? null : <People people={people} onEdit={isEditable ? (id) => setEdited({ id }) : null} />}
      {edited === null ? (
        isEditable ? (
          <Button variant="default" className={css.add} onClick={() => setEdited({ id: null })}>
            {say('routing.people.add')}
          </Button>
        ) : null
      ) : (
        <PersonForm
          key={edited.id}
          person={people.find(({ id }) => id === edited.id) ?? null}
          {...{ channels, draft }}
          onDone={() => setEdited(null)}
        />
      )}
    </section>
  );
}

interface PeopleProps {
  readonly people: RoutingView['people'];
  /** Null: nobody may change them here. */
  readonly onEdit: ((id: string) => void) | null;
}

function People({ people, onEdit }: PeopleProps) {
  return (
    <div>
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('routing.people.name')}</th>
              <th scope="col">{say('routing.people.words')}</th>
              <th scope="col">{say('routing.people.channels')}</th>
              {onEdit === null ? null : <td />}
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <Row key={person.id} person={person} onEdit={onEdit} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface RowProps extends Pick<PeopleProps, 'onEdit'> {
  readonly person: RoutingView['people'][number];
}

function Row({ person: { id, zone, language, channels, own }, onEdit }: RowProps) {
  const isAllowed = useMay('installation.manage');
  const test = useTestPerson();
  const tried = test.variables;
  return (
    <tr>
      <td>
        <b>{id}</b>
      </td>
      <td data-label={say('routing.people.words')}>
        <div>
          {say('routing.people.words.of', { language: languageName(language), zone })}
          {own.length === 0 ? null : (
            <div className="muted">{say('routing.people.own', { what: own.map(ownWord).join(', ') })}</div>
          )}
        </div>
      </td>
      <td data-label={say('routing.people.channels')}>
        <div>
          <span className="buttons">
            {channels.map((channel) =>
              isAllowed ? (
                <Button
                  key={channel}
                  variant="default"
                  size="xs"
                  loading={test.isPending && tried?.channel === channel}
                  aria-label={say('routing.people.test.of', { channel, id })}
                  onClick={() => test.mutate({ channel, person: id })}
                >
                  {say('routing.people.test', { channel })}
                </Button>
              ) : (
                <span key={channel}>{channel}</span>
              ),
            )}
          </span>
          {test.data === undefined || tried === undefined ? null : (
            <p role="status" className={test.data.delivered ? undefined : 'trouble'}>
              {test.data.delivered
                ? say('routing.people.test.ok', { channel: tried.channel })
                : say('routing.people.test.failed', { channel: tried.channel, failure: test.data.failure ?? '' })}
            </p>
          )}
          <Trouble error={test.error} />
        </div>
      </td>
      {onEdit === null ? null : (
        <td className="right">
          <Button
            variant="default"
            size="xs"
            aria-label={say('routing.entry.change.of', { id })}
            onClick={() => onEdit(id)}
          >
            {say('routing.entry.change')}
          </Button>
        </td>
      )}
    </tr>
  );
}

/** What somebody set for themselves: words, or the channel of an address. */
function ownWord(what: string): string {
  if (what === 'language' || what === 'zone' || what === 'quiet') return say(`routing.people.own.${what}`);
  return say('routing.people.own.address', { channel: what });
}
