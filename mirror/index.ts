/**
 * The mirror copies readings to stores of others: InfluxDB, over HTTP. In come the log's readings as a consumer; out go
 * points, of values that are stored. It is optional: what it cannot deliver waits, and where the log has gone on without
 * it, it copies the table. It must never hold up anything else.
 */
export type { InfluxSettings } from './influx-server.ts';
export { InfluxMirror, type InfluxMirrorOptions } from './mirror.ts';
