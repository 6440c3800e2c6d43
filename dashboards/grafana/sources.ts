import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';

/** The data sources of provisioning/datasources/isotherm.yaml. */
export const POSTGRES = {
  type: 'grafana-postgresql-datasource',
  uid: 'isotherm-postgres',
} as const satisfies DataSourceRef;
export const INFLUX = { type: 'influxdb', uid: 'isotherm-influx' } as const satisfies DataSourceRef;

export type SqlFormat = 'time_series' | 'table';

/** A query of Grafana's PostgreSQL data source, which the SDK has no type for. */
interface SqlQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly format: SqlFormat;
  readonly editorMode: 'code';
  readonly rawQuery: true;
  readonly rawSql: string;
}

/** A query of Grafana's InfluxDB data source in Flux. */
interface FluxQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly query: string;
}

/** `rawSql` reads the schema `grafana` alone (0010-dashboards.sql) and asks with Grafana's macros and variables. */
export function sql(format: SqlFormat, rawSql: string, refId = 'A'): Builder<Dataquery> {
  const query: SqlQuery = {
    ...{ refId, datasource: POSTGRES, format, editorMode: 'code', rawQuery: true, rawSql },
    ...VARIANT,
  };
  return { build: () => query };
}

export function flux(query: string, refId = 'A'): Builder<Dataquery> {
  const built: FluxQuery = { refId, datasource: INFLUX, query, ...VARIANT };
  return { build: () => built };
}

/** What the SDK knows a query by; a function, so it is not in the JSON. */
const VARIANT = { _implementsDataqueryVariant() {} };
