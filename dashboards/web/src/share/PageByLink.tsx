import { IconClock, IconLinkOff } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { isNowhere, send } from '../ask.ts';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useZone } from '../parts/Zone.tsx';
import { language, say, type TextKey } from '../text/say.ts';
import { browserLanguage, useSpoken } from '../text/spoken.ts';
import { offsetText, zoneName } from '../words/when.ts';
import css from './PageByLink.module.css';

interface PageByLinkProps<T> {
  /** What the link shows, as it was last asked for. */
  readonly asked: {
    readonly data: T | undefined;
    readonly error: Error | null;
    readonly isPending: boolean;
    readonly refetch: () => unknown;
  };
  /** What this kind of page is called while nothing is known of it. */
  readonly text: TextKey;
  readonly titleOf: (shown: T) => string;
  /** Under /api/v1, where it is told that somebody saw it. */
  readonly visits: string;
  readonly children: (shown: T) => ReactNode;
}

/** What somebody without an account opens by a link: no menu, nothing else of the installation, in the language of the browser. */
export function PageByLink<T>({ asked, text, titleOf, visits, children }: PageByLinkProps<T>) {
  const { data, error, isPending, refetch } = asked;
  const spoken = useSpoken(browserLanguage());
  useTitle(spoken === null ? null : data === undefined || isNowhere(error) ? say(text) : titleOf(data));
  useNotIndexed();
  useVisit(visits, data !== undefined);
  useSaidLanguage(spoken);
  if (spoken === null) return null;
  return (
    <div className={css.whole}>
      <main className={css.page}>
        {isNowhere(error) ? (
          <Nothing level="h1" title={say('shared.nowhere')} icon={<IconLinkOff size={32} stroke={1.4} />}>
            {say('shared.nowhere.next')}
          </Nothing>
        ) : isPending ? (
          <Loading rows={5} />
        ) : data === undefined ? (
          <Failed isScreen error={error ?? new Error('')} what={say(text)} onRetry={() => void refetch()} />
        ) : (
          <>
            {error === null ? null : (
              <p className="trouble" role="status">
                {say('frame.connectionLostWhatYouSee')}
              </p>
            )}
            {children(data)}
          </>
        )}
      </main>
    </div>
  );
}

/** Whose page it is and for whom, what is shown, and by which clock. */
export function HeadByLink({ title, children }: { title: string; children: ReactNode }) {
  const zone = useZone();
  return (
    <header className={css.head}>
      <p className="muted">{children}</p>
      <h1>{title}</h1>
      <p className={css.zone}>
        <IconClock size={14} stroke={1.7} aria-hidden="true" /> {zoneName(zone)}{' '}
        {zone === 'UTC' ? null : <span className="muted">{offsetText(zone)}</span>}
      </p>
    </header>
  );
}

/** The page says in which language it is: to readers aloud, and to what translates. */
function useSaidLanguage(spoken: string | null): void {
  useEffect(() => {
    if (spoken !== null) document.documentElement.lang = language();
    return () => {
      document.documentElement.lang = 'en';
    };
  }, [spoken]);
}

/** Search engines that run scripts are told as well; the others hear it in a header. */
function useNotIndexed(): void {
  useEffect(() => {
    const meta = document.createElement('meta');
    meta.name = 'robots';
    meta.content = 'noindex, nofollow';
    document.head.append(meta);
    return () => meta.remove();
  }, []);
}

/** Once, when there is something to see and somebody sees it: what only fetches a link runs no script, or shows it to nobody. */
function useVisit(visits: string, isShown: boolean): void {
  const [isVisible, setVisible] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  useEffect(() => {
    if (!isShown || !isVisible) return;
    send<void>('POST', visits).catch((error: unknown) => console.warn('the visit was not recorded', error));
  }, [visits, isShown, isVisible]);
}
