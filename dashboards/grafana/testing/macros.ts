/** What a dashboard is looked at with: a time range, and a value or several for each variable. */
export interface View {
  /** Epoch ms UTC. */
  readonly from: number;
  readonly to: number;
  readonly intervalMs: number;
  readonly variables: Readonly<Record<string, string | readonly string[]>>;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * SQL as Grafana sends it to PostgreSQL: variables first, then the macros of its PostgreSQL data source (its
 * documentation, "PostgreSQL query editor", macros; without TimescaleDB).
 *
 * @throws {Error} for a variable or macro that is none: Grafana would send it as it stands
 */
export function asSent(rawSql: string, { from, to, intervalMs, variables }: View): string {
  const time = (ms: number) => `'${new Date(ms).toISOString()}'`;
  const sql = rawSql
    .replaceAll('$__interval_ms', String(intervalMs))
    .replaceAll('$__interval', `${Math.ceil(intervalMs / 1000)}s`)
    .replaceAll(`\${__from}`, String(from))
    .replaceAll(`\${__to}`, String(to))
    .replaceAll(/\$\{(\w+):sqlstring\}/g, (_, name: string) => sqlString(variables[name], name))
    .replaceAll(/\$__timeFilter\((\w+)\)/g, (_, column: string) => `${column} BETWEEN ${time(from)} AND ${time(to)}`)
    .replaceAll('$__timeFrom()', time(from))
    .replaceAll('$__timeTo()', time(to))
    .replaceAll(/\$__timeGroup\(("?\w+"?), ?'(\d+)([smhd])'\)/g, (_, column: string, count: string, unit: string) => {
      const seconds = Number(count) * (UNITS[unit] ?? Number.NaN);
      return `floor(extract(epoch from ${column})/${seconds})*${seconds}`;
    });
  const left = /\$(\w+|\{[^}]*\})/.exec(sql);
  if (left !== null) throw new Error(`Grafana knows no ${left[0]} in: ${rawSql}`);
  return sql;
}

/** Grafana's `sqlstring`: quoted, quotes doubled, several joined by commas. */
function sqlString(value: string | readonly string[] | undefined, name: string): string {
  if (value === undefined) throw new Error(`no value for the variable ${name}`);
  return [value]
    .flat()
    .map((one) => `'${one.replaceAll("'", "''")}'`)
    .join(',');
}
