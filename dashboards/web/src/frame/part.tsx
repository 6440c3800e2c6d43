import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import { UnloadedPart } from './UnloadedPart.tsx';

/**
 * A part of a screen whose file loads when it is first shown. One that does not come says so in its place and leaves the screen, with what
 * has been typed there, as it is; `lazy` of React would break the whole of it.
 *
 * @param load imports the part's file and gives its component
 * @param waiting what stands in its place until it has come
 */
export function part<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  waiting: (props: Props) => ReactNode = () => null,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function Part(props: Props) {
    const [Shown, setShown] = useState(() => loaded);
    const [error, setError] = useState<Error | null>(null);
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
    if (Shown !== null) return <Shown {...props} />;
    return error === null ? waiting(props) : <UnloadedPart error={error} />;
  };
}
