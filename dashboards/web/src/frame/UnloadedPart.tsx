import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { say } from '../text/say.ts';
import { type LoadingAgain, loadAgainWhenServed } from './load-again.ts';
import { hasTyped } from './typed.ts';
import css from './UnloadedPart.module.css';

/**
 * The file of a part of a screen did not come, most often because the server has a new version, whose files have other names. The screen
 * around it goes on. The page loads itself again where nothing has been typed on it, and asks else.
 */
export function UnloadedPart({ error }: { error: Error }) {
  const [outcome, setOutcome] = useState<LoadingAgain>('wait');
  useEffect(() => loadAgainWhenServed(() => !hasTyped(), setOutcome), []);
  const said = {
    wait: say('frame.partWaits'),
    ask: say('frame.partOfNewVersion'),
    tried: say('frame.partNotLoaded', { message: error.message }),
  }[outcome];
  return (
    <div className={`panel ${css.part}`} role="status">
      <p>{said}</p>
      {outcome === 'wait' ? null : (
        <Button variant="default" size="xs" onClick={() => window.location.reload()}>
          {say('frame.loadAgain')}
        </Button>
      )}
    </div>
  );
}
