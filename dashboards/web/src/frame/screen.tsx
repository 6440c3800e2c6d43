import { type ComponentType, useEffect, useState } from 'react';
import { usePageSettings } from '../parts/PageSettings.tsx';
import { Loading } from '../parts/States.tsx';
import { Unloaded } from './Unloaded.tsx';

/**
 * A screen whose file loads when it is first opened. One that does not come (the server is down, or was upgraded under
 * an old tab) says so inside the frame, with the navigation still there, instead of breaking the page.
 *
 * @param load imports the screen's file and gives its component
 */
export function screen(load: () => Promise<ComponentType>): ComponentType {
  let loaded: ComponentType | null = null;
  return function Screen() {
    const [Shown, setShown] = useState(() => loaded);
    const [error, setError] = useState<Error | null>(null);
    // What was set of the page changes every figure and text of a screen: it is drawn again.
    usePageSettings();
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (component) => {
          loaded = component;
          setShown(() => component);
        },
        (reason: unknown) => setError(reason instanceof Error ? reason : new Error(String(reason))),
      );
    }, []);
    if (Shown !== null) return <Shown />;
    return error === null ? <Loading rows={5} height={72} /> : <Unloaded error={error} />;
  };
}
