import type pg from 'pg';

/** What reads: a transaction's connection or the pool. */
export interface Queries {
  query<Row extends pg.QueryResultRow>(text: string, parameters?: unknown[]): Promise<{ rows: Row[] }>;
}
