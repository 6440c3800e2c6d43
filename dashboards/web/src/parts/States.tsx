import { Button, Skeleton } from '@mantine/core';
import { IconCloudOff, IconLock, IconMoodEmpty, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { AnswerError, OfflineError } from '../ask.ts';
import css from './States.module.css';

/** Something is on its way: rows the height of what will come, so that nothing jumps. */
export function Loading({ rows = 6, height = 52 }: { rows?: number; height?: number }) {
  return (
    <div className={`panel ${css.loading}`} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => row).map((row) => (
        <Skeleton key={row} height={height - 20} radius="sm" />
      ))}
    </div>
  );
}

export function Nothing({ title, children, icon }: { title: string; children?: ReactNode; icon?: ReactNode }) {
  return (
    <div className={`panel ${css.nothing}`}>
      <span className={css.nothingIcon} aria-hidden="true">
        {icon ?? <IconMoodEmpty size={32} stroke={1.4} />}
      </span>
      <p className={css.nothingTitle}>{title}</p>
      {children === undefined ? null : <p className="muted">{children}</p>}
    </div>
  );
}

/** What went wrong in words, and the way on. */
export function Failed({ error, onRetry, what }: { error: Error; onRetry?: () => void; what: string }) {
  const isOffline = error instanceof OfflineError;
  const status = error instanceof AnswerError ? error.status : null;
  const title = isOffline
    ? 'Isotherm cannot be reached'
    : status === 404
      ? `${what} was not found`
      : status === 403
        ? `Your role may not see ${what.toLowerCase()}`
        : `${what} could not be loaded`;
  return (
    <div className={`panel ${css.nothing}`} role="alert">
      <span className={css.nothingIcon} aria-hidden="true">
        {status === 403 ? <IconLock size={32} stroke={1.4} /> : <IconCloudOff size={32} stroke={1.4} />}
      </span>
      <p className={css.nothingTitle}>{title}</p>
      <p className="muted">
        {isOffline
          ? 'Check the network. This page tries again by itself.'
          : status === 404
            ? 'It may have another name.'
            : error.message}
      </p>
      {onRetry === undefined || status === 404 ? null : (
        <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
