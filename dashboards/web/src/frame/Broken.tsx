import { Button } from '@mantine/core';
import { useRouteError } from 'react-router';
import css from '../sign-in/SignIn.module.css';
import { say } from '../text/say.ts';

/** A screen that could not be drawn: a defect of ours. Says what to do, and shows what to report. */
export function Broken() {
  const error = useRouteError();
  return (
    <section className={css.signIn}>
      <div className={`${css.signInBox} panel ${css.signInForm}`} role="alert">
        <h1>{say('frame.thisScreenCouldNotBe')}</h1>
        <p>{say('frame.nothingIsLostShipmentsReadings')}</p>
        <Button onClick={() => window.location.reload()}>{say('frame.loadAgain')}</Button>
        <Button variant="default" component="a" href="/">
          {say('frame.goToTheFirstScreen')}
        </Button>
        <p className="muted">
          {say('frame.ifItHappensAgainReport', { detail: error instanceof Error ? error.message : String(error) })}
        </p>
      </div>
    </section>
  );
}
