import { useEffect } from 'react';

/**
 * Keeps the screen of a door lit. The browser lets go whenever the page is hidden, so it is asked again each time the page is seen;
 * where it refuses (a low battery, no TLS) the screen follows the settings of its device, as before.
 */
export function useAwake(): void {
  useEffect(() => {
    let isOver = false;
    let held: WakeLockSentinel | null = null;
    const hold = () => {
      if (document.visibilityState !== 'visible') return;
      navigator.wakeLock?.request('screen').then(
        (lock) => {
          held = lock;
          if (isOver) void lock.release();
        },
        // Refused: nothing hangs on it.
        () => {},
      );
    };
    hold();
    document.addEventListener('visibilitychange', hold);
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', hold);
      void held?.release();
    };
  }, []);
}
