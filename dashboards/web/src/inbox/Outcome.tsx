import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { say } from '../text/say.ts';
import { headline, STATE_WORDS } from '../words/alert.ts';
import css from './Inbox.module.css';
import type { ActedOnMany } from './inbox-queries.ts';

const MOST_SHOWN = 8;

/** What became of an action on many: how many it was done to, and of each other one why not and how it is now. */
export function Outcome({
  acted: { action, alerts, acted },
  now,
  onAskComment,
  onClose,
}: {
  acted: ActedOnMany;
  now: number;
  onAskComment: (ids: ReadonlySet<string>) => void;
  onClose: () => void;
}) {
  const names = new Map(alerts.map((alert) => [alert.id, headline(alert, now)]));
  const refused = acted.flatMap(({ id, problem }) => (problem === null ? [] : [{ id, problem }]));
  const needComment = new Set(refused.flatMap(({ id, problem }) => (problem.code === 'COMMENT_REQUIRED' ? [id] : [])));
  const done = acted.length - refused.length;
  return (
    <div className={`panel ${css.outcome}`} role="status">
      <div>
        {done === 0 ? null : <p>{say(`inbox.done.${action}`, { alerts: done })}</p>}
        {refused.length === 0 ? null : (
          <>
            <p className="strong">{say('inbox.refused', { alerts: refused.length })}</p>
            <ul>
              {refused.slice(0, MOST_SHOWN).map(({ id, problem }) => (
                <li key={id}>
                  <Link to={`/alerts/${encodeURIComponent(id)}`}>{names.get(id) ?? id}</Link>
                  {': '}
                  {problem.current === undefined
                    ? (problem.detail ?? problem.title)
                    : say('inbox.refused.now', {
                        detail: `${problem.detail ?? problem.title}.`,
                        state: stateOf(problem.current),
                      })}
                </li>
              ))}
            </ul>
            {refused.length > MOST_SHOWN ? (
              <p className="muted">{say('inbox.refused.more', { alerts: refused.length - MOST_SHOWN })}</p>
            ) : null}
          </>
        )}
      </div>
      <div className="buttons">
        {needComment.size === 0 ? null : (
          <Button size="xs" onClick={() => onAskComment(needComment)}>
            {say('inbox.askComment', { alerts: needComment.size })}
          </Button>
        )}
        <Button size="xs" variant="default" onClick={onClose}>
          {say('inbox.close')}
        </Button>
      </div>
    </div>
  );
}

function stateOf({ state }: Readonly<Record<string, unknown>>): string {
  const words: Readonly<Record<string, string>> = STATE_WORDS;
  return words[String(state)] ?? String(state);
}
