import { Button } from '@mantine/core';
import { IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { say } from '../text/say.ts';

const ASK_EVERY_MS = 3_000;
/** A page that was loaded again and still lacks the file does not load itself for ever. */
const AGAIN_AFTER_MS = 60_000;
const LOADED_AGAIN_AT = 'isotherm-loaded-again-at';

/**
 * A screen's file did not come. The server is asked until it answers; then the whole page is loaded again, at the same
 * address: after an upgrade its files have other names, and a browser may remember for good that an import failed.
 */
export function Unloaded({ error }: { error: Error }) {
  const isStuck = useReloadWhenServed();
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

/** @returns whether loading again has been tried just now and did not help */
function useReloadWhenServed(): boolean {
  const [isStuck, setStuck] = useState(false);
  useEffect(() => {
    let isHere = true;
    const timer = setInterval(() => void look(), ASK_EVERY_MS);
    void look();
    async function look() {
      if (!(await isServed()) || !isHere) return;
      clearInterval(timer);
      const last = Number(sessionStorage.getItem(LOADED_AGAIN_AT) ?? 0);
      if (Date.now() - last < AGAIN_AFTER_MS) {
        setStuck(true);
        return;
      }
      sessionStorage.setItem(LOADED_AGAIN_AT, String(Date.now()));
      window.location.reload();
    }
    return () => {
      isHere = false;
      clearInterval(timer);
    };
  }, []);
  return isStuck;
}

async function isServed(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { cache: 'no-store' })).ok;
  } catch {
    // Not reachable: that is the answer.
    return false;
  }
}
