import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { AUDIT_RISKS } from '../../../../domain/audit-risk.ts';
import type { AuditReviewView, NextReviewView, PlacedEntryView } from '../../../api/index.ts';
import { SignFields, useSignState } from '../case/SignFields.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { AdminPage } from './AdminPage.tsx';
import { AuditRow } from './Audit.tsx';
import css from './admin.module.css';
import { Pages } from './Pages.tsx';
import { ReviewReportLink } from './ReviewReportLink.tsx';
import { useNextReview, useReviewEntries, useReviews, useSignReview } from './review-queries.ts';

const MEANING = 'reviewed the audit trail';
const RISKS = [...AUDIT_RISKS, 'all'] as const;
type Shown = (typeof RISKS)[number];

/** What was decided since the audit trail was last looked at, by risk, and the signature of who did. */
export function AuditReview() {
  return (
    <AdminPage text="review.title" permission="audit.read">
      <p className={css.lead}>{say('review.hint')}</p>
      <Next />
      <Past />
    </AdminPage>
  );
}

function Next() {
  const { data: next, error, isPending, refetch } = useNextReview();
  const maySign = useMay('audit.review');
  if (isPending) return <Loading rows={4} height={52} />;
  if (next === undefined)
    return <Failed error={error ?? new Error('')} what={say('review.title')} onRetry={() => void refetch()} />;
  if (next.to === next.after)
    return (
      <section className="section-open">
        <Nothing title={say('review.nothing')}>{say('review.nothing.hint')}</Nothing>
      </section>
    );
  return (
    <>
      <Entries next={next} />
      {maySign ? <Sign next={next} /> : null}
    </>
  );
}

function Entries({ next }: { next: NextReviewView }) {
  const { after, to, from, until, byRisk, own, beyond } = next;
  const [search, setSearch] = useSearchParams();
  const asked = search.get('risk');
  const shown: Shown = RISKS.find((risk) => risk === asked) ?? 'high';
  const query = useReviewEntries(next, shown === 'all' ? '' : shown);
  return (
    <section className="section-open" aria-labelledby="since">
      <h2 id="since">{say(after === 0 ? 'review.waiting.first' : 'review.waiting', { entries: to - after })}</h2>
      <p className="muted">
        {from === null || until === null ? null : (
          <Say text="review.span" values={{ from: <WhenExact at={from} />, until: <WhenExact at={until} /> }} />
        )}
        {own === 0 ? null : <> · {say('review.own', { entries: own })}</>}
        {beyond === 0 ? null : <> · {say('review.beyond', { entries: beyond })}</>}
      </p>
      <div className="filters">
        <SegmentedControl
          aria-label={say('review.risk')}
          value={shown}
          data={RISKS.map((risk) => ({
            value: risk,
            label: say('review.risk.count', {
              risk: say(`review.risk.${risk}`),
              entries: count(risk === 'all' ? to - after : byRisk[risk]),
            }),
          }))}
          onChange={(risk) => setSearch(risk === 'high' ? {} : { risk }, { replace: true })}
        />
      </div>
      <p className="muted">{say(`review.risk.${shown}.hint`)}</p>
      <Pages query={query} name={say('review.title')} empty={say('review.none')}>
        {(entries: readonly PlacedEntryView[]) => (
          <table className={`table cards ${css.table}`}>
            <thead>
              <tr>
                <th scope="col">{say('audit.at')}</th>
                <th scope="col">{say('audit.actor')}</th>
                <th scope="col">{say('audit.action')}</th>
                <th scope="col">{say('audit.subject')}</th>
                <th scope="col">{say('audit.reason')}</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <AuditRow
                  key={entry.id}
                  entry={entry}
                  beside={shown === 'all' ? <span className="tag">{say(`review.risk.${entry.risk}`)}</span> : null}
                />
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </section>
  );
}

/** What it means stands beside the fields; both components are typed each time, or a passkey or fresh sign-in signs. */
function Sign({ next }: { next: NextReviewView }) {
  const sign = useSignReview();
  const [comment, setComment] = useState('');
  const how = { methods: next.methods, needsUser: true, needsCode: false, needsSecond: false };
  const state = useSignState(how);
  const { error } = sign;
  const { after, to, chain } = next;
  const { signing } = state;
  const isReady = comment.trim().length >= 3 && signing !== null;
  return (
    <form
      className={`panel section ${css.form}`}
      aria-labelledby="sign"
      onSubmit={(event) => {
        event.preventDefault();
        // Enter pressed twice signs once.
        if (sign.isPending || !isReady || signing === null) return;
        const wish = { after, to, chain, comment: comment.trim() };
        sign.mutate({ wish, meaning: MEANING, signing }, { onError: state.refused });
      }}
    >
      <h2 id="sign">{say('review.sign')}</h2>
      <p>
        <Say
          text="review.sign.what"
          values={{ first: <b>{count(after + 1)}</b>, last: <b>{count(to)}</b>, meaning: <b>{MEANING}</b> }}
        />
      </p>
      <Textarea
        className={css.whole ?? ''}
        label={say('review.comment')}
        placeholder={say('review.comment.hint')}
        withAsterisk={false}
        required
        autosize
        minRows={2}
        minLength={3}
        maxLength={4_000}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <SignFields state={state} how={how} meanings={[]} />
      <Button type="submit" loading={sign.isPending} disabled={!isReady}>
        {say('review.do')}
      </Button>
      <Trouble error={error} />
    </form>
  );
}

function Past() {
  const query = useReviews();
  return (
    <section className="section-open" aria-labelledby="past">
      <h2 id="past">{say('review.past')}</h2>
      <Pages
        query={query}
        name={say('review.past')}
        empty={say('review.past.empty')}
        emptyHint={say('review.past.empty.hint')}
      >
        {(reviews: readonly AuditReviewView[]) => (
          <table className={`table cards ${css.table}`}>
            <thead>
              <tr>
                <th scope="col">{say('audit.at')}</th>
                <th scope="col">{say('review.past.what')}</th>
                <th scope="col">{say('review.past.found')}</th>
                <th scope="col">{say('review.past.signature')}</th>
              </tr>
            </thead>
            <tbody>
              {reviews.map((review) => (
                <PastRow key={review.number} review={review} />
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </section>
  );
}

function PastRow({
  review: { number, after, to, byRisk, own, comment, signature, broken },
}: {
  review: AuditReviewView;
}) {
  return (
    <tr>
      <td>
        <WhenExact at={signature.at} />
      </td>
      <td data-label={say('review.past.what')}>
        <span>
          {say('review.past.range', { first: count(after + 1), last: count(to) })}
          <div className="muted">
            {say('review.past.risks', byRisk)}
            {own === 0 ? null : <>, {say('review.past.own', { entries: own })}</>}
          </div>
        </span>
      </td>
      <td data-label={say('review.past.found')}>{comment}</td>
      <td data-label={say('review.past.signature')}>
        <span>
          {say('review.signed', { by: signature.by, role: signature.role })}
          <div className="muted">{say('review.signed.meaning', { meaning: signature.meaning })}</div>
          <div className="muted" title={signature.recordHash}>
            {say('review.past.hash', { hash: signature.recordHash.slice(0, 16) })}
          </div>
          <ReviewReportLink number={number} />
          {broken === null ? null : <p className="trouble">{say('review.past.broken', { broken })}</p>}
        </span>
      </td>
    </tr>
  );
}
