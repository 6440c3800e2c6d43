/**
 * The records as CSV, JSON lines and Parquet, with a manifest of hashes, for people and other programs. It must never
 * know why they ask.
 */
export { type ExportManifest, type ExportOptions, exportRecords } from './export.ts';
