import type pg from 'pg';

/** Anything that runs a statement: a connection's client or the pool. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<pg.QueryResult<Row>>;
}
