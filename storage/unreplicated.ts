import type pg from 'pg';

/** Where PostgreSQL warns that a commit waits for its stand-by no longer; unlike the text it is in no language (syncrep.c). */
const WHERE = 'SyncRepWaitForLSN';

/** What pg keeps of a client and does not declare for one of a pool. */
interface Inside {
  readonly connection?: { emit(event: 'error', error: Error): void; readonly stream: { destroy(): void } };
}

/**
 * Whoever waits for a stand-by to have a commit and is cancelled meanwhile (`pg_cancel_backend`) is told by a warning alone
 * that the stand-by may not have it: the statement succeeds, and with the promotion of that stand-by it is gone. From here on
 * the connection is cut at that warning, so that the statement fails with an outcome that is unknown, and is made again.
 */
export function failUnreplicated(client: pg.ClientBase): void {
  client.on('notice', (notice) => {
    if ((notice as { readonly routine?: string }).routine !== WHERE) return;
    const { connection } = client as Inside;
    // The answer may be in the same packet, so that an end alone would come after it.
    connection?.emit('error', new Error('Connection terminated: no stand-by is known to have the commit'));
    connection?.stream.destroy();
  });
}
