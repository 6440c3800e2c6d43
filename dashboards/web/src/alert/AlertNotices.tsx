import type { AlertDetail, AlertNoticeView } from '../../../api/index.ts';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';

/**
 * Who was told, by which channel, and whether it arrived; then who is next, while nobody acknowledges.
 * @param isBare on a card of its own, which also says that nobody was
 */
export function AlertNotices({ alert, isBare = false }: { alert: AlertDetail; isBare?: boolean }) {
  const { notices, muted } = alert;
  const told = notices.filter(({ state }) => state !== 'waiting' && state !== 'not needed');
  // Of what is still to come, as much as somebody plans by.
  const next = notices.filter(({ state }) => state === 'waiting').slice(0, 5);
  if (notices.length === 0 && muted === null && !isBare) return null;
  return (
    <section className={isBare ? undefined : 'panel section'} aria-labelledby="notices">
      <h2 id="notices">{say('alert.whoWasTold')}</h2>
      {muted === null ? null : <p>{say('alert.isMuted', { why: muted.why })}</p>}
      {told.length === 0 ? <p className="muted">{say('alert.nobodyWasTold')}</p> : null}
      <ol className="history">
        {told.map((notice) => (
          <Notice key={keyOf(notice)} notice={notice} />
        ))}
      </ol>
      {next.length === 0 ? null : (
        <>
          <h3>{say('alert.whoIsNext')}</h3>
          <ol className="history">
            {next.map((notice) => (
              <Notice key={keyOf(notice)} notice={notice} />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Notice({ notice }: { notice: AlertNoticeView }) {
  const { who, channel, why, state, at, due, reason } = notice;
  return (
    <li>
      <strong>
        {who === null ? channel : say('alert.notice.by', { who, channel })}
        {' · '}
        {say(`alert.notice.${keyWord(state)}`)}
      </strong>{' '}
      <When at={at ?? due} />
      <div className="muted">{reason === null ? why : `${why}. ${reason}`}</div>
    </li>
  );
}

function keyWord(state: AlertNoticeView['state']): 'waiting' | 'sent' | 'delivered' | 'givenUp' | 'notNeeded' {
  if (state === 'given up') return 'givenUp';
  return state === 'not needed' ? 'notNeeded' : state;
}

function keyOf({ who, channel, step, due }: AlertNoticeView): string {
  return JSON.stringify([who, channel, step, due]);
}
