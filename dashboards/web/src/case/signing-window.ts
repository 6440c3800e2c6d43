import { randomId } from '../parts/random-id.ts';
import { say } from '../text/say.ts';

/** What the other window says while one of our pages is in it, and when that goes. */
interface Here {
  readonly type: 'here' | 'gone';
  /** Of the sign-in that it comes back from; absent: it has just been opened. */
  readonly ticket?: string;
  readonly refused?: string;
}

/** Where it is to go next, or that it is not needed any more. */
export type Onward = { readonly type: 'go'; readonly path: string } | { readonly type: 'done' };

const CHANNEL = 'isotherm-signing-';
/** As much of the provider's page as is needed; a phone makes it a page of its own. */
const FEATURES = 'popup,width=520,height=760';

interface Waiting {
  readonly path: string;
  /** Sent to the provider: what comes back is its answer. */
  isSent: boolean;
  readonly resolve: (ticket: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The window beside a form in which a person signs in afresh. Between two pages of ours it is the provider's, and cut off
 * from this one; so both talk by a channel of their own name. It stays open for the next signature.
 */
export class SigningWindow {
  readonly #name = randomId();
  #channel: BroadcastChannel | null = null;
  #waiting: Waiting | null = null;
  #isHere = false;

  /**
   * The ticket of a fresh sign-in. To be called while a click is fresh: else the browser opens no window.
   * @param path where the sign-in that signs begins
   */
  ticket(path: () => Promise<string>): Promise<string> {
    if (!this.#isHere) this.#open();
    return path().then(
      (found) =>
        new Promise<string>((resolve, reject) => {
          this.#waiting = { path: `${found}&window=${this.#name}`, isSent: false, resolve, reject };
          if (this.#isHere) this.#send();
        }),
      (error: unknown) => {
        this.close();
        throw error;
      },
    );
  }

  /** Not needed any more; what is waited for is given up. */
  close(): void {
    this.#waiting?.reject(new Error(say('case.sign.oidc.ended')));
    this.#waiting = null;
    this.#channel?.postMessage({ type: 'done' } satisfies Onward);
    this.#channel?.close();
    this.#channel = null;
    this.#isHere = false;
  }

  #open(): void {
    this.close();
    this.#channel = new BroadcastChannel(CHANNEL + this.#name);
    this.#channel.onmessage = ({ data }: MessageEvent<Here>) => this.#told(data);
    if (window.open(`/signing#window=${this.#name}`, '_blank', FEATURES) !== null) return;
    this.close();
    throw new Error(say('case.sign.oidc.blocked'));
  }

  #told({ type, ticket, refused }: Here): void {
    this.#isHere = type === 'here';
    const waiting = this.#waiting;
    if (waiting === null || type === 'gone') return;
    if (!waiting.isSent) {
      this.#send();
      return;
    }
    this.#waiting = null;
    if (ticket !== undefined) {
      waiting.resolve(ticket);
      return;
    }
    waiting.reject(new Error(refusalOf(refused ?? '')));
    this.close();
  }

  #send(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    waiting.isSent = true;
    this.#isHere = false;
    this.#channel?.postMessage({ type: 'go', path: waiting.path } satisfies Onward);
  }
}

/** The other end: says that it is here, and goes where it is sent. @returns stops listening */
export function answerWindow(said: URLSearchParams, onDone: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL + (said.get('window') ?? ''));
  channel.onmessage = ({ data }: MessageEvent<Onward>) => {
    if (data.type === 'done') onDone();
    // Nowhere but to our own server, which sends on to the provider.
    else if (data.path.startsWith('/api/v1/sign-in/oidc/sign?')) window.location.assign(data.path);
  };
  const [ticket, refused] = [said.get('ticket'), said.get('refused')];
  const here: Here = { type: 'here', ...(ticket !== null && { ticket }), ...(refused !== null && { refused }) };
  channel.postMessage(here);
  const gone = () => channel.postMessage({ type: 'gone' } satisfies Here);
  window.addEventListener('pagehide', gone);
  return () => {
    window.removeEventListener('pagehide', gone);
    channel.close();
  };
}

/** The code comes from an address, the words from here. */
export function refusalOf(code: string): string {
  switch (code) {
    case 'OIDC_OTHER_PERSON':
      return say('case.sign.oidc.other');
    case 'OIDC_NOT_FRESH':
      return say('case.sign.oidc.stale');
    case 'OIDC_UNAVAILABLE':
      return say('sign-in.refused.away');
    case 'OIDC_ROLE_UNMAPPED':
      return say('sign-in.refused.role');
    default:
      return say('case.sign.oidc.refused');
  }
}
