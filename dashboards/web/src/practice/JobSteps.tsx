import { hasText, say } from '../text/say.ts';
import css from './Practice.module.css';

/** What to do for a job, one after the other. */
export function JobSteps({ job }: { job: string }) {
  return (
    <ol className={css.steps}>
      {textOr(`practice.steps.${job}`, '')
        .split('\n')
        .map((step) => (
          <li key={step}>{step}</li>
        ))}
    </ol>
  );
}

export function jobName(job: string): string {
  return textOr(`practice.job.${job}`, job);
}

/** A job that this page has no words for, being of another version, is shown by its id. */
function textOr(key: string, otherwise: string): string {
  return hasText(key) ? say(key) : otherwise;
}
