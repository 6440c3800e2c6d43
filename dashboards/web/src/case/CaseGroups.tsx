import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { CaseGroupView, CaseView } from '../../../api/case.ts';
import { Failed, Loading } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { count, counted, degrees, told } from '../words/figures.ts';
import { packOf, unitText } from '../words/printed.ts';
import { span } from '../words/when.ts';
import css from './case.module.css';
import { useCaseSerials } from './case-queries.ts';
import { decidedText, dispositionText, groupText } from './case-words.ts';

/** Serials that went through the same: what that was, what it used up, what is proposed and why. */
export function CaseGroups({ one }: { one: CaseView }) {
  return (
    <section className="section-open" aria-labelledby="groups">
      <h2 id="groups">{say('case.groups')}</h2>
      {one.groups.length === 0 ? (
        <p className="panel section muted">{say('case.groups.none')}</p>
      ) : (
        <>
          <p className={`muted ${css.hint}`}>{say('case.groups.hint')}</p>
          <div className={css.groups}>
            {one.groups.map((group) => (
              <Group key={group.id} one={one} group={group} />
            ))}
          </div>
        </>
      )}
    </section>
  );
}

function Group({ one, group }: { one: CaseView; group: CaseGroupView }) {
  const mayDecide = useMay('case.decide');
  const setSearch = useSearchParams()[1];
  const { proposal, decided, waiting, changed } = group;
  const undecided = group.undecided - waiting;
  return (
    <div className={`panel ${css.group}`}>
      <header>
        <h3>{say('case.group', { name: group.name })}</h3>
        <b className="figure">{counted(group.serials, 'serial')}</b>
        <span className="muted">{groupText(group)}</span>
        <span className="spring" />
        {decided.map(({ disposition, serials }) => (
          <span key={disposition} className="tag">
            {say('case.group.inForce', { serials: counted(serials, 'serial'), decided: decidedText(disposition) })}
          </span>
        ))}
        {undecided === 0 ? null : (
          <span className="tag">{say('case.group.undecided', { serials: counted(undecided, 'serial') })}</span>
        )}
        {waiting === 0 ? null : (
          <span className="tag">{say('case.group.waiting', { serials: counted(waiting, 'serial') })}</span>
        )}
        {changed === 0 ? null : (
          <span className={`tag ${css.stale}`}>
            {say('case.group.changed', { serials: counted(changed, 'serial') })}
          </span>
        )}
        {mayDecide && one.state !== 'closed' ? (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={say('case.decide.group', { name: group.name })}
            onClick={() => {
              setSearch({ decide: group.id });
              window.scrollTo({ top: 0 });
            }}
          >
            {say('case.decide.otherwise')}
          </Button>
        ) : null}
      </header>
      <Exposure group={group} />
      <Budget group={group} />
      <div>
        <span className={css.label}>{say('case.proposal')}</span>
        <p>
          <b>{dispositionText(proposal.disposition)}</b>
          {proposal.isCertain ? null : <span className="muted"> {say('case.proposal.uncertain')}</span>}
        </p>
        <ul className={css.reasons}>
          {proposal.reasons.map((reason) => (
            <li key={reason}>{told(reason)}</li>
          ))}
        </ul>
      </div>
      <Serials one={one} group={group} />
    </div>
  );
}

const minutes = (value: number) => span(value * 60_000);

function Exposure({ group: { exposure } }: { group: CaseGroupView }) {
  const { min, max, mkt, minutesAbove, minutesBelow, minutesUnknown, minutesSuspect } = exposure;
  const times = [
    minutesAbove > 0 ? say('case.group.above', { span: minutes(minutesAbove) }) : null,
    minutesBelow > 0 ? say('case.group.below', { span: minutes(minutesBelow) }) : null,
    minutesUnknown > 0 ? say('case.group.unknown', { span: minutes(minutesUnknown) }) : null,
    minutesSuspect > 0 ? say('case.group.suspect', { span: minutes(minutesSuspect) }) : null,
  ].filter((text) => text !== null);
  return (
    <div>
      <span className={css.label}>{say('case.group.exposure')}</span>
      {min === null || max === null ? (
        <p>{say('case.group.unmeasured')}</p>
      ) : (
        <p>
          <b className="figure">{say('case.group.range', { min: degrees(min), max: degrees(max) })}</b>
          {mkt === null ? null : <span className="muted"> {say('case.group.mkt', { mkt: degrees(mkt) })}</span>}
        </p>
      )}
      {times.length > 0 ? (
        <ul>
          {times.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      ) : min === null ? null : (
        <p className="muted">{say('case.group.inside')}</p>
      )}
    </div>
  );
}

function Budget({ group: { exposure } }: { group: CaseGroupView }) {
  const { budget } = exposure;
  if (budget === null)
    return (
      <div>
        <span className={css.label}>{say('case.group.budget')}</span>
        <p className="muted">{say('case.group.budget.none')}</p>
      </div>
    );
  const { limit, used, left, carriedIn, excused } = budget;
  const share = limit > 0 ? Math.min(100, Math.max(0, (used / limit) * 100)) : 100;
  return (
    <div>
      <span className={css.label}>{say('case.group.budget')}</span>
      <p>
        {left >= 0
          ? say('case.group.budget.left', { left: minutes(left), limit: minutes(limit) })
          : say('case.group.budget.over', { over: minutes(-left), limit: minutes(limit) })}
      </p>
      <div className={css.bar} data-over={left < 0} aria-hidden="true">
        <span style={{ width: `${share}%` }} />
      </div>
      <p className="muted">
        {[
          carriedIn > 0 ? say('case.group.budget.carried', { span: minutes(carriedIn) }) : null,
          excused > 0 ? say('case.group.budget.excused', { span: minutes(excused) }) : null,
        ]
          .filter((text) => text !== null)
          .join(', ')}
      </p>
    </div>
  );
}

function Serials({ one, group }: { one: CaseView; group: CaseGroupView }) {
  const [isOpen, setOpen] = useState(false);
  const query = useCaseSerials(one.id, one.revision, group.id, isOpen);
  const serials = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{say('case.group.serials')}</summary>
      {!isOpen ? null : query.isPending ? (
        <Loading rows={2} height={44} />
      ) : query.data === undefined ? (
        <Failed error={query.error ?? new Error('')} what={say('case.serials')} onRetry={() => void query.refetch()} />
      ) : (
        <>
          <ul className={css.serials}>
            {serials.map(({ epc, serial, unit, decision }) => (
              <li key={epc}>
                <Link to={`/serials/${encodeURIComponent(epc)}`}>{serial ?? packOf(epc)?.serial ?? epc}</Link>{' '}
                <span className="muted">
                  {unit === null ? null : unitText(unit)}
                  {decision === null ? null : <> · {decidedText(decision.disposition)}</>}
                </span>
              </li>
            ))}
          </ul>
          {query.hasNextPage ? (
            <div className="more">
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {say('case.more')}
              </Button>
              <span className="muted">
                {say('alert.of', { length: count(serials.length), count: counted(group.serials, 'serial') })}
              </span>
            </div>
          ) : null}
        </>
      )}
    </details>
  );
}
