import { useEffect } from 'react';

/** Names the browser's tab after what the screen shows; null leaves it until the name is known. */
export function useTitle(name: string | null): void {
  useEffect(() => {
    if (name !== null) document.title = `${name} · Isotherm`;
  }, [name]);
}
