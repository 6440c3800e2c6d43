import { useState } from 'react';
import { Link } from 'react-router';
import { say } from '../text/say.ts';
import { JobSteps, jobName } from './JobSteps.tsx';
import css from './Practice.module.css';
import { addressOf, usePracticeJobs } from './practice-queries.ts';

/** On every screen of the practice site: how far one is, what is next and how, and the way out. */
export function PracticeBar() {
  const { data } = usePracticeJobs();
  const [isOpen, setOpen] = useState(false);
  if (data === undefined) return null;
  const { jobs, role, home, password } = data;
  const done = jobs.filter(({ isDone }) => isDone).length;
  const next = jobs.find(({ isDone }) => !isDone);
  return (
    <section className={css.bar} aria-label={say('practice.title')}>
      <div className={css.line}>
        <span role="status">
          {say('practice.as', { role: say(`practice.role.${role}`), done, all: jobs.length })}{' '}
          <b>{next === undefined ? say('practice.allDone') : say('practice.next', { job: jobName(next.id) })}</b>
        </span>
        {next === undefined ? null : (
          <button
            type="button"
            className="quiet-button"
            aria-expanded={isOpen}
            aria-controls="practice-how"
            onClick={() => setOpen(!isOpen)}
          >
            {say('practice.how')}
          </button>
        )}
        <Link to="/practice">{say('practice.all')}</Link>
        <a href={`${addressOf(home)}/practice`}>{say('practice.leave')}</a>
      </div>
      {next === undefined ? null : (
        <div id="practice-how" hidden={!isOpen} className={css.how}>
          <JobSteps job={next.id} />
          <p>
            <Link to={next.start}>{say('practice.open')}</Link> {' · '}
            {say('practice.password', { password })}
          </p>
        </div>
      )}
    </section>
  );
}
