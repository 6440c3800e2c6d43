import { useEffect } from 'react';

/** Names the browser's tab after what the screen shows; null leaves it until the name is known. */
export function useTitle(name: string | null): void {
  useEffect(() => {
    const mark = document.documentElement.dataset.practice === undefined ? '' : 'PRACTICE · ';
    if (name !== null) document.title = `${mark}${name} · Isotherm`;
  }, [name]);
}
