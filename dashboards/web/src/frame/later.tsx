import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

/**
 * A component whose file loads when it is first shown, and is kept from then on.
 *
 * @param load imports the file and gives its component
 * @param waiting what stands in its place until it has come
 * @param failed what stands there where it does not come
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  waiting: (props: Props) => ReactNode,
  failed: (error: Error) => ReactNode,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function Later(props: Props) {
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
    return error === null ? waiting(props) : failed(error);
  };
}
