import { Button, Skeleton } from '@mantine/core';
import { IconCloudOff, IconLock, IconMoodEmpty, IconRefresh } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { AnswerError, OfflineError } from '../ask.ts';
import { say } from '../text/say.ts';
import { saidText } from '../words/said.ts';
import css from './States.module.css';
import { useTitle } from './useTitle.ts';
import { useZone } from './Zone.tsx';

/** Something is on its way: rows the height of what will come, so that nothing jumps. */
export function Loading({ rows = 6, height = 52 }: { rows?: number; height?: number }) {
  return (
    <div className={`panel ${css.loading}`} role="status" aria-label={say('parts.loading')}>
      {Array.from({ length: rows }, (_, row) => row).map((row) => (
        <Skeleton key={row} height={height - 20} radius="sm" />
      ))}
    </div>
  );
}

interface NothingProps {
  readonly title: string;
  /** What to do next, and who can. */
  readonly children?: ReactNode;
  readonly icon?: ReactNode;
  readonly action?: ReactNode;
  /** `h1` where it is all there is on the screen. */
  readonly level?: 'h1' | 'h2';
}

export function Nothing({ title, children, icon, action, level: Heading = 'h2' }: NothingProps) {
  return (
    <div className={`panel ${css.nothing}`}>
      <span className={css.nothingIcon} aria-hidden="true">
        {icon ?? <IconMoodEmpty size={32} stroke={1.4} />}
      </span>
      <Heading className={css.nothingTitle}>{title}</Heading>
      {children === undefined ? null : <p className="muted">{children}</p>}
      {action}
    </div>
  );
}

const RETRY_MS = 5_000;

interface FailedProps {
  readonly error: Error;
  readonly onRetry?: () => void;
  /** What was asked for, as a sentence begins: `This alert`. */
  readonly what: string;
  /** Whether it is all there is on the screen. */
  readonly isScreen?: boolean;
}

/** What went wrong in words, and the way on. Where the server cannot be reached it is asked again by itself. */
export function Failed({ error, onRetry, what, isScreen = false }: FailedProps) {
  const isOffline = error instanceof OfflineError;
  const status = error instanceof AnswerError ? error.status : null;
  const title = isOffline
    ? say('parts.isothermCannotBeReached')
    : status === 404
      ? say('parts.wasNotFound', { what })
      : status === 403
        ? say('parts.yourRoleMayNotSee', { toLowerCase: what.toLowerCase() })
        : say('parts.couldNotBeLoaded', { what });
  useTitle(isScreen ? title : null);
  const retry = useRef(onRetry);
  retry.current = onRetry;
  useEffect(() => {
    if (!isOffline) return undefined;
    const timer = setInterval(() => retry.current?.(), RETRY_MS);
    return () => clearInterval(timer);
  }, [isOffline]);
  const Heading = isScreen ? 'h1' : 'h2';
  return (
    <div className={`panel ${css.nothing}`} role="alert">
      <span className={css.nothingIcon} aria-hidden="true">
        {status === 403 ? <IconLock size={32} stroke={1.4} /> : <IconCloudOff size={32} stroke={1.4} />}
      </span>
      <Heading className={css.nothingTitle}>{title}</Heading>
      <p className="muted">
        {isOffline
          ? say('parts.checkTheNetworkThisPage')
          : status === 404
            ? say('parts.itMayHaveAnotherName')
            : error.message}
      </p>
      {onRetry === undefined || status === 404 ? null : (
        <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry}>
          {say('parts.tryAgain')}
        </Button>
      )}
    </div>
  );
}

/** Why an action was refused, beside its button; the server's own words, field by field. */
export function Trouble({ error }: { error: Error | null }) {
  const zone = useZone();
  if (error === null) return null;
  const faults = error instanceof AnswerError ? (error.problem?.errors ?? []) : [];
  // Who was first and when; of what was typed wrongly the words are shown as they are to be typed.
  const isLate = error instanceof AnswerError && error.status === 409;
  return (
    <p className="trouble" role="alert">
      {faults.length === 0
        ? isLate
          ? saidText(error.message, zone)
          : error.message
        : faults.map(({ message }) => message).join(' · ')}
    </p>
  );
}
