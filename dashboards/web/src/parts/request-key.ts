import { useRef } from 'react';
import { randomId } from './random-id.ts';

/**
 * The key of what a form sends (`Idempotency-Key`): the same as long as it says the same, so that what is sent once more after an
 * answer that was lost is done once. For forms that are gone when they are done.
 */
export function useRequestKey(): (given: unknown) => string {
  const kept = useRef({ said: '', key: '' });
  return (given) => {
    const said = JSON.stringify(given);
    if (kept.current.said !== said) kept.current = { said, key: randomId() };
    return kept.current.key;
  };
}
