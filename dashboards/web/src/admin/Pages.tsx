import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { say } from '../text/say.ts';

interface PagesProps<T> {
  readonly query: {
    readonly isPending: boolean;
    readonly data: { readonly pages: readonly { readonly items: readonly T[] }[] } | undefined;
    readonly error: Error | null;
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly refetch: () => unknown;
    readonly fetchNextPage: () => unknown;
  };
  /** What it lists, for when it cannot be loaded. */
  readonly name: string;
  readonly empty: string;
  readonly emptyHint?: string;
  readonly children: (items: readonly T[]) => ReactNode;
}

/** A list in all its states: on its way, failed, empty, there, and more of it. */
export function Pages<T>({ query, name, empty, emptyHint, children }: PagesProps<T>) {
  if (query.isPending) return <Loading rows={5} height={52} />;
  if (query.data === undefined)
    return <Failed error={query.error ?? new Error('')} what={name} onRetry={() => void query.refetch()} />;
  const items = query.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <Nothing title={empty}>{emptyHint}</Nothing>;
  return (
    <>
      <div className="panel scroll">{children(items)}</div>
      {query.hasNextPage ? (
        <div className="more">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {say('admin.more')}
          </Button>
        </div>
      ) : null}
    </>
  );
}
