import { useEffect } from 'react';
import { Link } from 'react-router';
import { say } from '../text/say.ts';
import { ago } from '../words/when.ts';
import css from './case.module.css';
import { useMentions, useSawMentions } from './case-queries.ts';

/** Who wrote something that is meant for who is signed in; gone once the case was looked at. */
export function Mentions({ now }: { now: number }) {
  const mentions = useMentions().data?.items ?? [];
  if (mentions.length === 0) return null;
  return (
    <section className={`panel section ${css.mentions}`} aria-labelledby="mentions">
      <h2 id="mentions">{say('case.mentions')}</h2>
      <ul className={css.entries}>
        {mentions.map(({ case: id, title, comment, at, by, text }) => (
          <li key={`${id} ${comment}`} className={css.entry}>
            <Link to={`/cases/${encodeURIComponent(id)}`}>{say('case.mention', { who: by, case: id })}</Link>{' '}
            <span className="muted">
              {title} · {ago(Date.parse(at), now)}
            </span>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Says once that a case which mentions who is signed in is looked at. Draws nothing. */
export function MentionsSeen({ id }: { id: string }) {
  const isMentioned = useMentions().data?.items.some((mention) => mention.case === id) ?? false;
  const { mutate } = useSawMentions(id);
  useEffect(() => {
    if (isMentioned) mutate();
  }, [isMentioned, mutate]);
  return null;
}
