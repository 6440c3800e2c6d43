import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { TraceRequestOfCaseView } from '../../../api/index.ts';
import { Pages } from '../admin/Pages.tsx';
import { useNow } from '../live/useNow.ts';
import { WhenExact } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { useTraceRequestsOfCases } from './record-queries.ts';

/** Requests to trace of all cases: by when each is to be answered, and what was answered. */
export function TraceRequests() {
  const [state, setState] = useState<'open' | 'all'>('open');
  const query = useTraceRequestsOfCases(state);
  const now = useNow();
  return (
    <section className="section-open" aria-labelledby="requests">
      <h2 id="requests">{say('record.requests')}</h2>
      <div className="filters">
        <SegmentedControl
          aria-label={say('record.requests.state')}
          data={[
            { value: 'open', label: say('record.requests.open') },
            { value: 'all', label: say('record.requests.all') },
          ]}
          value={state}
          onChange={(value) => setState(value === 'all' ? 'all' : 'open')}
        />
      </div>
      <Pages
        query={query}
        name={say('record.requests')}
        empty={say(state === 'open' ? 'record.requests.empty' : 'record.requests.none')}
        emptyHint={say('record.requests.empty.hint')}
      >
        {(requests: readonly TraceRequestOfCaseView[]) => (
          <table className="table cards">
            <thead>
              <tr>
                <th scope="col">{say('record.request.who')}</th>
                <th scope="col">{say('record.request.what')}</th>
                <th scope="col">{say('record.request.at')}</th>
                <th scope="col">{say('record.request.due')}</th>
                <th scope="col">{say('record.request.answer')}</th>
              </tr>
            </thead>
            <tbody>
              {requests.map((request) => (
                <Row key={`${request.case}/${request.number}`} request={request} now={now} />
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </section>
  );
}

function Row({ request, now }: { request: TraceRequestOfCaseView; now: number }) {
  const { case: id, title, direction, partner, official, text, at, due, answer, answeredAt, answeredBy } = request;
  const end = answeredAt === null ? now : Date.parse(answeredAt);
  const isLate = end > Date.parse(due);
  return (
    <tr>
      <td>
        <b>{say(direction === 'in' ? 'record.request.in' : 'record.request.out', { partner })}</b>
        {official ? <div className="muted">{say('record.request.official')}</div> : null}
      </td>
      <td data-label={say('record.request.what')}>
        <div>
          {text}
          <div>
            <Link to={`/cases/${id}`}>
              {id} {title}
            </Link>
          </div>
        </div>
      </td>
      <td data-label={say('record.request.at')}>
        <WhenExact at={at} />
      </td>
      <td data-label={say('record.request.due')}>
        <div>
          <WhenExact at={due} />{' '}
          {isLate ? (
            <b className="trouble">{say(answer === null ? 'record.request.late' : 'record.request.was')}</b>
          ) : null}
        </div>
      </td>
      <td data-label={say('record.request.answer')}>
        {answer === null ? (
          <span className="muted">{say('record.request.none')}</span>
        ) : (
          <div>
            {answer}
            <div className="muted">
              {answeredBy}, <WhenExact at={answeredAt ?? at} />
            </div>
          </div>
        )}
      </td>
    </tr>
  );
}
