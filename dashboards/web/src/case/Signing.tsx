import { useEffect, useState } from 'react';
import { useTitle } from '../parts/useTitle.ts';
import { say } from '../text/say.ts';
import { answerWindow, refusalOf } from './signing-window.ts';

/** What stands in the window beside a form that is being signed, before and after the provider's page. */
export function Signing() {
  useTitle(say('case.signing'));
  // Taken once: the ticket stays in no address.
  const [said] = useState(() => new URLSearchParams(window.location.hash.slice(1)));
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    window.history.replaceState(null, '', `/signing#window=${said.get('window') ?? ''}`);
    return answerWindow(said, () => {
      setDone(true);
      window.close();
    });
  }, [said]);
  const refused = said.get('refused');
  return (
    <section className="panel section">
      <h1>{say('case.signing')}</h1>
      {refused !== null && !isDone ? (
        <p role="alert" className="trouble">
          {refusalOf(refused)}
        </p>
      ) : null}
      <p>{say(isDone || refused !== null ? 'case.signing.close' : 'case.signing.wait')}</p>
    </section>
  );
}
