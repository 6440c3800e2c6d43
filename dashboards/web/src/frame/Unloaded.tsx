import { Button } from '@mantine/core';
import { IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { say } from '../text/say.ts';
import { type LoadingAgain, loadAgainWhenServed } from './load-again.ts';

/** A screen's file did not come: nothing of it is there that could be lost, and the page loads itself again as soon as it is served. */
export function Unloaded({ error }: { error: Error }) {
  const [outcome, setOutcome] = useState<LoadingAgain>('wait');
  useEffect(() => loadAgainWhenServed(() => true, setOutcome), []);
  const isStuck = outcome !== 'wait';
  useTitle(isStuck ? say('frame.notShown') : say('frame.cannotBeReached'));
  return (
    <Nothing
      level="h1"
      title={isStuck ? say('frame.thisScreenCouldNotBe2') : say('frame.isothermCannotBeReached')}
      icon={<IconCloudOff size={32} stroke={1.4} />}
      action={
        <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={() => window.location.reload()}>
          {say('frame.loadAgain')}
        </Button>
      }
    >
      {isStuck ? say('frame.ifLoadingAgainDoesNot', { message: error.message }) : say('frame.thisScreenWasNotOpen')}
    </Nothing>
  );
}
