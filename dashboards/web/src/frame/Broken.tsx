import { Button } from '@mantine/core';
import { useRouteError } from 'react-router';
import css from '../sign-in/SignIn.module.css';

/** A screen that could not be drawn: a defect of ours. Says what to do, and shows what to report. */
export function Broken() {
  const error = useRouteError();
  return (
    <section className={css.signIn}>
      <div className={`${css.signInBox} panel ${css.signInForm}`} role="alert">
        <h1>This screen could not be shown</h1>
        <p>
          Nothing is lost: shipments, readings and alerts are kept by the server. Loading the page again usually helps.
        </p>
        <Button onClick={() => window.location.reload()}>Load again</Button>
        <Button variant="default" component="a" href="/">
          Go to the first screen
        </Button>
        <p className="muted">
          If it happens again, report this: {error instanceof Error ? error.message : String(error)}
        </p>
      </div>
    </section>
  );
}
