import { Button } from '@mantine/core';
import type { RoutingView } from '../../../api/index.ts';
import { Trouble } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { useTestPerson } from './routing-queries.ts';

/** Whom the routing knows, and by which channels; each can be tried with a real message. */
export function PeopleTold({ routing: { people } }: { routing: RoutingView }) {
  if (people.length === 0) return null;
  return (
    <section className="section-open" aria-labelledby="people">
      <h2 id="people">{say('routing.people')}</h2>
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('routing.people.name')}</th>
              <th scope="col">{say('routing.people.words')}</th>
              <th scope="col">{say('routing.people.channels')}</th>
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <Row key={person.id} person={person} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ person: { id, zone, language, channels } }: { person: RoutingView['people'][number] }) {
  const isAllowed = useMay('installation.manage');
  const test = useTestPerson();
  const tried = test.variables;
  return (
    <tr>
      <td>
        <b>{id}</b>
      </td>
      <td data-label={say('routing.people.words')}>{say('routing.people.words.of', { language, zone })}</td>
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
    </tr>
  );
}
