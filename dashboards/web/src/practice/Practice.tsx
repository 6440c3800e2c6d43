import { Button, NativeSelect } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled, IconSchool } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { PRACTICE_ROLES } from '../../../../domain/index.ts';
import { AnswerError } from '../ask.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useSession } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { JobSteps, jobName } from './JobSteps.tsx';
import css from './Practice.module.css';
import {
  addressOf,
  useBeginPractice,
  useEndPractice,
  useEnterPractice,
  usePracticeJobs,
  usePracticeSite,
} from './practice-queries.ts';

/** On the real site: the way to the practice site. On the practice site: the jobs. */
export function Practice() {
  useTitle(say('practice.title'));
  const { data: session } = useSession();
  if (session == null) return null;
  return session.isPractice === true ? <Jobs /> : <Beside role={session.user.role} />;
}

function Beside({ role: own }: { role: string }) {
  const { data: site, error, refetch } = usePracticeSite();
  const [role, setRole] = useState(PRACTICE_ROLES.find((one) => one === own) ?? PRACTICE_ROLES[0]);
  const begin = useBeginPractice();
  const end = useEndPractice();
  const enter = useEnterPractice();
  const { data: session } = useSession();
  if (session?.canPractise !== true) {
    return (
      <>
        <h1>{say('practice.title')}</h1>
        <Nothing
          title={say('practice.off.title')}
          icon={<IconSchool size={32} stroke={1.4} />}
          action={
            <a href="/help/practice" target="_blank" rel="noreferrer">
              {say('practice.off.help')}
            </a>
          }
        >
          {say('practice.off')}
        </Nothing>
      </>
    );
  }
  if (error !== null)
    return <Failed isScreen error={error} what={say('practice.title')} onRetry={() => void refetch()} />;
  if (site === undefined) return <Loading rows={2} />;
  const { state, detail, people, mayEnd } = site;
  const isBusy = state === 'starting' || state === 'stopping' || begin.isPending || end.isPending;
  return (
    <>
      <h1>{say('practice.title')}</h1>
      <section className={`panel section ${css.beside}`}>
        <p>{say('practice.lead')}</p>
        <p className="muted">{say('practice.apart')}</p>
        <p role="status" className={css.state}>
          {isBusy ? (
            <>
              {say('practice.starting')} <span className="muted">{detail}</span>
            </>
          ) : state === 'on' ? (
            say('practice.runs', { people })
          ) : state === 'failed' ? (
            <span className="trouble">{say('practice.failed', { reason: detail ?? '' })}</span>
          ) : (
            say('practice.ended')
          )}
        </p>
        <NativeSelect
          label={say('practice.role')}
          data={PRACTICE_ROLES.map((value) => ({ value, label: say(`practice.role.${value}`) }))}
          value={role}
          onChange={({ currentTarget: { value } }) => setRole(PRACTICE_ROLES.find((one) => one === value) ?? role)}
        />
        <div className="buttons">
          {state === 'on' ? (
            <Button loading={enter.isPending} onClick={() => enter.mutate(role)}>
              {say('practice.enter')}
            </Button>
          ) : (
            <Button loading={isBusy} onClick={() => begin.mutate(false)}>
              {say('practice.start')}
            </Button>
          )}
          {state === 'on' && mayEnd ? (
            <>
              <Confirm
                name={say('practice.anew')}
                question={say('practice.anew.ask', { people })}
                action={say('practice.anew')}
                isPending={begin.isPending}
                onConfirm={() => begin.mutate(true)}
              />
              <Confirm
                name={say('practice.end')}
                question={say('practice.end.ask')}
                action={say('practice.end')}
                isPending={end.isPending}
                onConfirm={() => end.mutate()}
              />
            </>
          ) : null}
        </div>
        {state === 'on' && !mayEnd ? <p className="muted">{say('practice.others')}</p> : null}
        <Trouble error={begin.error ?? end.error ?? enter.error} />
        <p className="muted">{say('practice.idle')}</p>
      </section>
    </>
  );
}

function Jobs() {
  const { data, error, refetch } = usePracticeJobs();
  if (error !== null && data === undefined) {
    const isNobodys = error instanceof AnswerError && error.status < 500;
    return (
      <Failed
        isScreen
        error={error}
        what={say('practice.title')}
        {...(!isNobodys && { onRetry: () => void refetch() })}
      />
    );
  }
  if (data === undefined) return <Loading rows={4} />;
  const { jobs, role, home, password } = data;
  return (
    <>
      <h1>{say('practice.jobs', { role: say(`practice.role.${role}`) })}</h1>
      <p className="muted">{say('practice.seen')}</p>
      <ol className={css.jobs}>
        {jobs.map(({ id, start, isDone }) => (
          <li key={id} className="panel section">
            <h2 className={css.job}>
              {isDone ? (
                <IconCircleCheckFilled size={22} aria-hidden="true" />
              ) : (
                <IconCircle size={22} stroke={1.6} aria-hidden="true" />
              )}
              <span>{jobName(id)}</span>
              <span className="muted">{isDone ? say('practice.done') : say('practice.open.job')}</span>
            </h2>
            <JobSteps job={id} />
            <p>
              <Link to={start}>{say('practice.open')}</Link>
            </p>
          </li>
        ))}
      </ol>
      <p>{say('practice.password', { password })}</p>
      <p>
        <a href={`${addressOf(home)}/practice`}>{say('practice.leave')}</a>
      </p>
    </>
  );
}
