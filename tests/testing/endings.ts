import { setTimeout as sleep } from 'node:timers/promises';

/** How long an exit may come behind the connection that broke with it. */
const BEHIND_MS = 500;

/** What is said once of a program that ended by itself, by the address it was reached at. */
const endings = new Map<string, Promise<string>>();

/** For {@link whyGone}, as soon as it has an address. @param ended never fulfilled where it was told to end */
export function watchEnding(httpUrl: string, ended: Promise<string>): void {
  endings.set(httpUrl, ended);
}

/** Asked when an address did not answer. @returns null where no program there is known to have ended by itself */
export async function whyGone(httpUrl: string): Promise<string | null> {
  const ending = endings.get(httpUrl);
  if (ending === undefined) return null;
  return Promise.race([ending, sleep(BEHIND_MS, null)]);
}
