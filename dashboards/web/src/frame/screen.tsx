import type { ComponentType } from 'react';
import { usePageSettings } from '../parts/PageSettings.tsx';
import { Loading } from '../parts/States.tsx';
import { later } from './later.tsx';
import { Unloaded } from './Unloaded.tsx';

/**
 * A screen whose file loads when it is first opened. One that does not come (the server is down, or was upgraded under
 * an old tab) says so inside the frame, with the navigation still there, instead of breaking the page.
 *
 * @param load imports the screen's file and gives its component
 */
export function screen(load: () => Promise<ComponentType>): ComponentType {
  const Loaded = later(
    load,
    () => <Loading rows={5} height={72} />,
    (error) => <Unloaded error={error} />,
  );
  return function Screen() {
    // What was set of the page changes every figure and text of a screen: it is drawn again.
    usePageSettings();
    return <Loaded />;
  };
}
