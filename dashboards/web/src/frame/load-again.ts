const ASK_EVERY_MS = 3_000;
/** A page that was loaded again and still lacks the file does not load itself for ever. */
const AGAIN_AFTER_MS = 60_000;
const LOADED_AGAIN_AT = 'isotherm-loaded-again-at';

/** `wait`: the server does not answer yet; `tried`: loading again has been tried just now and did not help; `ask`: a person has to say so. */
export type LoadingAgain = 'wait' | 'tried' | 'ask';

/**
 * Asks the server until it answers; then the whole page is loaded again, at the same address: after an upgrade its files have other names,
 * and a browser may remember for good that an import failed.
 *
 * @param mayLoad whether it may be loaded without asking, once the server answers
 * @returns what ends it
 */
export function loadAgainWhenServed(mayLoad: () => boolean, told: (outcome: LoadingAgain) => void): () => void {
  let isHere = true;
  const timer = setInterval(() => void look(), ASK_EVERY_MS);
  void look();
  async function look() {
    if (!(await isServed()) || !isHere) return;
    clearInterval(timer);
    const last = Number(sessionStorage.getItem(LOADED_AGAIN_AT) ?? 0);
    if (Date.now() - last < AGAIN_AFTER_MS) {
      told('tried');
      return;
    }
    if (!mayLoad()) {
      told('ask');
      return;
    }
    sessionStorage.setItem(LOADED_AGAIN_AT, String(Date.now()));
    window.location.reload();
  }
  return () => {
    isHere = false;
    clearInterval(timer);
  };
}

async function isServed(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { cache: 'no-store' })).ok;
  } catch {
    // Not reachable: that is the answer.
    return false;
  }
}
